// planted: domain-no-node
import { createHash } from 'node:crypto';
export const found = createHash;
