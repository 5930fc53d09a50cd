import { randomUUID } from 'node:crypto';
import {
  AllPage,
  AppendOutcome,
  Catalog,
  ConsumerGroups,
  eventId,
  EventLog,
  NewEvent,
  Position,
  RecordedEvent,
  Subscription,
  SubscriptionBatch,
} from '@tender/eventstore';

/** What an implementation hands to the suite: a log to append with, and further ones on the same store to read with. */
export interface OpenedLog {
  readonly log: EventLog & ConsumerGroups;
  reader(catalog: Catalog): EventLog & ConsumerGroups;
  readonly operator: GroupOperator;
  close(): Promise<void>;
}

/** What happens to groups from outside, and never by a process of ours. */
export interface GroupOperator {
  /** Every consumer is dropped, and the groups go on from what they had written down. */
  restart(): Promise<void>;
  /**
   * Makes the group if it is missing, enters it, lets events be recorded, and lays aside what it is given of them.
   *
   * @returns how many that were
   */
  park(place: Place, record: () => Promise<void>): Promise<number>;
}

/** The program that writes. */
export const CURRENT: Catalog = {
  Noted: { version: 1 },
  Priced: { version: 2, upcast: { 1: ({ amountMinor }) => ({ price: { valueMinor: amountMinor } }) } },
  Tomorrow: { version: 1 },
};

/** An older deployment of it, which reads the same log. */
export const OLDER: Catalog = { Noted: { version: 1 }, Priced: { version: 1 } };

/** Streams of one test only, so that the suite can run against a server that others use. */
export class Place {
  readonly category = `t${randomUUID().replaceAll('-', '')}`;
  readonly prefixes = [`${this.category}-`];

  stream(id = 'a'): string {
    return `${this.category}-${id}`;
  }
}

export function event(
  stream: string,
  command: string,
  more: Partial<NewEvent> & { index?: number } = {},
): NewEvent {
  const { index = 0, type = 'Noted', ...rest } = more;
  return {
    id: eventId(stream, command, index),
    type,
    data: { command, index },
    metadata: {
      schemaVersion: CURRENT[type]?.version ?? 1,
      correlationId: 'correlation',
      causationId: 'causation',
      commandId: command,
      actor: 'contract',
      recordedAt: '2026-01-01T00:00:00.000Z',
    },
    ...rest,
  };
}

export const events = (stream: string, command: string, count: number): NewEvent[] =>
  Array.from({ length: count }, (_, index) => event(stream, command, { index }));

type Appended = Extract<AppendOutcome, { kind: 'appended' }>;

export function appended(outcome: AppendOutcome): Appended {
  if (outcome.kind !== 'appended') throw new Error(`expected appended, got ${outcome.kind}`);
  return outcome;
}

export const commandsOf = (list: readonly RecordedEvent[]): unknown[] => list.map(({ data }) => data.command);

export const placeOf = ({ stream, revision }: RecordedEvent): string => `${stream}@${revision.toString()}`;

/** Batches until `enough` says so; the subscription stays open. */
export async function takeUntil(
  iterator: AsyncIterator<SubscriptionBatch>,
  enough: (events: readonly RecordedEvent[], batch: SubscriptionBatch) => boolean,
): Promise<{ events: RecordedEvent[]; batches: SubscriptionBatch[] }> {
  const taken: RecordedEvent[] = [];
  const batches: SubscriptionBatch[] = [];
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) throw new Error(`the subscription ended after ${taken.length} events`);
    taken.push(...next.value.events);
    batches.push(next.value);
    if (enough(taken, next.value)) return { events: taken, batches };
  }
}

export const iteratorOf = (subscription: Subscription): AsyncIterator<SubscriptionBatch> =>
  subscription[Symbol.asyncIterator]();

/** Every page from a place on. */
export async function readToEnd(
  log: EventLog,
  options: { after: Position | 'start'; prefixes: readonly string[]; maxCount: number },
): Promise<{ events: RecordedEvent[]; pages: AllPage[] }> {
  const pages: AllPage[] = [];
  let { after } = options;
  for (;;) {
    const page = await log.readAll({ ...options, after });
    pages.push(page);
    if (page.end) return { events: pages.flatMap(({ events: list }) => list), pages };
    if (page.position === undefined) throw new Error('a page that is not the last has a position');
    after = page.position;
  }
}
