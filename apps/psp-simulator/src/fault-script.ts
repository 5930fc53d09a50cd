import { parseFault, type Fault, type FaultKind } from './faults';
import { seededRandom, type Random } from './seeded-random';
import { parseWebhookFault, type WebhookFault, type WebhookFaultKind } from './webhook-faults';

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
/** In `next`: what is sent instead of what is received. */
export const WEBHOOK_OP = 'webhook';

interface Rated<F> {
  readonly text: string;
  readonly fault: F;
  readonly rate: number;
}

interface Planned<F> {
  readonly op: string;
  readonly text: string;
  readonly fault: F;
  times: number;
}

/** Faults of one sort with a random stream of their own: how many webhooks there are must not move the requests' faults. */
class Plan<F> {
  readonly rates: Rated<F>[] = [];
  next: Planned<F>[] = [];

  constructor(private readonly random: Random) {}

  byChance(): F | undefined {
    if (this.rates.length === 0) return undefined;
    let chance = this.random();
    for (const { fault, rate } of this.rates) {
      if (chance < rate) return fault;
      chance -= rate;
    }
    return undefined;
  }

  takePlanned(op: string): F | undefined {
    const planned = this.next.find((entry) => entry.op === op || (entry.op === ANY_OP && op !== CONNECT_OP));
    if (planned === undefined) return undefined;
    planned.times -= 1;
    if (planned.times === 0) this.next = this.next.filter((entry) => entry !== planned);
    return planned.fault;
  }
}

interface Plans {
  readonly requests: Plan<Fault>;
  readonly webhooks: Plan<WebhookFault>;
}

const WEBHOOK_SEED_SALT = 0x3eb4;

const emptyPlans = (seed: number): Plans => ({
  requests: new Plan(seededRandom(seed)),
  webhooks: new Plan(seededRandom(seed ^ WEBHOOK_SEED_SALT)),
});

/** Decides request by request and webhook by webhook which fault to inject, and counts those that were. */
export class FaultScript {
  private plans: Plans;
  private ops: readonly string[] = [];
  private readonly counts = new Map<FaultKind | WebhookFaultKind, number>();

  constructor(private seed: number) {
    this.plans = emptyPlans(seed);
  }

  /** Replaces the script; the counts stay, so that healing does not hide what was injected. Returns what is wrong, if anything. */
  replace(body: FaultScriptBody): string | undefined {
    if (body.seed !== undefined && !Number.isSafeInteger(body.seed)) return 'the seed is not an integer';
    const seed = body.seed ?? this.seed;
    const plans = emptyPlans(seed);
    for (const [text, rate] of Object.entries(body.rates ?? {})) {
      if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) return `rate of ${text} is not in 0..1`;
      const fault = parseFault(text);
      const ofWebhook = parseWebhookFault(text);
      if (fault !== undefined) plans.requests.rates.push({ text, fault, rate });
      else if (ofWebhook !== undefined) plans.webhooks.rates.push({ text, fault: ofWebhook, rate });
      else return `unknown fault: ${text}`;
    }
    for (const { rates } of [plans.requests, plans.webhooks]) {
      const sum = (rates as readonly Rated<unknown>[]).reduce((total, { rate }) => total + rate, 0);
      if (sum > 1) return 'the rates add up to more than 1';
    }
    for (const { op, fault: text, times = 1 } of body.next ?? []) {
      if (!Number.isSafeInteger(times) || times < 1) return 'next needs times >= 1';
      const problem = planNext(plans, { op, text, times });
      if (problem !== undefined) return problem;
    }
    this.seed = seed;
    this.plans = plans;
    this.ops = body.ops ?? [];
    return undefined;
  }

  /** The planned fault for this operation, else one by chance. Not counted until it is injected. */
  draw(op: string): Fault | undefined {
    const { requests } = this.plans;
    const planned = requests.takePlanned(op);
    if (planned !== undefined) return planned;
    if (this.ops.length > 0 && !this.ops.includes(op) && !this.ops.includes(ANY_OP)) return undefined;
    return requests.byChance();
  }

  /** For one webhook; `ops` names operations of requests and does not narrow this. */
  drawForWebhook(): WebhookFault | undefined {
    const { webhooks } = this.plans;
    return webhooks.takePlanned(WEBHOOK_OP) ?? webhooks.byChance();
  }

  takePlanned(op: string): Fault | undefined {
    return this.plans.requests.takePlanned(op);
  }

  injected(kind: FaultKind | WebhookFaultKind): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  clear(): void {
    this.plans = emptyPlans(this.seed);
    this.ops = [];
    this.counts.clear();
  }

  describe(): object {
    const { requests, webhooks } = this.plans;
    return {
      seed: this.seed,
      rates: Object.fromEntries(
        [...requests.rates, ...webhooks.rates].map(({ text, rate }) => [text, rate] as const),
      ),
      ops: this.ops,
      next: [...requests.next, ...webhooks.next].map(({ op, text, times }) => ({ op, fault: text, times })),
      counts: Object.fromEntries(this.counts),
    };
  }
}

/** Returns what is wrong, if anything. */
function planNext(plans: Plans, entry: Omit<Planned<unknown>, 'fault'>): string | undefined {
  if (entry.op === WEBHOOK_OP) {
    const fault = parseWebhookFault(entry.text);
    if (fault === undefined) return `unknown fault of a webhook: ${entry.text}`;
    plans.webhooks.next.push({ ...entry, fault });
    return undefined;
  }
  const fault = parseFault(entry.text);
  if (fault === undefined) return `unknown fault: ${entry.text}`;
  if (entry.op === CONNECT_OP && fault.kind !== 'refused') return 'only refused acts on connect';
  plans.requests.next.push({ ...entry, fault });
  return undefined;
}
