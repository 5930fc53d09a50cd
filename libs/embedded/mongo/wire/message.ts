import { ProtocolFailure } from '../errors';
import { Request } from '../commands/request';
import { MAX_MESSAGE_BYTES } from '../commands/session-commands';
import { assertWellFormed, fieldsOf, Type, Value } from '../values/value';

/** Opcodes and flags of the wire protocol (MongoDB manual, "Wire Protocol"). */
const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Bits above 15 may be ignored by whoever does not know them; exhaustAllowed is one of them. */
const REQUIRED_FLAGS = 0xffff;
const HEADER_BYTES = 16;
const CHECKSUM_BYTES = 4;

export interface Message {
  readonly request: Request;
  readonly requestId: number;
  readonly expectsReply: boolean;
  /** Old clients, and all drivers in their first message, speak OP_QUERY and want OP_REPLY. */
  readonly legacy: boolean;
}

/**
 * Length of the message at the start of `bytes`, or 0 while too little is there to tell.
 * @throws ProtocolFailure for a length outside 16..48,000,000.
 */
export function messageLength(bytes: Buffer): number {
  if (bytes.length < 4) return 0;
  const length = bytes.readInt32LE(0);
  if (length < HEADER_BYTES || length > MAX_MESSAGE_BYTES)
    throw new ProtocolFailure(`message of ${length} bytes`);
  return length;
}

export function readMessage(bytes: Buffer): Message {
  const requestId = bytes.readInt32LE(4);
  const opcode = bytes.readInt32LE(12);
  if (opcode === OP_MSG) return readMsg(bytes, requestId);
  if (opcode === OP_QUERY) return readQuery(bytes, requestId);
  throw new ProtocolFailure(`opcode ${opcode}`);
}

const documentAt = (bytes: Buffer, at: number, end: number): Value =>
  new Value('', Type.object, bytes, at, at, assertWellFormed(bytes, at, end));

function readMsg(bytes: Buffer, requestId: number): Message {
  if (bytes.length < HEADER_BYTES + 5) throw new ProtocolFailure('OP_MSG is too short');
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  if ((flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) {
    throw new ProtocolFailure('unknown required flag');
  }
  const end = bytes.length - ((flags & CHECKSUM_PRESENT) === 0 ? 0 : CHECKSUM_BYTES);
  const sequences = new Map<string, readonly Value[]>();
  let body: Value | undefined;
  let at = HEADER_BYTES + 4;
  while (at < end) {
    const kind = bytes[at++];
    if (kind === 0 && body === undefined) {
      body = documentAt(bytes, at, end);
      at = body.to;
    } else if (kind === 1) {
      const to = at + (at + 4 <= end ? bytes.readInt32LE(at) : end);
      const nameEnd = bytes.indexOf(0, at + 4);
      if (to > end || nameEnd < 0 || nameEnd >= to) throw new ProtocolFailure('document sequence is cut off');
      sequences.set(bytes.toString('utf8', at + 4, nameEnd), readSequence(bytes, nameEnd + 1, to));
      at = to;
    } else throw new ProtocolFailure('unknown section');
  }
  if (body === undefined) throw new ProtocolFailure('OP_MSG without a body');
  const request = new Request(fieldsOf(body), sequences);
  return { request, requestId, expectsReply: (flags & MORE_TO_COME) === 0, legacy: false };
}

function readSequence(bytes: Buffer, from: number, to: number): Value[] {
  const documents: Value[] = [];
  let at = from;
  while (at < to) {
    const document = documentAt(bytes, at, to);
    documents.push(document);
    at = document.to;
  }
  return documents;
}

function readQuery(bytes: Buffer, requestId: number): Message {
  const nameEnd = bytes.indexOf(0, HEADER_BYTES + 4);
  const bodyAt = nameEnd + 1 + 8;
  const collection = bytes.toString('utf8', HEADER_BYTES + 4, Math.max(nameEnd, HEADER_BYTES + 4));
  if (nameEnd < 0 || collection !== 'admin.$cmd')
    throw new ProtocolFailure('OP_QUERY for anything but a handshake');
  const fields = fieldsOf(documentAt(bytes, bodyAt, bytes.length));
  const request = new Request(fields, new Map(), 'admin');
  if (!['hello', 'ismaster', 'isMaster'].includes(request.name)) {
    throw new ProtocolFailure('OP_QUERY for anything but a handshake');
  }
  return { request, requestId, expectsReply: true, legacy: true };
}

let lastReplyId = 0;

export function writeReply(message: Pick<Message, 'requestId' | 'legacy'>, document: Buffer): Buffer[] {
  const between = message.legacy ? 20 : 5;
  const head = Buffer.alloc(HEADER_BYTES + between);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE((lastReplyId = (lastReplyId + 1) | 0), 4);
  head.writeInt32LE(message.requestId, 8);
  head.writeInt32LE(message.legacy ? OP_REPLY : OP_MSG, 12);
  // OP_REPLY: flags, cursor id, starting from, and the number of documents, which is one
  if (message.legacy) head.writeInt32LE(1, HEADER_BYTES + 16);
  return [head, document];
}
