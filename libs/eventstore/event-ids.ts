import { hash } from 'node:crypto';

/** Part of the storage format: another namespace would make every retry across a deploy a new event. */
const NAMESPACE = Buffer.from('6f3f6d4c2f0e5b7b9a543a7d0f1c8e21', 'hex');

/**
 * The store recognises a repeated append by its event ids alone, so the same command on the same stream must always give the
 * same ids: then sending an append of unknown outcome again stores it once.
 */
export function eventId(stream: string, commandId: string, index: number): string {
  return uuid5(`${stream}|${commandId}|${index}`);
}

/** RFC 9562 section 5.5. By hand because every event has one, and the uuid package takes three times as long. */
function uuid5(name: string): string {
  const bytes = hash('sha1', Buffer.concat([NAMESPACE, Buffer.from(name)]), 'buffer');
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
