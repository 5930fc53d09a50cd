import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEMO_KEY } from '../../apps/local/src/banner';
import { startOwnStack } from '../stack/own-stack';
import { PROFILE_FOLDER, PROFILE_SIGNAL } from './cpu-profile';
import type { PspLatency } from './psp-simulator';

/** What is measured: a stack made for it, or one that runs already. */
export interface Target {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly pspUrl: string;
  /** Only of a stack of our own. */
  readonly eventStoreUrl: string | undefined;
  /** Process ids by name, of a stack of our own: those of others cannot be told. */
  readonly pids: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
}

/** The API's default limits protect a shop from itself; here the rate is the point. */
const NO_KEY_LIMIT = '1000000';

/** The system on free ports and in a temporary directory, which is removed by `stop`. */
export async function startTarget(options: {
  readonly latency: PspLatency;
  readonly seed: number;
  readonly cpuProfile: string | undefined;
  readonly workers: number;
  readonly progress: (text: string) => void;
}): Promise<Target> {
  const { stack, stop } = await startOwnStack({
    name: 'bench',
    workers: options.workers,
    environment: {
      SIM_LATENCY: `${options.latency.medianMs},${options.latency.p99Ms}`,
      SIM_SEED: String(options.seed),
      TENDER_KEY_REQUESTS_PER_SECOND: NO_KEY_LIMIT,
      TENDER_KEY_REQUESTS_IN_FLIGHT: NO_KEY_LIMIT,
      ...profiling(options.cpuProfile),
    },
    progress: options.progress,
  });
  const { apiUrl, stripeUrl: pspUrl, eventStoreUrl } = stack;
  const pids = new Map(Object.entries(stack.pids()));
  return { apiUrl, apiKey: DEMO_KEY, pspUrl, eventStoreUrl, pids, stop };
}

function profiling(folder: string | undefined): Record<string, string> {
  if (folder === undefined) return {};
  mkdirSync(folder, { recursive: true });
  return {
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require=${join(__dirname, 'cpu-profile.js')}`.trim(),
    [PROFILE_FOLDER]: resolve(folder),
  };
}

/** Starts the CPU profile of every process, or ends and writes it. Only for a stack that was started with a folder. */
export function toggleProfiles({ pids }: Target): void {
  for (const pid of pids.values()) process.kill(pid, PROFILE_SIGNAL);
}
