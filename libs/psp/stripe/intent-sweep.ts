import type Stripe from 'stripe';
import { field, readIntent, type SeenIntent } from './reply';

/** Stripe's largest page. */
export const SWEEP_PAGE_SIZE = 100;

/** A sweep that is longer gives up: it must never answer "not found" about intents that it has not read. */
export const MAX_SWEEP_PAGES = 300;

/** How far Stripe's clock and ours may be apart, ms; `created` is Stripe's, the start of an attempt is ours. */
export const CLOCK_SKEW_MS = 5 * 60_000;

/** Unknown attempts that started within this time of each other are answered by one sweep, ms. */
export const SWEEP_SPAN_MS = 5 * 60_000;

/** Where an intent nearly always is: Stripe creates it within this time of the attempt's start, ms. */
const LIKELY_WITHIN_MS = 2 * 60_000;

/** Nothing is sent for an attempt that is older, because its key would not be safe any more, ms. */
export const LAST_SEND_WITHIN_MS = 24 * 3_600_000;

export type SweepAnswer =
  | { readonly kind: 'found'; readonly intentId: string }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'unavailable'; readonly detail: string };

export interface IntentSweep {
  /**
   * @param startedMs when the attempt was recorded, ms since 1970
   * @throws what the SDK throws when a page cannot be had
   */
  find(attemptId: string, startedMs: number): Promise<SweepAnswer>;
}

interface Waiter {
  readonly attemptId: string;
  readonly startedMs: number;
  readonly resolve: (answer: SweepAnswer) => void;
  readonly reject: (thrown: unknown) => void;
}

interface Window {
  readonly fromS: number;
  readonly untilS: number;
}

/**
 * Stripe's list has no filter by metadata, so one attempt costs as many pages as a thousand of the same minutes.
 * One sweep runs at a time; whoever asks meanwhile shares the next one, which starts after they asked: an answer
 * is never older than its question.
 */
export function createIntentSweep(ports: { stripe: Stripe; nowMs: () => number }): IntentSweep {
  let waiting: Waiter[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      const oldest = Math.min(...waiting.map(({ startedMs }) => startedMs));
      const group = waiting.filter(({ startedMs }) => startedMs <= oldest + SWEEP_SPAN_MS);
      waiting = waiting.filter((waiter) => !group.includes(waiter));
      await answer(group);
    }
    running = false;
  }

  async function answer(group: readonly Waiter[]): Promise<void> {
    try {
      const { best, complete } = await sweep(ports.stripe, group, ports.nowMs());
      for (const { attemptId, resolve } of group) {
        const intent = best.get(attemptId);
        if (complete || (intent && rank(intent) === CHARGED)) {
          resolve(intent ? { kind: 'found', intentId: intent.id } : { kind: 'not_found' });
        } else {
          resolve({ kind: 'unavailable', detail: `the list is longer than ${MAX_SWEEP_PAGES} pages` });
        }
      }
    } catch (thrown) {
      for (const { reject } of group) reject(thrown);
    }
  }

  return {
    find: (attemptId, startedMs) =>
      new Promise((resolve, reject) => {
        waiting.push({ attemptId, startedMs, resolve, reject });
        if (!running) void run();
      }),
  };
}

/**
 * An intent that holds money ends the search for its attempt. One that does not is only an answer once the whole
 * window is read: were there a second one for the attempt, the one with the money has to win.
 */
async function sweep(stripe: Stripe, group: readonly Waiter[], nowMs: number) {
  const open = new Set(group.map(({ attemptId }) => attemptId));
  const best = new Map<string, SeenIntent>();
  let pages = 0;
  for (const window of windowsOf(group, nowMs)) {
    for (let cursor: string | undefined, more = true; more && open.size > 0; pages += 1) {
      if (pages === MAX_SWEEP_PAGES) return { best, complete: false };
      const page = await readPage(stripe, window, cursor);
      for (const intent of page.intents) {
        if (intent.attempt === null || !open.has(intent.attempt)) continue;
        const known = best.get(intent.attempt);
        if (known === undefined || rank(intent) > rank(known)) best.set(intent.attempt, intent);
        if (rank(intent) === CHARGED) open.delete(intent.attempt);
      }
      cursor = page.intents.at(-1)?.id;
      more = page.hasMore;
    }
  }
  return { best, complete: true };
}

/** The likely minutes first, then everything up to now. */
function windowsOf(group: readonly Waiter[], nowMs: number): Window[] {
  const starts = group.map(({ startedMs }) => startedMs);
  const fromMs = Math.min(...starts) - CLOCK_SKEW_MS;
  const likelyMs = Math.max(...starts) + LIKELY_WITHIN_MS;
  const untilMs = Math.min(nowMs, Math.max(...starts) + LAST_SEND_WITHIN_MS) + CLOCK_SKEW_MS;
  const likely = { fromS: seconds(fromMs), untilS: seconds(Math.min(likelyMs, untilMs)) };
  const rest = { fromS: likely.untilS + 1, untilS: seconds(untilMs) };
  return rest.fromS <= rest.untilS ? [likely, rest] : [likely];
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

async function readPage(stripe: Stripe, { fromS, untilS }: Window, cursor: string | undefined) {
  const page = await stripe.paymentIntents.list({
    created: { gte: fromS, lte: untilS },
    limit: SWEEP_PAGE_SIZE,
    ...(cursor !== undefined && { starting_after: cursor }),
  });
  const data = field(page, 'data');
  const hasMore = field(page, 'has_more');
  // an empty page that promises more would be asked for ever; any other shape is no list at all
  if (!Array.isArray(data) || typeof hasMore !== 'boolean' || (hasMore && data.length === 0)) {
    throw new Error('not a list of payment intents');
  }
  const intents = data.map(readIntent);
  if (page.lastResponse.statusCode !== 200 || !intents.every((intent) => intent !== null)) {
    throw new Error('not a list of payment intents');
  }
  return { intents, hasMore };
}

const CHARGED = 3;

function rank({ status }: SeenIntent): number {
  if (status === 'succeeded' || status === 'requires_capture') return CHARGED;
  if (status === 'processing' || status === 'requires_action') return 2;
  return 1;
}
