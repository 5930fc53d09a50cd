import { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { ProposedEvent } from '../log/record';
import { WireReader } from '../log/wire';
import { invalidArgument, missingMetadataProperty } from './failures';

const JSON_CONTENT_TYPE = 'application/json';
const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const NO_BYTES = new Uint8Array(0);

/** What an event counts towards the append limit (EventStoreDB 24.10: the type is stored in UTF-16). */
export function eventSizeBytes(event: ProposedEvent): number {
  return event.data.length + event.metadata.length + 2 * event.type.length;
}

/**
 * Reads a `ProposedMessage`; Append and BatchAppend number its fields alike.
 * @throws RpcFailure when the id, the type or the content type is missing
 */
export function decodeProposedEvent(message: WireReader): ProposedEvent {
  let id: string | undefined;
  let type: string | undefined;
  let contentType: string | undefined;
  let metadata: Uint8Array = NO_BYTES;
  let data: Uint8Array = NO_BYTES;
  while (message.next()) {
    if (message.field === 1) id = decodeUuid(message.content());
    else if (message.field === 2) {
      const [key, value] = decodeMapEntry(message.message());
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value;
    } else if (message.field === 3) metadata = message.content();
    else if (message.field === 4) data = message.content();
    else message.skip();
  }
  if (id === undefined) throw invalidArgument('An event needs an id.');
  if (type === undefined) throw missingMetadataProperty('type');
  if (contentType === undefined) throw missingMetadataProperty('content-type');
  return { id, type, isJson: contentType === JSON_CONTENT_TYPE, metadata, data };
}

/** A UUID message as canonical text. @throws RpcFailure when it is none */
export function decodeUuid(message: Buffer): string {
  // field 2, the string form, is all that the official client sends
  const text =
    message[0] === 0x12
      ? message.toString('latin1', 2).toLowerCase()
      : uuidText(UUID.deserializeBinary(message));
  if (!UUID_PATTERN.test(text)) throw invalidArgument(`'${text}' is not a UUID.`);
  return text;
}

export function uuidText(uuid: UUID): string {
  const structured = uuid.getStructured();
  if (structured === undefined) return uuid.getString().toLowerCase();
  const hex = [structured.getMostSignificantBits(), structured.getLeastSignificantBits()]
    .map((half) => BigInt.asUintN(64, BigInt(half)).toString(16).padStart(16, '0'))
    .join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function decodeMapEntry(entry: WireReader): [string, string] {
  let key = '';
  let value = '';
  while (entry.next()) {
    if (entry.field === 1) key = entry.text();
    else if (entry.field === 2) value = entry.text();
    else entry.skip();
  }
  return [key, value];
}
