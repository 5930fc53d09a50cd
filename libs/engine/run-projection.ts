import type { Position, RecordedEvent, SubscriptionBatch } from '@tender/eventstore';
import { Reader, type ReaderDeps, type ReaderState } from './reader';
import { sleep } from './timers/clock';

export interface ProjectionDeps extends ReaderDeps {
  /** Writes what the events change; applying the same events again changes nothing. */
  readonly apply: (events: readonly RecordedEvent[]) => Promise<void>;
  /** Whether applying again later can help; anything else stops the projection. */
  readonly isTransient: (error: unknown) => boolean;
  /** How long to gather events into one write while traffic flows, ms. */
  readonly gatherMs?: number;
}

/**
 * One write serves hundreds of documents, and most payments end within this time: they are written once, as they
 * ended. Whoever asks sooner is answered from the stream.
 */
export const GATHER_MS = 100;
/** Events that one write may take. */
export const MAX_EVENTS_PER_WRITE = 2_000;
const RETRY_FIRST_AFTER_MS = 100;
const RETRY_EVERY_AT_MOST_MS = 5_000;

export interface RunningProjection {
  readonly finished: Promise<void>;
  readonly state: () => ReaderState & { readonly applied: number };
  stop(): Promise<void>;
}

/** Drives one projection: in order, batch by batch, with the checkpoint behind what is written. */
export function runProjection(deps: ProjectionDeps): RunningProjection {
  let applied = 0;
  let written: Position | undefined;
  let stopping = false;

  const applyUntilDone = async (events: readonly RecordedEvent[]): Promise<void> => {
    for (let retry = 0; ; retry += 1) {
      try {
        await deps.apply(events);
        return;
      } catch (error) {
        if (stopping || !deps.isTransient(error)) throw error;
        deps.report({ reader: deps.name, what: 'handling_failed', error });
        await sleep(
          deps.clock,
          Math.min(RETRY_FIRST_AFTER_MS * 2 ** Math.min(retry, 10), RETRY_EVERY_AT_MOST_MS),
        );
      }
    }
  };

  const onBatch = async (batch: SubscriptionBatch, live: boolean): Promise<void> => {
    if (batch.events.length > 0) {
      await applyUntilDone(batch.events);
      applied += batch.events.length;
    }
    written = batch.position ?? written;
    // the subscription buffers meanwhile, so that the next batch is a bigger one
    if (live && !stopping && batch.events.length > 0) await sleep(deps.clock, deps.gatherMs ?? GATHER_MS);
  };

  const reader = new Reader({ maxBatch: MAX_EVENTS_PER_WRITE, ...deps }, onBatch, () => written);
  const finished = reader.run();
  return {
    finished,
    state: () => ({ ...reader.state, applied }),
    async stop() {
      stopping = true;
      await reader.stop();
      await finished.catch(() => undefined);
    },
  };
}
