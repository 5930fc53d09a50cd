import type { RecordedEvent, SubscriptionBatch } from '@tender/eventstore';
import { LowWaterMark } from './low-water-mark';
import { Reader, type ReaderDeps, type ReaderState } from './reader';
import { RevisionCheck } from './revision-check';
import { sleep } from './timers/clock';

export interface Delivery {
  /**
   * Somebody may have worked on this event before: it was recorded before this process had caught up. Then the
   * stream has to be read before anything is done about it.
   */
  readonly again: boolean;
}

export interface ProcessDeps extends ReaderDeps {
  /**
   * Does what the event asks for and ends when that is recorded. Undefined: nothing was to be done. A rejection
   * is tried again, for ever: giving up would be losing a payment in silence.
   */
  readonly handle: (event: RecordedEvent, delivery: Delivery) => Promise<void> | undefined;
  readonly maxInFlight?: number;
  /** Streams whose revisions are checked for holes; the memory for so many is taken at the start. */
  readonly maxCheckedStreams?: number;
}

/** Events whose effects are under way; the subscription is paused at this many. */
export const MAX_EFFECTS_IN_FLIGHT = 1_000;
/** Finished events that may wait for an older, unfinished one before reading pauses. */
export const MAX_AHEAD_OF_UNFINISHED = 100_000;
const RETRY_FIRST_AFTER_MS = 100;
const RETRY_EVERY_AT_MOST_MS = 10_000;

export interface RunningProcess {
  /** Settles when the process ends: resolves after `stop`, rejects when it stopped by itself. */
  readonly finished: Promise<void>;
  readonly state: () => ReaderState & { readonly inFlight: number };
  /** Takes no more events and waits for those under way. */
  stop(): Promise<void>;
}

/**
 * Drives a process manager: at least once for every event, different streams side by side, the events of one
 * stream one after another, with a checkpoint that no unfinished effect is behind.
 */
export function runProcess(deps: ProcessDeps): RunningProcess {
  const maxInFlight = deps.maxInFlight ?? MAX_EFFECTS_IN_FLIGHT;
  const mark = new LowWaterMark();
  const revisions = new RevisionCheck(deps.maxCheckedStreams);
  const tails = new Map<string, Promise<void>>();
  let inFlight = 0;
  let stopping = false;
  let wake: () => void = () => undefined;

  const untilDone = async (event: RecordedEvent, first: Promise<void>, delivery: Delivery): Promise<void> => {
    let working: Promise<void> | undefined = first;
    for (let retry = 0; ; retry += 1) {
      try {
        await working;
        return;
      } catch (error) {
        deps.report({ reader: deps.name, what: 'handling_failed', error });
        if (stopping) throw error;
        await sleep(
          deps.clock,
          Math.min(RETRY_FIRST_AFTER_MS * 2 ** Math.min(retry, 10), RETRY_EVERY_AT_MOST_MS),
        );
        working = attempt(event, { ...delivery, again: true });
      }
    }
  };

  const attempt = (event: RecordedEvent, delivery: Delivery): Promise<void> | undefined => {
    try {
      return deps.handle(event, delivery);
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  };

  const start = (event: RecordedEvent, delivery: Delivery): void => {
    const tail = tails.get(event.stream);
    const working = tail === undefined ? attempt(event, delivery) : tail.then(() => attempt(event, delivery));
    if (working === undefined) {
      mark.passed(event.position);
      return;
    }
    const done = mark.begin(event.position);
    inFlight += 1;
    const finished = untilDone(event, working, delivery)
      .then(done, () => undefined) // stopped while failing: the checkpoint stays before it
      .then(() => {
        inFlight -= 1;
        reader.moved();
        if (tails.get(event.stream) === finished) tails.delete(event.stream);
        wake();
      });
    tails.set(event.stream, finished);
  };

  const untilAtMost = async (max: number): Promise<void> => {
    while (inFlight > max || (max > 0 && mark.length > MAX_AHEAD_OF_UNFINISHED)) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };

  const onBatch = async (batch: SubscriptionBatch, live: boolean): Promise<void> => {
    for (const event of batch.events) {
      await untilAtMost(maxInFlight - 1);
      if (stopping) return;
      if (revisions.accept(event)) start(event, { again: !live });
    }
    if (batch.position !== undefined) mark.passed(batch.position);
  };

  const reader = new Reader(deps, onBatch, () => mark.position);
  const finished = reader.run();
  return {
    finished,
    state: () => ({ ...reader.state, inFlight }),
    async stop() {
      stopping = true;
      wake();
      await untilAtMost(0);
      await reader.stop();
      await finished.catch(() => undefined);
    },
  };
}
