import type { Divergence } from '@tender/domain';
import type { InspectedPage, LogInspection, Position, RecordedEvent } from '@tender/eventstore';
import { comparePositions } from '@tender/eventstore';
import type { StreamCheck } from './stream-check';
import type { StreamHistories } from './stream-histories';

/** A read model held against the streams. It derives everything itself and reads the model's documents only to compare. */
export interface ModelCheck {
  readonly name: string;
  readonly prefixes: readonly string[];
  /** Up to where the model says it has applied everything; undefined: nothing yet. */
  applied(): Promise<Position | undefined>;
  /** The next events in the order of the log; the model has applied all of them. */
  take(events: readonly RecordedEvent[]): Promise<readonly Divergence[]>;
  /**
   * All events up to there were taken: what only the whole tells, such as what is there and should not be.
   * @param isAll nothing was in the log after them either: a model that says it is further on has the same events
   */
  conclude(upTo: Position | undefined, isAll: boolean): Promise<readonly Divergence[]>;
}

export interface VerificationDeps {
  readonly inspection: LogInspection;
  readonly histories: StreamHistories;
  readonly streams: StreamCheck;
  readonly models: readonly ModelCheck[];
  readonly prefixes: readonly string[];
  /** Told at once of each; a list of them all could be as long as the log. */
  readonly report: (divergence: Divergence) => void;
  readonly maxPageEvents?: number;
}

export interface VerifiedPage {
  readonly events: number;
  readonly divergences: number;
  readonly position: Position | undefined;
  /** Everything up to the goals was looked at. */
  readonly done: boolean;
}

/** Events in one page: some MB, and a fifth of a second. */
export const VERIFIED_PAGE_EVENTS = 5_000;

/**
 * One walk over the whole log, page by page, with no subscription: up to where all models said, when the walk began, that
 * they had come. What is recorded meanwhile is another walk's, so that lag is never taken for a difference.
 */
export class Verification {
  private position: Position | undefined;
  /** Those that have applied anything; the others have nothing that could be wrong. */
  private models: readonly ModelCheck[] | undefined;
  private end: Position | undefined;
  private isUnderWay = false;
  /** The page after, read while this one is looked at. */
  private next: Promise<InspectedPage> | undefined;

  constructor(
    private readonly deps: VerificationDeps,
    after?: Position,
  ) {
    this.position = after;
  }

  /** A walk that is done goes on, to where the models have come by then. */
  async nextPage(): Promise<VerifiedPage> {
    const { streams, histories } = this.deps;
    if (!this.isUnderWay) await this.begin();
    const page = await (this.next ?? this.read(this.position));
    this.next = undefined;
    const isLast = page.end || page.position === undefined || this.isBeyondOrAt(page.position);
    if (!isLast) {
      this.next = this.read(page.position);
      // it is waited for with the next page, or by nobody
      this.next.catch(() => undefined);
    }
    const upTo = page.records.filter((record) => !this.isBeyond(positionOf(record)));
    const { events, found } = await streams.take(upTo);
    const taken = (this.models ?? []).map(async (model) => {
      const its = events.filter((event) => isFor(model, event));
      return its.length === 0 ? [] : await model.take(its);
    });
    const lists = [found, ...(await Promise.all(taken))];
    this.position = isLast ? (this.end ?? page.position) : page.position;
    const isAll = page.end && upTo.length === page.records.length;
    // what a check reads now has to be what is there now
    if (isLast) histories.forget();
    if (isLast) for (const model of this.models ?? []) lists.push(await model.conclude(this.end, isAll));
    histories.forget();
    this.isUnderWay = !isLast;
    let divergences = 0;
    for (const divergence of lists.flat()) {
      divergences += 1;
      this.deps.report(divergence);
    }
    return { events: upTo.length, divergences, position: this.position, done: isLast };
  }

  private read(after: Position | undefined): Promise<InspectedPage> {
    const { inspection, prefixes, maxPageEvents } = this.deps;
    const maxCount = maxPageEvents ?? VERIFIED_PAGE_EVENTS;
    return inspection.inspectAll({ after: after ?? 'start', prefixes, maxCount });
  }

  /** The models that are held against the streams. */
  get checked(): readonly string[] {
    return (this.models ?? []).map(({ name }) => name);
  }

  /** The walk ends where the slowest model has come to; without any it ends with the log. */
  private async begin(): Promise<void> {
    const reached: { readonly model: ModelCheck; readonly applied: Position }[] = [];
    for (const model of this.models ?? this.deps.models) {
      const applied = await model.applied();
      if (applied !== undefined) reached.push({ model, applied });
    }
    this.models ??= reached.map(({ model }) => model);
    this.end = reached.map(({ applied }) => applied).sort(comparePositions)[0];
    this.isUnderWay = true;
  }

  private isBeyond(position: Position): boolean {
    return this.end !== undefined && comparePositions(position, this.end) > 0;
  }

  private isBeyondOrAt(position: Position): boolean {
    return this.end !== undefined && comparePositions(position, this.end) >= 0;
  }
}

const positionOf = (record: Parameters<StreamCheck['take']>[0][number]): Position =>
  record.kind === 'event' ? record.event.position : record.position;

const isFor = ({ prefixes }: ModelCheck, { stream }: RecordedEvent): boolean =>
  prefixes.some((prefix) => stream.startsWith(prefix));
