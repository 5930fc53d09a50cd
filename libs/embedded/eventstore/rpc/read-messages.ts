import { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import { LogRecord } from '../log/record';
import { LogReader } from '../log/log-reader';
import { delimitedLength, varintLength, writeDelimiter, writeVarint } from '../log/wire';

const LINK_EVENT = '$>';

/** An event as a reader gets it: `event` is absent when a link leads nowhere. */
export interface ResolvedRecord {
  readonly event: LogRecord | undefined;
  readonly link: LogRecord | undefined;
}

/** Follows a link (`$>`, data `<revision>@<stream>`); data that is no link makes it a plain event. */
export function resolveLink(reader: LogReader, record: LogRecord, resolveLinks: boolean): ResolvedRecord {
  if (!resolveLinks || record.type !== LINK_EVENT) return { event: record, link: undefined };
  const [, revision, stream] = /^(\d+)@(.+)$/s.exec(record.data.toString('utf8')) ?? [];
  if (revision === undefined || stream === undefined) return { event: record, link: undefined };
  return { event: reader.linkTarget(stream, Number(revision)), link: record };
}

export function encodeResolved(resolved: ResolvedRecord): Buffer {
  if (resolved.link === undefined && resolved.event !== undefined) return resolved.event.response;
  return encodeReadEvent(resolved, undefined);
}

/** A `ReadResp` that holds a `ReadEvent`; streams and persistent subscriptions number these fields alike. */
export function encodeReadEvent({ event, link }: ResolvedRecord, retryCount: number | undefined): Buffer {
  const position = (link ?? event)?.position ?? 0;
  const eventBytes = event?.recorded;
  const linkBytes = link?.recorded;
  const inner =
    (eventBytes === undefined ? 0 : delimitedLength(eventBytes.length)) +
    (linkBytes === undefined ? 0 : delimitedLength(linkBytes.length)) +
    (1 + varintLength(position)) +
    (retryCount === undefined ? 0 : 1 + varintLength(retryCount));
  const out = Buffer.allocUnsafe(delimitedLength(inner));
  let at = writeDelimiter(out, 0, 0x0a, inner);
  if (eventBytes !== undefined) at = writeBytes(out, at, 0x0a, eventBytes);
  if (linkBytes !== undefined) at = writeBytes(out, at, 0x12, linkBytes);
  out[at++] = 0x18;
  at = writeVarint(out, at, position);
  if (retryCount !== undefined) {
    out[at++] = 0x28;
    writeVarint(out, at, retryCount);
  }
  return out;
}

function writeBytes(out: Buffer, offset: number, tag: number, bytes: Buffer): number {
  const at = writeDelimiter(out, offset, tag, bytes.length);
  return at + bytes.copy(out, at);
}

export function confirmation(subscriptionId: string): Buffer {
  const confirmed = new ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId);
  return Buffer.from(new ReadResp().setConfirmation(confirmed).serializeBinary());
}

export function checkpoint(position: number): Buffer {
  const text = String(position);
  const reached = new ReadResp.Checkpoint().setCommitPosition(text).setPreparePosition(text);
  return Buffer.from(new ReadResp().setCheckpoint(reached).serializeBinary());
}

export function streamNotFound(stream: string): Buffer {
  const missing = new ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream));
  return Buffer.from(new ReadResp().setStreamNotFound(missing).serializeBinary());
}

export const CAUGHT_UP = Buffer.from(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()).serializeBinary());

export function streamIdentifier(stream: string): StreamIdentifier {
  return new StreamIdentifier().setStreamName(Buffer.from(stream));
}
