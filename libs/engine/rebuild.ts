import type { EventLog, Position, RecordedEvent } from '@tender/eventstore';

/** A read model that is made again beside the live one. */
export interface RebuiltModel {
  readonly prefixes: readonly string[];
  /** How far it has come, kept with what it has made: a rebuild that is cut off goes on from there. */
  position(): Promise<Position | undefined>;
  /** Writes what the events change and then, that it has come to `reached`. */
  apply(events: readonly RecordedEvent[], reached: Position): Promise<void>;
}

export interface RebuildProgress {
  readonly events: number;
  readonly position: Position | undefined;
  /** Nothing more was in the log. */
  readonly caughtUp: boolean;
}

/** Events read at once, while those before them are being written. */
export const REBUILD_PAGE_EVENTS = 4_000;

/**
 * Applies the log to a model up to where it ends by then. Read by pages and not by a subscription, so that the rebuilt
 * model owes nothing to what fed the live one.
 *
 * @param stopped asked between two pages; what is made by then stays
 * @returns events applied by this call
 */
export async function catchUp(
  log: Pick<EventLog, 'readAll'>,
  model: RebuiltModel,
  report: (progress: RebuildProgress) => void,
  stopped: () => boolean = () => false,
): Promise<number> {
  const { prefixes } = model;
  const read = (after: Position | undefined) =>
    log.readAll({ after: after ?? 'start', prefixes, maxCount: REBUILD_PAGE_EVENTS });
  let events = 0;
  let next = read(await model.position());
  for (;;) {
    const page = await next;
    const more = !page.end && page.position !== undefined && !stopped();
    if (more) {
      next = read(page.position);
      // it is waited for after the write; should that fail, nobody waits for it any more
      next.catch(() => undefined);
    }
    if (page.position !== undefined) await model.apply(page.events, page.position);
    events += page.events.length;
    report({ events, position: page.position, caughtUp: page.end });
    if (!more) return events;
  }
}

/** Where the log ends now; undefined for an empty one. */
export async function endOf(
  log: Pick<EventLog, 'subscribe'>,
  prefixes: readonly string[],
): Promise<Position | undefined> {
  const subscription = log.subscribe({ after: 'end', prefixes });
  try {
    for await (const batch of subscription) return batch.position;
    return undefined;
  } finally {
    await subscription.close();
  }
}
