/** What is sent and when, all of it from a seed: two runs with one seed send the same at the same times. */

export type Gaps = 'exponential' | 'uniform';

export interface LoadPlan {
  readonly ratePerS: number;
  readonly seconds: number;
  readonly gaps: Gaps;
  readonly seed: number;
  /** Share of the payments whose request is sent a second time, on top of the rate. */
  readonly duplicates: number;
  readonly payload: Payload;
  /** In front of every idempotency key: keys of another run name other payments. */
  readonly keyPrefix: string;
}

/** `small` has the required fields; `full` all that a shop would send. An object stands for itself, amount included. */
export type Payload = 'small' | 'full' | Readonly<Record<string, unknown>>;

/** One request of the plan. */
export interface PlannedSend {
  readonly index: number;
  readonly duplicate: boolean;
  /** From the start of the run, ms. */
  readonly atMs: number;
}

/** A product's range of prices, minor units. */
const MIN_AMOUNT_MINOR = 100;
const MAX_AMOUNT_MINOR = 1_000_000;
const CURRENCIES = ['USD', 'EUR', 'GBP'] as const;

/** A later duplicate follows within this time, ms: long enough to come after the answer, too. */
export const LATER_DUPLICATE_WITHIN_MS = 2_000;

/** Mulberry32 (public domain, Tommy Ettinger): small, fast, and good enough to spread load. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Independent of how many others are drawn, so that a request can be drawn again from its index alone. */
const randomOf = (seed: number, index: number): (() => number) =>
  randomFrom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));

/** Every request of a run in the order of its time. */
export function* plannedSends(plan: LoadPlan): Generator<PlannedSend> {
  const random = randomFrom(plan.seed);
  const endMs = plan.seconds * 1000;
  const meanGapMs = 1000 / plan.ratePerS;
  // ordered by time; a later duplicate waits here for its turn
  const later: PlannedSend[] = [];
  let atMs = gapMs(plan.gaps, meanGapMs, random);
  for (let index = 0; atMs < endMs; index += 1) {
    for (let due = later[0]; due !== undefined && due.atMs <= atMs; due = later[0]) {
      later.shift();
      yield due;
    }
    yield { index, duplicate: false, atMs };
    if (random() < plan.duplicates) {
      const atOnce = random() < 0.5;
      const delayMs = atOnce ? 0 : random() * LATER_DUPLICATE_WITHIN_MS;
      const again = { index, duplicate: true, atMs: atMs + delayMs };
      if (atOnce) yield again;
      else insert(later, again);
    }
    atMs += gapMs(plan.gaps, meanGapMs, random);
  }
  yield* later;
}

function insert(queue: PlannedSend[], send: PlannedSend): void {
  let place = queue.length;
  while (place > 0 && (queue[place - 1]?.atMs ?? 0) > send.atMs) place -= 1;
  queue.splice(place, 0, send);
}

/** Exponential gaps are those of independent customers; uniform ones never crowd and show the bare cost. */
function gapMs(gaps: Gaps, meanMs: number, random: () => number): number {
  return gaps === 'exponential' ? -Math.log(1 - random()) * meanMs : 2 * meanMs * random();
}

export const keyOf = ({ keyPrefix }: LoadPlan, index: number): string => `${keyPrefix}-${index}`;

export interface SentMoney {
  readonly amount: number;
  readonly currency: string;
}

/** The body of a payment: the same text whenever it is asked for. */
export function bodyOf({ payload, seed }: LoadPlan, index: number): string {
  const random = randomOf(seed, index);
  const span = MAX_AMOUNT_MINOR - MIN_AMOUNT_MINOR + 1;
  const money: SentMoney = {
    amount: MIN_AMOUNT_MINOR + Math.floor(random() * span),
    currency: CURRENCIES[Math.floor(random() * CURRENCIES.length)] ?? 'USD',
  };
  if (typeof payload === 'object')
    return JSON.stringify({ ...money, payment_method: 'pm_card_visa', ...payload });
  const small = { ...money, payment_method: 'pm_card_visa' };
  if (payload === 'small') return JSON.stringify(small);
  return JSON.stringify({
    ...small,
    customer_id: `customer-${Math.floor(random() * 10_000)}`,
    description: `Order ${index}: two tickets, row 7, seats 12 and 13`,
    statement_descriptor: 'TENDER TICKETS',
    metadata: { order: `order-${index}`, channel: 'web', campaign: 'autumn', cart: `cart-${seed}-${index}` },
  });
}
