import { Command, InvalidArgumentError, Option } from 'commander';
import type { Gaps, Payload } from './load-plan';
import type { PspLatency } from './psp-simulator';

export interface RunningTarget {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly pspUrl: string;
}

export interface BenchOptions {
  readonly ratePerS: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly gaps: Gaps;
  readonly seed: number;
  readonly duplicates: number;
  readonly payload: Payload;
  /** Undefined on a running stack whose PSP keeps its own. */
  readonly latency: PspLatency | undefined;
  readonly target: RunningTarget | undefined;
  readonly findMax: { readonly maxAddedP99Ms: number } | undefined;
  readonly jsonFile: string | undefined;
  readonly cpuProfile: string | undefined;
  /** Of a stack of its own. */
  readonly workers: number;
}

export const WORKERS_MAX = 16;
export const RATE_MAX_PER_S = 20_000;
export const SECONDS_MAX = 86_400;
export const WARM_UP_MAX_SECONDS = 600;
export const SEED_MAX = 0xffff_ffff;
/** The simulator's own limit. */
export const PSP_LATENCY_MAX_MS = 60_000;

const DEFAULT_LATENCY: PspLatency = { medianMs: 30, p99Ms: 120 };

/** What commander read; an option that was not given and has no default is undefined. */
interface Given {
  readonly rate: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly gaps: Gaps;
  readonly seed: number;
  readonly duplicates: number;
  readonly payload: Payload;
  readonly pspMedianMs?: number;
  readonly pspP99Ms?: number;
  readonly api?: string;
  readonly key?: string;
  readonly psp?: string;
  readonly findMax?: boolean;
  readonly maxAddedP99Ms: number;
  readonly json?: string;
  readonly cpuProfile?: string;
  readonly workers: number;
}

/**
 * @param args without the program's name
 * @throws CommanderError for `--help`, and for an option that breaks its rule, after it was printed
 */
export function readOptions(args: readonly string[], command = benchCommand()): BenchOptions {
  command.exitOverride().parse(args, { from: 'user' });
  const given = command.opts<Given>();
  const refuse = (message: string): never => command.error(`error: ${message}`);
  const target = targetOf(given, refuse);
  if (target !== undefined && given.cpuProfile !== undefined) {
    refuse("option '--cpu-profile' is for a stack of its own, not for a running one");
  }
  return {
    ratePerS: given.rate,
    seconds: given.seconds,
    warmUpSeconds: given.warmUp,
    gaps: given.gaps,
    seed: given.seed,
    duplicates: given.duplicates,
    payload: given.payload,
    latency: latencyOf(given, target !== undefined, refuse),
    target,
    findMax: given.findMax === true ? { maxAddedP99Ms: given.maxAddedP99Ms } : undefined,
    jsonFile: given.json,
    cpuProfile: given.cpuProfile,
    workers: given.workers,
  };
}

export function benchCommand(): Command {
  const { medianMs, p99Ms } = DEFAULT_LATENCY;
  return new Command('npm run bench --')
    .description(
      'Charges customers at a fixed rate, counts latency from the planned start of each request, and checks ' +
        "every payment against the PSP's own memory. Exits with 1 on a violation, a lost rate (under 99 %) or an error.",
    )
    .option('--rate <n>', 'payments a second', numberFrom('rate', 0.1, RATE_MAX_PER_S), 58)
    .option('--seconds <n>', 'length of the measured load', numberFrom('seconds', 1, SECONDS_MAX), 60)
    .option('--warm-up <n>', 'seconds at the rate first', numberFrom('warm-up', 0, WARM_UP_MAX_SECONDS), 5)
    .addOption(
      new Option('--gaps <kind>', 'between requests')
        .choices(['exponential', 'uniform'])
        .default('exponential'),
    )
    .option('--seed <n>', 'of gaps, amounts and delays', integerFrom('seed', 0, SEED_MAX), 1)
    .option('--duplicates <share>', 'payments that are sent twice, 0 to 1', numberFrom('duplicates', 0, 1), 0)
    .option('--payload <what>', 'small, full, or a JSON object of fields', payloadFrom, 'small')
    .option(
      '--psp-median-ms <n>',
      `the PSP's median time (default: ${medianMs})`,
      numberFrom('psp-median-ms', 0, PSP_LATENCY_MAX_MS),
    )
    .option(
      '--psp-p99-ms <n>',
      `the PSP's 99th percentile (default: ${p99Ms}, or four medians)`,
      numberFrom('psp-p99-ms', 0, PSP_LATENCY_MAX_MS),
    )
    .option(
      '--api <url>',
      'a running API instead of a stack of its own; needs --key and --psp',
      urlFrom('api'),
    )
    .option('--key <key>', 'API key of the running stack')
    .option('--psp <url>', 'PSP simulator of the running stack', urlFrom('psp'))
    .option('--find-max', 'raises the rate from --rate in steps of --seconds until it is not sustained')
    .option(
      '--max-added-p99-ms <n>',
      'with --find-max: a rate that adds more at p99 is not sustained',
      numberFrom('max-added-p99-ms', 1, PSP_LATENCY_MAX_MS),
      100,
    )
    .option('--workers <n>', 'workers of a stack of its own', integerFrom('workers', 1, WORKERS_MAX), 1)
    .option('--json <file>', 'writes the figures')
    .option('--cpu-profile <folder>', 'writes a CPU profile of each process under the load');
}

function targetOf({ api, key, psp }: Given, refuse: (message: string) => never): RunningTarget | undefined {
  const named = Object.entries({ api, key, psp }).filter(([, value]) => value !== undefined);
  if (named.length === 0) return undefined;
  if (api === undefined || key === undefined || psp === undefined) {
    const given = named.map(([name]) => `--${name}`).join(' and ');
    return refuse(`options '--api', '--key' and '--psp' go together, only ${given} is given`);
  }
  return { apiUrl: api, apiKey: key, pspUrl: psp };
}

function latencyOf(
  { pspMedianMs, pspP99Ms }: Given,
  running: boolean,
  refuse: (message: string) => never,
): PspLatency | undefined {
  if (pspMedianMs === undefined && pspP99Ms === undefined) return running ? undefined : DEFAULT_LATENCY;
  const medianMs = pspMedianMs ?? DEFAULT_LATENCY.medianMs;
  const p99Ms = pspP99Ms ?? Math.min(PSP_LATENCY_MAX_MS, medianMs * 4);
  if (p99Ms < medianMs)
    return refuse(`option '--psp-p99-ms' is ${p99Ms}, below '--psp-median-ms' ${medianMs}`);
  return { medianMs, p99Ms };
}

function numberFrom(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`${name} is a number from ${min} to ${max}.`);
  };
}

function integerFrom(name: string, min: number, max: number): (text: string) => number {
  const read = numberFrom(name, min, max);
  return (text) => {
    if (/^\d+$/.test(text)) return read(text);
    throw new InvalidArgumentError(`${name} is a whole number from ${min} to ${max}.`);
  };
}

function urlFrom(name: string): (text: string) => string {
  return (text) => {
    if (URL.canParse(text) && new URL(text).protocol === 'http:') return new URL(text).origin;
    throw new InvalidArgumentError(`${name} is an http:// URL.`);
  };
}

function payloadFrom(text: string): Payload {
  if (text === 'small' || text === 'full') return text;
  try {
    const fields: unknown = JSON.parse(text);
    if (typeof fields === 'object' && fields !== null && !Array.isArray(fields)) {
      return fields as Readonly<Record<string, unknown>>;
    }
  } catch {
    // the rule below says what it is
  }
  throw new InvalidArgumentError('payload is "small", "full" or a JSON object.');
}
