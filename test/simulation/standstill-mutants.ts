import type { FoldedPayment } from '@tender/readmodels';
import { foldRun, NOT_STORED, PAYMENT_DOCUMENTS, runsOf } from '@tender/readmodels';
import { CRASH_SCENARIOS } from './crash-scenarios';
import { MUTANTS } from './mutants';
import type { Patches } from './patches';
import { differenceWhenStopped, playStopped, STANDSTILLS } from './standstill-points';

/** A bug that shows where one process stands still in a story, and in no other way. */
export interface StopMutant {
  readonly bug: string;
  readonly story: string;
  /** The shortest that shows it. */
  readonly standstill: string;
  readonly patches: () => Patches;
}

/** Planted in the random runs as well. */
const known = (bug: string): Pick<StopMutant, 'bug' | 'patches'> => {
  const mutant = MUTANTS.find((one) => one.bug === bug);
  if (mutant === undefined) throw new Error(`no mutant is called ${bug}`);
  return mutant;
};

export const STOP_MUTANTS: readonly StopMutant[] = [
  {
    ...known('a request leaves however long it was held up'),
    story: 'a sale',
    standstill: 'just over the PSP’s keys',
  },
  {
    ...known('an event that is heard late is acted on as if nothing could have followed it'),
    story: 'a sale',
    standstill: 'just over the PSP’s keys',
  },
  {
    ...known('whoever is live takes each delivery for the first'),
    story: 'a slow PSP',
    standstill: 'just over the connection',
  },
  {
    bug: 'a projector that has held the lease writes what it remembers, without a look at what is stored',
    story: 'a sale',
    standstill: 'just over the connection',
    patches: () => ({
      apply: (target) => {
        const mine = new Map<string, FoldedPayment>();
        return async (events) => {
          for (const run of runsOf(PAYMENT_DOCUMENTS.prefix, events).values()) {
            const isNew = run.events[0]?.revision === 0n;
            const before = mine.get(run.id) ?? (isNew ? undefined : target.documents.get(run.id));
            const after = foldRun(before ?? NOT_STORED, run);
            mine.set(run.id, after);
            target.put(run.id, after);
          }
          await target.apply(events.filter(({ stream }) => !stream.startsWith(PAYMENT_DOCUMENTS.prefix)));
        };
      },
    }),
  },
];

export interface StopCatch {
  /** Plays that were needed; undefined: it got away. */
  readonly plays: number | undefined;
  readonly what: string;
}

/** Plays the story with the bug planted, stop after stop, until an end is not as good as the one of the sound core. */
export async function huntStops({ story, standstill, patches }: StopMutant): Promise<StopCatch> {
  const scenario = CRASH_SCENARIOS.find(({ name }) => name === story);
  const forMs = scenario && STANDSTILLS.find(({ name }) => name === standstill)?.ms(scenario);
  if (scenario === undefined || forMs === undefined) throw new Error(`${story}, ${standstill}: no such stop`);
  const { ending, points } = await playStopped(scenario, undefined);
  for (const [at, point] of points.entries()) {
    const stopped = (await playStopped(scenario, { at, forMs }, patches())).ending;
    const differs = differenceWhenStopped(scenario, ending, stopped, { point, forMs });
    if (differs === undefined) continue;
    return { plays: at + 1, what: `${point.process} ${point.when} ${point.call}: ${differs}` };
  }
  return { plays: undefined, what: '' };
}
