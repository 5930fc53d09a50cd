import { v5 } from 'uuid';

/** Part of the storage format: another namespace would make every retry across a deploy a new event. */
const NAMESPACE = '6f3f6d4c-2f0e-5b7b-9a54-3a7d0f1c8e21';

/**
 * The store recognises a repeated append by its event ids alone, so the same command on the same stream must always give the
 * same ids: then sending an append of unknown outcome again stores it once.
 */
export function eventId(stream: string, commandId: string, index: number): string {
  return v5(`${stream}|${commandId}|${index}`, NAMESPACE);
}
