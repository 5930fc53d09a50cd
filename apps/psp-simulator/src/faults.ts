import { seededRandom, type Random } from './seeded-random';

/**
 * What can go wrong between a client and a PSP, named by what became of the request:
 * - `timeout_before`, `reset_before`: never executed, never answered;
 * - `timeout_after_commit`, `reset_after_commit`: executed and stored under its key, the answer lost;
 * - `500_after_commit`: executed, but a 500 is what is stored under the key and replayed;
 * - `500_not_executed`: answered by an edge in front of the idempotency layer, nothing stored;
 * - `500_stored_not_executed`: the same 500 from behind that layer, so that the key replays it;
 * - `429`, `429_lock_timeout`, `409`: refused before execution, nothing stored;
 * - `refused:ms`: the request's connection is cut unread and no new one is accepted for that long;
 * - `slow:ms`: executed only after that long, its key in progress meanwhile;
 * - `stale:ms`: a list that does not show yet what was created within that long.
 */
export const FAULT_KINDS = [
  'timeout_before',
  'timeout_after_commit',
  'reset_before',
  'reset_after_commit',
  '500_after_commit',
  '500_not_executed',
  '500_stored_not_executed',
  'refused',
  '429',
  '429_lock_timeout',
  '409',
  'slow',
  'stale',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  readonly kind: FaultKind;
  /** Only `slow`, `refused` and `stale` last. */
  readonly ms: number;
}

/** Long enough for a client to meet a closed port, short enough for a test to see it open again. */
export const REFUSED_DEFAULT_MS = 200;
export const FAULT_MAX_MS = 3_600_000;

/** Reads `kind` or `kind:ms`; undefined when it names no fault. */
export function parseFault(text: string): Fault | undefined {
  const [name = '', duration, ...rest] = text.split(':');
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind === undefined || rest.length > 0) return undefined;
  const lasts = kind === 'slow' || kind === 'refused' || kind === 'stale';
  if (duration === undefined) {
    if (kind === 'refused') return { kind, ms: REFUSED_DEFAULT_MS };
    return lasts ? undefined : { kind, ms: 0 };
  }
  const ms = Number(duration);
  if (!lasts || !/^\d+$/.test(duration) || ms > FAULT_MAX_MS) return undefined;
  return { kind, ms };
}

interface Planned {
  readonly op: string;
  readonly text: string;
  readonly fault: Fault;
  times: number;
}

/** `rates` by fault for every operation (or those in `ops`), `next` for the next so many requests of an operation. */
export interface FaultScriptBody {
  readonly seed?: number;
  readonly rates?: Readonly<Record<string, number>>;
  readonly ops?: readonly string[];
  readonly next?: readonly { readonly op: string; readonly fault: string; readonly times?: number }[];
}

/** Matches every operation in `ops` and `next`. */
export const ANY_OP = 'any';
/** In `next`: act at once on the listening socket instead of waiting for a request. */
export const CONNECT_OP = 'connect';

/** Decides request by request which fault to inject, and counts those that were. */
export class FaultScript {
  private seed: number;
  private random: Random;
  private rates: { text: string; fault: Fault; rate: number }[] = [];
  private ops: readonly string[] = [];
  private next: Planned[] = [];
  private readonly counts = new Map<FaultKind, number>();

  constructor(seed: number) {
    this.seed = seed;
    this.random = seededRandom(seed);
  }

  /** Replaces the script; the counts stay, so that healing does not hide what was injected. Returns what is wrong, if anything. */
  replace(body: FaultScriptBody): string | undefined {
    const rates: typeof this.rates = [];
    for (const [text, rate] of Object.entries(body.rates ?? {})) {
      const fault = parseFault(text);
      if (fault === undefined) return `unknown fault: ${text}`;
      if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) return `rate of ${text} is not in 0..1`;
      rates.push({ text, fault, rate });
    }
    if (rates.reduce((sum, { rate }) => sum + rate, 0) > 1) return 'the rates add up to more than 1';
    const next: Planned[] = [];
    for (const { op, fault: text, times = 1 } of body.next ?? []) {
      const fault = parseFault(text);
      if (fault === undefined) return `unknown fault: ${text}`;
      if (typeof op !== 'string' || !Number.isSafeInteger(times) || times < 1)
        return 'next needs an op and times >= 1';
      if (op === CONNECT_OP && fault.kind !== 'refused') return 'only refused acts on connect';
      next.push({ op, text, fault, times });
    }
    if (body.seed !== undefined && !Number.isSafeInteger(body.seed)) return 'the seed is not an integer';
    this.seed = body.seed ?? this.seed;
    this.random = seededRandom(this.seed);
    this.rates = rates;
    this.ops = body.ops ?? [];
    this.next = next;
    return undefined;
  }

  /** The planned fault for this operation, else one by chance. Not counted until it is injected. */
  draw(op: string): Fault | undefined {
    if (this.next.length > 0) {
      const planned = this.takePlanned(op);
      if (planned !== undefined) return planned;
    }
    if (this.rates.length === 0) return undefined;
    if (this.ops.length > 0 && !this.ops.includes(op) && !this.ops.includes(ANY_OP)) return undefined;
    let chance = this.random();
    for (const { fault, rate } of this.rates) {
      if (chance < rate) return fault;
      chance -= rate;
    }
    return undefined;
  }

  takePlanned(op: string): Fault | undefined {
    const planned = this.next.find((entry) => entry.op === op || (entry.op === ANY_OP && op !== CONNECT_OP));
    if (planned === undefined) return undefined;
    planned.times -= 1;
    if (planned.times === 0) this.next = this.next.filter((entry) => entry !== planned);
    return planned.fault;
  }

  injected(kind: FaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  clear(): void {
    this.rates = [];
    this.ops = [];
    this.next = [];
    this.counts.clear();
  }

  describe(): object {
    return {
      seed: this.seed,
      rates: Object.fromEntries(this.rates.map(({ text, rate }) => [text, rate])),
      ops: this.ops,
      next: this.next.map(({ op, text, times }) => ({ op, fault: text, times })),
      counts: Object.fromEntries(this.counts),
    };
  }
}
