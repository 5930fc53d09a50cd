import type { PspName } from '@tender/domain';
import { SeededChance } from '../simulation/seeded-chance';
import type { LinkFault } from './faulty-link';

export type Deed =
  | { readonly kind: 'kill'; readonly process: string }
  | { readonly kind: 'stop'; readonly process: string; readonly lastsMs: number }
  | { readonly kind: 'link'; readonly link: string; readonly fault: LinkFault; readonly lastsMs: number }
  | { readonly kind: 'psp'; readonly psp: PspName; readonly fault: string; readonly lastsMs: number }
  | { readonly kind: 'redis_flush' };

export type PlannedFault = Deed & { readonly atMs: number };

export interface FaultPlan {
  readonly seed: number;
  readonly lastsMs: number;
  /** What can be killed and stopped. */
  readonly processes: readonly string[];
  readonly links: readonly string[];
  readonly hasRedis: boolean;
}

/** Between two faults, ms: so close that most meet another one that still lasts. */
const EVERY_AT_LEAST_MS = 500;
const EVERY_AT_MOST_MS = 2_000;
const LASTS_AT_LEAST_MS = 300;
const LASTS_AT_MOST_MS = 4_000;
const DELAY_AT_MOST_MS = 1_500;
/** A start needs seconds of a busy machine: a run of nothing but starts would test nothing. */
const ORDER: readonly Deed['kind'][] = [
  'kill',
  'psp',
  'link',
  'stop',
  'psp',
  'link',
  'link',
  'psp',
  'redis_flush',
];
/** An absence is proven only when the look-up has settled: too long for a run of less than this to wait for, ms. */
const LONG_RUN_MS = 3 * 60_000;

/** None of a webhook that is never sent: what becomes of a refund at Adyen, or of a dispute, is told by nothing else. */
const BOTH: readonly string[] = [
  ...['timeout_before', 'timeout_after_commit', 'reset_before', 'reset_after_commit'],
  ...['500_not_executed', 'refused:400', '429', '409', 'slow:300', 'slow:3000'],
  ...['webhook_dup:3', 'webhook_reorder', 'webhook_delay:1500', 'webhook_before_response'],
  'webhook_bad_sig',
];
/**
 * Adyen answers a burnt key with its stored 500 for ever, and has no look-up: such a payment ends by webhook only. Its signatures
 * have no time: a stale one would lie about when something happened, and be believed.
 */
const STRIPE_ALONE: readonly string[] = [
  ...['500_after_commit', '429_lock_timeout', 'stale:5000', 'webhook_stale', 'webhook_future'],
];
const STRIPE_IN_LONG_RUNS: readonly string[] = ['500_stored_not_executed'];

/** Which fault comes when: the same for the same seed and the same processes. Every kind comes up in turn. */
export function planFaults(plan: FaultPlan): readonly PlannedFault[] {
  const chance = new SeededChance(plan.seed);
  const decks: Readonly<Record<Deed['kind'], Deck<Deed>>> = {
    kill: new Deck(
      chance,
      plan.processes.map((process) => ({ kind: 'kill', process })),
    ),
    stop: new Deck(
      chance,
      // the one who keeps Redis is not in its way: silence of Redis is a fault of its link
      plan.processes
        .filter((process) => process !== 'redis')
        .map((process) => ({ kind: 'stop', process, lastsMs: 0 })),
    ),
    link: new Deck(
      chance,
      plan.links.flatMap((link) =>
        LINK_FAULTS.map((fault): Deed => ({ kind: 'link', link, fault, lastsMs: 0 })),
      ),
    ),
    psp: new Deck(chance, pspFaults(plan.lastsMs >= LONG_RUN_MS)),
    redis_flush: new Deck(chance, plan.hasRedis ? [{ kind: 'redis_flush' }] : []),
  };
  const planned: PlannedFault[] = [];
  let atMs = EVERY_AT_LEAST_MS;
  for (let turn = 0; atMs < plan.lastsMs; turn += 1) {
    const deed = decks[ORDER[turn % ORDER.length] ?? 'psp'].draw();
    if (deed === undefined) continue;
    planned.push({ ...withChance(deed, chance), atMs: Math.round(atMs) });
    atMs += chance.between(EVERY_AT_LEAST_MS, EVERY_AT_MOST_MS);
  }
  return planned;
}

const LINK_FAULTS: readonly LinkFault[] = [
  { kind: 'delay', ms: 0 },
  { kind: 'drop' },
  { kind: 'half_open' },
  { kind: 'reset' },
  { kind: 'refuse' },
];

const pspFaults = (isLong: boolean): readonly Deed[] => {
  const all: readonly (readonly [PspName, string])[] = [
    ...BOTH.flatMap((fault) => [['stripe', fault] as const, ['adyen', fault] as const]),
    ...[...STRIPE_ALONE, ...(isLong ? STRIPE_IN_LONG_RUNS : [])].map((fault) => ['stripe', fault] as const),
  ];
  return all.map(([psp, fault]) => ({ kind: 'psp', psp, fault, lastsMs: 0 }));
};

function withChance(deed: Deed, chance: SeededChance): Deed {
  if (!('lastsMs' in deed)) return deed;
  const lasting = { ...deed, lastsMs: Math.round(chance.between(LASTS_AT_LEAST_MS, LASTS_AT_MOST_MS)) };
  if (lasting.kind !== 'link' || lasting.fault.kind !== 'delay') return lasting;
  return { ...lasting, fault: { kind: 'delay', ms: Math.round(chance.between(1, DELAY_AT_MOST_MS)) } };
}

/** Cards that are dealt until none is left, then shuffled again: nothing is left out for long. */
class Deck<Card> {
  private rest: Card[] = [];

  constructor(
    private readonly chance: SeededChance,
    private readonly cards: readonly Card[],
  ) {}

  draw(): Card | undefined {
    if (this.rest.length === 0) this.rest = [...this.cards];
    return this.rest.splice(Math.floor(this.chance.random() * this.rest.length), 1)[0];
  }
}

/** By this name faults are counted. */
export function nameOf(deed: Deed): string {
  switch (deed.kind) {
    case 'kill':
    case 'stop':
      return `${deed.kind} ${deed.process}`;
    case 'link':
      return `${deed.fault.kind} ${deed.link}`;
    case 'psp':
      return `${deed.psp} ${deed.fault}`;
    case 'redis_flush':
      return 'redis FLUSHALL';
  }
}
