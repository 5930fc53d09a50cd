import { hash } from 'node:crypto';
import { chainHash, type Journal } from '@tender/domain';

export const sha256 = (text: string | Uint8Array): string => hash('sha256', text, 'hex');

/** The hash of a journal after that of the one before it. */
export const chained = (prevHash: string, journal: Journal, seq: bigint): string =>
  chainHash(sha256, prevHash, journal, seq);
