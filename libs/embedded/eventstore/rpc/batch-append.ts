import { ServerDuplexStream } from '@grpc/grpc-js';
import { ProposedEvent } from '../log/record';
import { WriteOutcome } from '../log/write-batch';
import { Principal } from './access-control';
import {
  BatchChunk,
  BatchError,
  BatchOptions,
  decodeBatchChunk,
  encodeBatchError,
  encodeBatchSuccess,
} from './batch-append-messages';
import { asFailure, unavailable } from './failures';
import { Outgoing } from './outgoing';
import { decodeProposedEvent, eventSizeBytes } from './proposed-event';
import { injectedRefusal, ServerContext } from './server-context';

/** EventStoreDB gives a client this long to send the chunks of one append, or less if its deadline is nearer. */
export const RECEIPT_TIMEOUT_MS = 2_000;
/** Appends of one connection that wait for the disk before the server stops reading from it. */
export const IN_FLIGHT_APPENDS = 4_096;

interface Receiving {
  readonly options: BatchOptions;
  readonly events: ProposedEvent[];
  sizeBytes: number;
  /** Refused already; what still comes of it is dropped. */
  answered: boolean;
  timer: NodeJS.Timeout | undefined;
}

export function batchAppend(context: ServerContext) {
  return (call: ServerDuplexStream<Buffer, Buffer>): void => {
    const out = new Outgoing(call);
    context.calls.add(out);
    try {
      const session = new BatchAppendSession(context, call, out, context.access.principal(call.metadata));
      call.on('data', (bytes: Buffer) => {
        session.receive(bytes);
      });
      call.on('end', () => {
        session.halfClose();
      });
    } catch (reason) {
      out.fail(reason);
    }
  };
}

/**
 * The long-lived append stream of one client. The official client crashes its process on a second answer, or on one
 * it does not wait for: exactly one answer leaves for each known correlation id, and a bad request never ends the stream.
 */
class BatchAppendSession {
  private readonly receiving = new Map<string, Receiving>();
  private inFlight = 0;
  private halfClosed = false;

  constructor(
    private readonly context: ServerContext,
    private readonly call: ServerDuplexStream<Buffer, Buffer>,
    private readonly out: Outgoing,
    private readonly principal: Principal,
  ) {
    out.onClose(() => {
      for (const { timer } of this.receiving.values()) clearTimeout(timer);
    });
  }

  receive(bytes: Buffer): void {
    const refusal = injectedRefusal(this.context);
    if (refusal !== undefined) {
      this.out.fail(refusal);
      return;
    }
    try {
      this.receiveChunk(decodeBatchChunk(bytes));
    } catch (reason) {
      this.out.fail(reason);
    }
  }

  halfClose(): void {
    this.halfClosed = true;
    this.endWhenDone();
  }

  private receiveChunk(chunk: BatchChunk): void {
    const key = chunk.correlation.toString('latin1');
    const request = this.receiving.get(key) ?? this.begin(chunk, key);
    if (request === undefined) return;
    if (!request.answered) this.addEvents(request, chunk);
    if (!chunk.isFinal) return;
    this.receiving.delete(key);
    clearTimeout(request.timer);
    if (!request.answered) this.submit(request, chunk.correlation);
  }

  private begin(chunk: BatchChunk, key: string): Receiving | undefined {
    const { options } = chunk;
    if (options === undefined) return undefined;
    const request: Receiving = { options, events: [], sizeBytes: 0, answered: false, timer: undefined };
    // a message in one chunk needs no entry and no timer: that is nearly every append
    if (!chunk.isFinal) this.receiving.set(key, request);
    const remainingMs = Math.min((options.deadlineMs ?? Infinity) - this.context.now(), RECEIPT_TIMEOUT_MS);
    const { stream } = options;
    if (!this.context.access.allows(this.principal, stream, 'write') || stream === '$all') {
      this.refuse(request, chunk.correlation, { kind: 'access-denied' });
    } else if (stream === '' || stream === '$$') {
      this.refuse(request, chunk.correlation, {
        kind: 'bad-request',
        message: `Invalid stream name '${stream}'.`,
      });
    } else if (remainingMs <= 0) {
      this.refuse(request, chunk.correlation, { kind: 'timeout' });
    } else if (!chunk.isFinal) {
      request.timer = setTimeout(() => {
        this.refuse(request, chunk.correlation, { kind: 'timeout' });
      }, remainingMs);
    }
    return request;
  }

  private addEvents(request: Receiving, chunk: BatchChunk): void {
    const { maxAppendBytes } = this.context;
    for (const message of chunk.messages) {
      try {
        const event = decodeProposedEvent(message);
        request.events.push(event);
        request.sizeBytes += eventSizeBytes(event);
      } catch (reason) {
        this.refuse(request, chunk.correlation, { kind: 'bad-request', message: asFailure(reason).details });
        return;
      }
      if (request.sizeBytes > maxAppendBytes) {
        this.refuse(request, chunk.correlation, { kind: 'too-big', maxBytes: maxAppendBytes });
        return;
      }
    }
  }

  private submit(request: Receiving, correlation: Buffer): void {
    const { stream, expected, identifier } = request.options;
    this.inFlight += 1;
    if (this.inFlight >= IN_FLIGHT_APPENDS) this.call.pause();
    this.context.log.submit({ kind: 'append', stream, expected, events: request.events }, (outcome) => {
      this.inFlight -= 1;
      if (this.call.isPaused() && this.inFlight < IN_FLIGHT_APPENDS / 2) this.call.resume();
      this.answer(correlation, identifier, expected, outcome);
      this.endWhenDone();
    });
  }

  private answer(correlation: Buffer, identifier: Buffer, expected: number, outcome: WriteOutcome): void {
    switch (outcome.kind) {
      case 'written':
        this.out.write(encodeBatchSuccess(correlation, identifier, outcome.revision, outcome.position));
        return;
      case 'wrong-expected-version': {
        const error = { kind: outcome.kind, expected, current: outcome.current };
        this.out.write(encodeBatchError(correlation, identifier, error));
        return;
      }
      case 'stream-deleted':
        this.out.write(encodeBatchError(correlation, identifier, { kind: outcome.kind }));
        return;
      case 'unavailable':
        this.out.fail(unavailable());
    }
  }

  private refuse(request: Receiving, correlation: Buffer, error: BatchError): void {
    request.answered = true;
    clearTimeout(request.timer);
    this.out.write(encodeBatchError(correlation, request.options.identifier, error));
  }

  private endWhenDone(): void {
    if (this.halfClosed && this.inFlight === 0) this.out.end();
  }
}
