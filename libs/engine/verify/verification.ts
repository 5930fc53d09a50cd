import type { Divergence } from '@tender/domain';
import type { InspectedPage, LogInspection, Position, RecordedEvent } from '@tender/eventstore';
import { comparePositions } from '@tender/eventstore';
import type { StreamCheck } from './stream-check';
import type { StreamHistories } from './stream-histories';

/** A read model held against the streams. It derives everything itself and reads the model's documents only to compare. */
export interface ModelCheck {
  readonly name: string;
  readonly prefixes: readonly string[];
  /** Up to where the model says it has applied everything; undefined: nothing yet; a divergence: what it says cannot be read. */
  applied(): Promise<Position | Divergence | undefined>;
  /** The next events in the order of the log; the model has applied all of them. */
  take(events: readonly RecordedEvent[]): Promise<readonly Divergence[]>;
  /** All events up to there, which it said it had applied, were taken: what only the whole tells, such as what is there and should not be. */
  conclude(upTo: Position): Promise<readonly Divergence[]>;
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

/** A model that has applied something; of the others nothing could be wrong. */
interface Checked {
  readonly model: ModelCheck;
  /** Up to where it said, when the walk began, that it had come. */
  readonly applied: Position;
  /** Up to where it was given what is for it. */
  readonly taken: Position | undefined;
}

/**
 * One walk over the whole log, page by page, with no subscription. Each model is held against it up to where the model
 * said, when the walk began, that it had come: lag is never taken for a difference, and one that lags, as a model does
 * for which little is recorded, holds up no other.
 */
export class Verification {
  private position: Position | undefined;
  private models: readonly Checked[] | undefined;
  /** Up to where the streams themselves were looked at. */
  private followed: Position | undefined;
  /** Where the model that is furthest on has come to; without any the walk ends with the log. */
  private end: Position | undefined;
  private isUnderWay = false;
  /** The page after, read while this one is looked at. */
  private next: Promise<InspectedPage> | undefined;

  constructor(
    private readonly deps: VerificationDeps,
    private readonly after?: Position,
  ) {
    this.followed = after;
  }

  /** A walk that is done goes on, to where the models have come by then. */
  async nextPage(): Promise<VerifiedPage> {
    const { streams, histories } = this.deps;
    const unreadable = this.isUnderWay ? [] : await this.begin();
    const page = await (this.next ?? this.read(this.position));
    this.next = undefined;
    const isLast = page.end || page.position === undefined || this.isBeyondOrAt(page.position);
    if (!isLast) {
      this.next = this.read(page.position);
      // it is waited for with the next page, or by nobody
      this.next.catch(() => undefined);
    }
    const fresh = page.records.filter((record) => isWithin(positionOf(record), this.followed, this.end));
    const { found } = await streams.take(fresh);
    const events = page.records.flatMap((record) => (record.kind === 'event' ? [record.event] : []));
    const taken = (this.models ?? []).map(async ({ model, taken: after, applied }) => {
      const its = events.filter((event) => isFor(model, event) && isWithin(event.position, after, applied));
      return its.length === 0 ? [] : await model.take(its);
    });
    const lists = [unreadable, found, ...(await Promise.all(taken))];
    this.position = isLast ? (this.end ?? page.position) : page.position;
    if (isLast) lists.push(...(await this.concluded()));
    histories.forget();
    this.isUnderWay = !isLast;
    let divergences = 0;
    for (const divergence of lists.flat()) {
      divergences += 1;
      this.deps.report(divergence);
    }
    return { events: fresh.length, divergences, position: this.position, done: isLast };
  }

  private async concluded(): Promise<readonly (readonly Divergence[])[]> {
    // what a check reads now has to be what is there now
    this.deps.histories.forget();
    const lists: (readonly Divergence[])[] = [];
    for (const { model, applied } of this.models ?? []) lists.push(await model.conclude(applied));
    this.models = this.models?.map((checked) => ({ ...checked, taken: checked.applied }));
    this.followed = this.position;
    return lists;
  }

  private read(after: Position | undefined): Promise<InspectedPage> {
    const { inspection, prefixes, maxPageEvents } = this.deps;
    const maxCount = maxPageEvents ?? VERIFIED_PAGE_EVENTS;
    return inspection.inspectAll({ after: after ?? 'start', prefixes, maxCount });
  }

  /** The models that are held against the streams. */
  get checked(): readonly string[] {
    return (this.models ?? []).map(({ model }) => model.name);
  }

  /**
   * Begins where the model that was left furthest behind goes on.
   *
   * @returns of models that are left out because they do not say how far they are
   */
  private async begin(): Promise<readonly Divergence[]> {
    const known = this.models ?? this.deps.models.map((model) => ({ model, taken: this.after }));
    const checked: Checked[] = [];
    const unreadable: Divergence[] = [];
    for (const { model, taken } of known) {
      const applied = await model.applied();
      if (applied === undefined) continue;
      if ('kind' in applied) unreadable.push(applied);
      else checked.push({ model, taken, applied });
    }
    this.models = checked;
    this.end = checked
      .map(({ applied }) => applied)
      .sort(comparePositions)
      .at(-1);
    const left = checked.map(({ taken }) => taken);
    this.position = left.includes(undefined)
      ? undefined
      : ([this.followed, ...left].filter((one) => one !== undefined).sort(comparePositions)[0] ?? undefined);
    this.isUnderWay = true;
    return unreadable;
  }

  private isBeyondOrAt(position: Position): boolean {
    return this.end !== undefined && comparePositions(position, this.end) >= 0;
  }
}

const isWithin = (position: Position, after: Position | undefined, upTo: Position | undefined): boolean =>
  (after === undefined || comparePositions(position, after) > 0) &&
  (upTo === undefined || comparePositions(position, upTo) <= 0);

const positionOf = (record: Parameters<StreamCheck['take']>[0][number]): Position =>
  record.kind === 'event' ? record.event.position : record.position;

const isFor = ({ prefixes }: ModelCheck, { stream }: RecordedEvent): boolean =>
  prefixes.some((prefix) => stream.startsWith(prefix));
