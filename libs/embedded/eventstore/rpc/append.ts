import { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import { ANY, NO_STREAM, STREAM_EXISTS } from '../log/expected-revision';
import { ProposedEvent } from '../log/record';
import { WireReader } from '../log/wire';
import { WriteOutcome } from '../log/write-batch';
import {
  accessDenied,
  asFailure,
  invalidArgument,
  maximumAppendSizeExceeded,
  streamDeleted,
  unavailable,
} from './failures';
import { decodeProposedEvent, eventSizeBytes } from './proposed-event';
import { authorize, injectedRefusal, requireStreamName, ServerContext } from './server-context';

type AppendCall = ServerReadableStream<Buffer, AppendResp>;

/** The options of Append, Delete and Tombstone are three types of one shape. */
export interface ExpectedRevisionMessage {
  hasRevision(): boolean;
  getRevision(): string;
  hasNoStream(): boolean;
  hasStreamExists(): boolean;
}

export function expectedRevision(options: ExpectedRevisionMessage): number {
  if (options.hasRevision()) return Number(options.getRevision());
  if (options.hasNoStream()) return NO_STREAM;
  return options.hasStreamExists() ? STREAM_EXISTS : ANY;
}

/** One append per call: options, then events, answered when the client has sent them all. */
export function append(context: ServerContext) {
  return (call: AppendCall, callback: sendUnaryData<AppendResp>): void => {
    let target: { stream: string; expected: number } | undefined;
    const events: ProposedEvent[] = [];
    let sizeBytes = 0;
    let refused = false;

    const refuse = (reason: unknown): void => {
      if (refused) return;
      refused = true;
      callback(asFailure(reason).toStatus(), null);
    };
    call.on('data', (bytes: Buffer) => {
      if (refused) return;
      try {
        const message = decodeAppendMessage(bytes);
        if (message.kind === 'options') {
          target = openTarget(context, call, message.bytes);
          return;
        }
        if (target === undefined)
          throw invalidArgument('The first message of an append must hold its options.');
        const event = decodeProposedEvent(new WireReader(message.bytes));
        events.push(event);
        sizeBytes += eventSizeBytes(event);
        if (sizeBytes > context.maxAppendBytes) throw maximumAppendSizeExceeded(context.maxAppendBytes);
      } catch (reason) {
        refuse(reason);
      }
    });
    call.on('end', () => {
      if (refused) return;
      if (target === undefined) {
        refuse(invalidArgument('An append needs options.'));
        return;
      }
      const { stream, expected } = target;
      context.log.submit({ kind: 'append', stream, expected, events }, (outcome) => {
        if (outcome.kind === 'stream-deleted') refuse(streamDeleted(stream));
        else if (outcome.kind === 'unavailable') refuse(unavailable());
        else callback(null, toResponse(expected, outcome));
      });
    });
  };
}

function decodeAppendMessage(bytes: Buffer): { kind: 'options' | 'event'; bytes: Buffer } {
  const reader = new WireReader(bytes);
  while (reader.next()) {
    if (reader.field === 1) return { kind: 'options', bytes: reader.content() };
    if (reader.field === 2) return { kind: 'event', bytes: reader.content() };
    reader.skip();
  }
  throw invalidArgument('An append message must hold options or an event.');
}

function openTarget(
  context: ServerContext,
  call: AppendCall,
  bytes: Buffer,
): { stream: string; expected: number } {
  const refusal = injectedRefusal(context);
  if (refusal !== undefined) throw refusal;
  const options = AppendReq.Options.deserializeBinary(bytes);
  const stream = requireStreamName(options.getStreamIdentifier()?.getStreamName_asU8());
  if (stream === '$all') throw accessDenied();
  authorize(context, call.metadata, stream, 'write');
  return { stream, expected: expectedRevision(options) };
}

/** A wrong version is an answer here, not a status. */
function toResponse(
  expected: number,
  outcome: Extract<WriteOutcome, { kind: 'written' | 'wrong-expected-version' }>,
): AppendResp {
  if (outcome.kind === 'wrong-expected-version') {
    return new AppendResp().setWrongExpectedVersion(wrongVersion(expected, outcome.current));
  }
  const success = new AppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) success.setNoPosition(new Empty());
  else {
    const text = String(outcome.position);
    success.setPosition(new AppendResp.Position().setCommitPosition(text).setPreparePosition(text));
  }
  return new AppendResp().setSuccess(success);
}

function wrongVersion(expected: number, current: number): AppendResp.WrongExpectedVersion {
  const details = new AppendResp.WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new Empty());
  else details.setCurrentRevision(String(current));
  if (expected === ANY) return details.setExpectedAny(new Empty());
  if (expected === NO_STREAM) return details.setExpectedNoStream(new Empty());
  if (expected === STREAM_EXISTS) return details.setExpectedStreamExists(new Empty());
  return details.setExpectedRevision(String(expected));
}
