import { ServerWritableStream } from '@grpc/grpc-js';
import { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { Page } from '../log/log-reader';
import { LogRecord } from '../log/record';
import { checkpointInterval, EventFilter, expressionOf, isVisibleInAll, toEventFilter } from './event-filter';
import { invalidArgument, streamDeleted } from './failures';
import { Outgoing } from './outgoing';
import { encodeResolved, resolveLink, streamNotFound } from './read-messages';
import { authorize, requireStreamName, ServerContext } from './server-context';
import { AllSubscription, StreamSubscription } from './subscription';

type Options = ReadReq.Options;

export function read(context: ServerContext) {
  return (call: ServerWritableStream<ReadReq, Buffer>): void => {
    const out = new Outgoing(call);
    context.calls.add(out);
    try {
      const options = validate(call.request.getOptions());
      const stream = options.hasStream()
        ? requireStreamName(options.getStream()?.getStreamIdentifier()?.getStreamName_asU8())
        : undefined;
      authorize(context, call.metadata, stream ?? '$all', 'read');
      const handler = new ReadHandler(context, out, options);
      if (options.hasSubscription()) handler.subscribe(stream);
      else if (stream === undefined) handler.readAll();
      else handler.readStream(stream);
    } catch (reason) {
      out.fail(reason);
    }
  };
}

/** @throws RpcFailure for combinations that EventStoreDB does not offer */
function validate(options: Options | undefined): Options {
  if (options === undefined) throw invalidArgument('A read needs options.');
  const uuid = options.getUuidOption();
  if (uuid === undefined || !(uuid.hasString() || uuid.hasStructured())) {
    throw invalidArgument('A read needs a UUID option.');
  }
  const backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
  const known =
    (options.hasStream() || options.hasAll()) &&
    (options.hasCount() || options.hasSubscription()) &&
    (options.hasFilter() || options.hasNoFilter()) &&
    !(options.hasStream() && options.hasFilter()) &&
    !(options.hasSubscription() && backwards);
  if (!known) throw invalidArgument('The combination of read options is not supported.');
  return options;
}

class ReadHandler {
  private readonly backwards: boolean;
  private readonly resolveLinks: boolean;
  private remaining: number;

  constructor(
    private readonly context: ServerContext,
    private readonly out: Outgoing,
    private readonly options: Options,
  ) {
    this.backwards = options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS;
    this.resolveLinks = options.getResolveLinks();
    this.remaining = Number(options.getCount());
  }

  subscribe(stream: string | undefined): void {
    const { log, caughtUpEpoch } = this.context;
    const subscription = { resolveLinks: this.resolveLinks, caughtUpEpoch };
    if (stream !== undefined) {
      new StreamSubscription(log, this.out, subscription, stream, this.afterRevision(stream)).start();
      return;
    }
    const message = this.options.getFilter();
    const filter =
      message === undefined
        ? undefined
        : { matches: toEventFilter(expressionOf(message)), checkpointInterval: checkpointInterval(message) };
    new AllSubscription(log, this.out, subscription, this.afterPosition(), filter).start();
  }

  readStream(stream: string): void {
    const { reader } = this.context.log;
    const state = reader.state(stream);
    if (state === 'tombstoned') throw streamDeleted(stream);
    if (state === 'missing') {
      this.out.write(streamNotFound(stream));
      this.out.end();
      return;
    }
    let next = this.firstRevision(stream);
    this.send(() => {
      const page = this.backwards
        ? reader.streamDown(stream, next, this.remaining)
        : reader.streamFrom(stream, next, this.remaining);
      next = page.next;
      return page;
    });
  }

  readAll(): void {
    const { reader } = this.context.log;
    const message = this.options.getFilter();
    const matches: EventFilter = message === undefined ? () => true : toEventFilter(expressionOf(message));
    let cursor = this.firstPosition();
    this.send(() => {
      const page = this.backwards ? reader.allBefore(cursor) : reader.allAfter(cursor);
      cursor = page.records.at(-1)?.position ?? cursor;
      return {
        records: page.records.filter((record) => isVisibleInAll(record) && matches(record)),
        atEnd: page.atEnd,
      };
    });
  }

  /** Page after page until the count or the end is reached, at the pace of the client. */
  private send(nextPage: () => Page): void {
    let page: Page = { records: [], atEnd: this.remaining <= 0 };
    let index = 0;
    const pump = (): void => {
      while (!this.out.isClosed && this.remaining > 0) {
        const record = page.records[index];
        if (record !== undefined) {
          index += 1;
          this.remaining -= 1;
          if (this.sendEvent(record)) continue;
          this.out.onceWritable(pump);
          return;
        }
        if (page.atEnd) break;
        page = nextPage();
        index = 0;
        if (page.records.length > 0 || page.atEnd) continue;
        setImmediate(pump);
        return;
      }
      this.out.end();
    };
    pump();
  }

  private sendEvent(record: LogRecord): boolean {
    return this.out.write(encodeResolved(resolveLink(this.context.log.reader, record, this.resolveLinks)));
  }

  private firstRevision(stream: string): number {
    const from = this.options.getStream();
    if (from?.hasRevision() === true) return Number(from.getRevision());
    if (from?.hasStart() === true) return 0;
    return this.backwards ? Infinity : this.context.log.reader.lastRevision(stream) + 1;
  }

  /** Subscriptions start strictly behind what they name. */
  private afterRevision(stream: string): number {
    const from = this.options.getStream();
    return from?.hasRevision() === true ? Number(from.getRevision()) + 1 : this.firstRevision(stream);
  }

  /** The cursor is exclusive; reading forward from a position includes it, reading backward does not. */
  private firstPosition(): number {
    const from = this.options.getAll();
    const position = from?.getPosition();
    if (position !== undefined) return Number(position.getCommitPosition()) - (this.backwards ? 0 : 1);
    if (from?.hasStart() === true) return this.backwards ? 0 : -1;
    return this.backwards ? Infinity : this.context.log.lastPosition;
  }

  private afterPosition(): number {
    const position = this.options.getAll()?.getPosition();
    return position === undefined ? this.firstPosition() : Number(position.getCommitPosition());
  }
}
