import { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import {
  AccessDenied,
  BadRequest,
  MaximumAppendSizeExceeded,
  StreamDeleted,
  StreamIdentifier,
  Timeout,
  Unknown,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb.js';
import { Code } from '@eventstore/db-client/generated/code_pb.js';
import { Status } from '@eventstore/db-client/generated/status_pb.js';
import { Any } from 'google-protobuf/google/protobuf/any_pb.js';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb.js';
import { ANY, NO_STREAM, STREAM_EXISTS } from '../log/expected-revision';
import { delimitedLength, varintLength, WireReader, writeDelimiter, writeVarint } from '../log/wire';

/** One chunk of an append. The identifiers stay encoded: the reply repeats them. */
export interface BatchChunk {
  readonly correlation: Buffer;
  readonly options: BatchOptions | undefined;
  readonly messages: readonly WireReader[];
  readonly isFinal: boolean;
}

export interface BatchOptions {
  readonly identifier: Buffer;
  readonly stream: string;
  readonly expected: number;
  /** Milliseconds since the Unix epoch. */
  readonly deadlineMs: number | undefined;
}

export type BatchError =
  | { readonly kind: 'wrong-expected-version'; readonly expected: number; readonly current: number }
  | { readonly kind: 'stream-deleted' | 'access-denied' | 'timeout' | 'unknown' }
  | { readonly kind: 'too-big'; readonly maxBytes: number }
  | { readonly kind: 'bad-request'; readonly message: string };

const TYPE_PREFIX = 'type.googleapis.com/event_store.client.';
const NO_BYTES = Buffer.alloc(0);

export function decodeBatchChunk(bytes: Buffer): BatchChunk {
  const reader = new WireReader(bytes);
  let correlation: Buffer = NO_BYTES;
  let options: BatchOptions | undefined;
  const messages: WireReader[] = [];
  let isFinal = false;
  while (reader.next()) {
    if (reader.field === 1) correlation = reader.content();
    else if (reader.field === 2) options = decodeOptions(reader.message());
    else if (reader.field === 3) messages.push(reader.message());
    else if (reader.field === 4) isFinal = reader.varint() !== 0;
    else reader.skip();
  }
  return { correlation, options, messages, isFinal };
}

function decodeOptions(reader: WireReader): BatchOptions {
  let identifier: Buffer = NO_BYTES;
  let expected = ANY;
  let deadlineMs: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) identifier = reader.content();
    else if (reader.field === 2) expected = reader.varint();
    else {
      if (reader.field === 3) expected = NO_STREAM;
      else if (reader.field === 4) expected = ANY;
      else if (reader.field === 5) expected = STREAM_EXISTS;
      if (reader.field === 6) deadlineMs = decodeTimestampMs(reader.message());
      else reader.skip();
    }
  }
  return { identifier, stream: decodeStreamName(identifier), expected, deadlineMs };
}

function decodeStreamName(identifier: Buffer): string {
  const reader = new WireReader(identifier);
  while (reader.next()) {
    if (reader.field === 3) return reader.text();
    reader.skip();
  }
  return '';
}

function decodeTimestampMs(reader: WireReader): number {
  let ms = 0;
  while (reader.next()) {
    if (reader.field === 1) ms += reader.varint() * 1000;
    else if (reader.field === 2) ms += reader.varint() / 1_000_000;
    else reader.skip();
  }
  return ms;
}

/** @param position absent when an empty append wrote nothing; then `revision` may be -1, no stream */
export function encodeBatchSuccess(
  correlation: Buffer,
  identifier: Buffer,
  revision: number,
  position: number | undefined,
): Buffer {
  const revisionBytes = revision < 0 ? 2 : 1 + varintLength(revision);
  const positionMessage = position === undefined ? 0 : 2 * (1 + varintLength(position));
  const success = revisionBytes + delimitedLength(positionMessage);
  const out = Buffer.allocUnsafe(
    delimitedLength(correlation.length) + delimitedLength(success) + delimitedLength(identifier.length),
  );
  let at = writeDelimiter(out, 0, 0x0a, correlation.length);
  at += correlation.copy(out, at);
  at = writeDelimiter(out, at, 0x1a, success);
  if (revision < 0) at = writeDelimiter(out, at, 0x12, 0);
  else {
    out[at++] = 0x08;
    at = writeVarint(out, at, revision);
  }
  at = writeDelimiter(out, at, position === undefined ? 0x22 : 0x1a, positionMessage);
  if (position !== undefined) {
    out[at++] = 0x08;
    at = writeVarint(out, at, position);
    out[at++] = 0x10;
    at = writeVarint(out, at, position);
  }
  at = writeDelimiter(out, at, 0x22, identifier.length);
  identifier.copy(out, at);
  return out;
}

export function encodeBatchError(correlation: Buffer, identifier: Buffer, error: BatchError): Buffer {
  const stream = StreamIdentifier.deserializeBinary(identifier);
  const response = new BatchAppendResp()
    .setCorrelationId(UUID.deserializeBinary(correlation))
    .setStreamIdentifier(stream)
    .setError(toStatus(error, stream));
  return Buffer.from(response.serializeBinary());
}

function toStatus(error: BatchError, stream: StreamIdentifier): Status {
  switch (error.kind) {
    case 'wrong-expected-version':
      return statusOf(
        Code.ALREADY_EXISTS,
        'WrongExpectedVersion',
        wrongVersion(error.expected, error.current),
      );
    case 'stream-deleted':
      return statusOf(Code.NOT_FOUND, 'StreamDeleted', new StreamDeleted().setStreamIdentifier(stream));
    case 'access-denied':
      return statusOf(Code.PERMISSION_DENIED, 'AccessDenied', new AccessDenied());
    case 'timeout':
      return statusOf(Code.DEADLINE_EXCEEDED, 'Timeout', new Timeout());
    case 'too-big': {
      const details = new MaximumAppendSizeExceeded().setMaxappendsize(error.maxBytes);
      return statusOf(Code.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', details);
    }
    case 'bad-request':
      return statusOf(Code.INVALID_ARGUMENT, 'BadRequest', new BadRequest().setMessage(error.message));
    case 'unknown':
      return statusOf(Code.UNKNOWN, 'Unknown', new Unknown());
  }
}

/** The published `google.rpc.Status` repeats its details; EventStoreDB's has exactly one. */
function statusOf(code: Code, name: string, details: { serializeBinary(): Uint8Array }): Status {
  const any = new Any();
  any.setTypeUrl(TYPE_PREFIX + name);
  any.setValue(details.serializeBinary());
  return new Status().setCode(code).setMessage(name).setDetails(any);
}

function wrongVersion(expected: number, current: number): WrongExpectedVersion {
  const details = new WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new Empty());
  else details.setCurrentStreamRevision(String(current));
  if (expected === ANY) return details.setExpectedAny(new Empty());
  if (expected === NO_STREAM) return details.setExpectedNoStream(new Empty());
  if (expected === STREAM_EXISTS) return details.setExpectedStreamExists(new Empty());
  return details.setExpectedStreamPosition(String(expected));
}
