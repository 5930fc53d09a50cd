import type { FirstAnswer, LoadResult } from './key-stories';
import type { LoadPlan } from './load-plan';
import { GENERATOR, type LoadRun } from './load-run';
import { addedOver, summaryOf, type Summary } from './percentiles';
import type { Usage } from './process-usage';
import type { PspMemory } from './psp-simulator';

/** What one run of load showed. Names end in their unit; times are milliseconds. */
export interface Figures {
  readonly offeredPerS: number;
  readonly achievedPerS: number;
  readonly payments: number;
  readonly duplicates: number;
  readonly errors: Readonly<Record<string, number>>;
  readonly total: Summary;
  /** At the PSP alone, for all requests of a payment. */
  readonly psp: Summary;
  /** Payment by payment, what is not the PSP's. */
  readonly added: Summary;
  /** Payments whose time at the PSP is not known. */
  readonly unmatched: number;
  /** How long after their planned time requests were sent. */
  readonly lateness: Summary;
  readonly processes: readonly ProcessFigures[];
  /** Of the system itself: the simulator and the generator are not part of it. Undefined on a running stack. */
  readonly systemCpuMsPerPayment: number | undefined;
}

export interface ProcessFigures {
  readonly name: string;
  readonly cpuMsPerPayment: number;
  readonly startBytes: number;
  readonly peakBytes: number;
  readonly endBytes: number;
}

/** What would stand on the customer's machines. */
const SYSTEM = ['api', 'worker', 'event-store', 'read-store'];
/** The second worker is `worker-2`. */
export const isSystem = (name: string): boolean => SYSTEM.includes(name) || name.startsWith('worker-');
const OUTSIDE = ['psp-simulator', GENERATOR];

/** A rate is lost when fewer are answered. */
export const SUSTAINED_SHARE = 0.99;

/** An answer later than this after the last planned start no longer counts for the rate, ms: it was queued. */
export const ANSWERED_WITHIN_MS = 1_000;

/** Payments a second that were answered while the load lasted. A queue that grows shows as a lower rate. */
export function achievedRate(firsts: readonly FirstAnswer[], seconds: number): number {
  const endMs = seconds * 1000 + ANSWERED_WITHIN_MS;
  return firsts.filter(({ intendedMs, latencyMs }) => intendedMs + latencyMs <= endMs).length / seconds;
}

export function figuresOf(plan: LoadPlan, run: LoadRun, result: LoadResult, psp: PspMemory): Figures {
  const { stories, firstAnswers, duplicates, errors } = result;
  const times = firstAnswers.map(({ key, latencyMs }) => ({
    totalMs: latencyMs,
    pspMs: pspMsOf(stories.get(key)?.settled?.attemptIds, psp.msOfAttempt),
  }));
  const { addedMs, pspMs, unmatched } = addedOver(times);
  const payments = stories.size;
  const workers = [...run.usage.keys()].filter((name) => isSystem(name) && !SYSTEM.includes(name));
  const processes = [...SYSTEM, ...workers, ...OUTSIDE].flatMap((name) => {
    const usage = run.usage.get(name);
    return usage === undefined ? [] : [perPayment(name, usage, payments)];
  });
  const system = processes.filter(({ name }) => isSystem(name));
  return {
    offeredPerS: payments / plan.seconds,
    achievedPerS: achievedRate(firstAnswers, plan.seconds),
    payments,
    duplicates,
    errors: Object.fromEntries(errors),
    total: summaryOf(firstAnswers.map(({ latencyMs }) => latencyMs)),
    psp: summaryOf(pspMs),
    added: summaryOf(addedMs),
    unmatched,
    lateness: run.lateness,
    processes,
    systemCpuMsPerPayment:
      system.length < SYSTEM.length
        ? undefined
        : system.reduce((sum, { cpuMsPerPayment }) => sum + cpuMsPerPayment, 0),
  };
}

function pspMsOf(
  attemptIds: readonly string[] | undefined,
  msOfAttempt: ReadonlyMap<string, number>,
): number | undefined {
  if (attemptIds === undefined || attemptIds.length === 0) return undefined;
  let sum = 0;
  for (const id of attemptIds) {
    const ms = msOfAttempt.get(id);
    if (ms === undefined) return undefined;
    sum += ms;
  }
  return sum;
}

const perPayment = (name: string, usage: Usage, payments: number): ProcessFigures => ({
  name,
  cpuMsPerPayment: usage.cpuMs / Math.max(1, payments),
  startBytes: usage.startBytes,
  peakBytes: usage.peakBytes,
  endBytes: usage.endBytes,
});

export const keepsTheRate = ({ achievedPerS, offeredPerS }: Figures): boolean =>
  achievedPerS >= SUSTAINED_SHARE * offeredPerS;

export const hasErrors = ({ errors }: Figures): boolean => Object.keys(errors).length > 0;
