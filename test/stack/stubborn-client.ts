import type { Answer, ApiClient, Json } from './api-client';

/** One order of a customer, and what the merchant knows about it. */
export interface Order {
  readonly key: string;
  readonly body: Json & { readonly amount: number };
  /** The first answer with the outcome. */
  readonly answer: Answer;
  /** How often it was sent until then. */
  readonly sends: number;
}

const PAUSE_MS = 100;
/** A little more than the API makes anybody wait by default. */
const SEND_TIMEOUT_MS = 12_000;

/** What a merchant may do about an answer: take it, or send the same again. Nothing else is ever answered to a valid request. */
const SEND_AGAIN = new Set([202, 409, 429, 503]);

export interface Listener {
  /** Of every answer, the last one included. */
  readonly heard?: (answer: Answer) => void;
  readonly sending?: () => void;
  /** Asked before every send: whether it is time to give up. */
  readonly isOver?: () => boolean;
}

/** The time for an answer is over. */
export class NeverTold extends Error {
  override readonly name = 'NeverTold';
}

/** What is asked of the API under a key. */
export interface Asked {
  readonly path: string;
  readonly key: string;
  readonly body: Json;
}

const PAID: ReadonlySet<number> = new Set([201]);

/**
 * Sends one order with its key until its outcome is told, as the contract asks of merchants: a lost connection, a
 * refused one, 202, 409, 429 and 503 are sent again.
 *
 * @throws at any other answer than 201; NeverTold
 */
export async function payUntilTold(
  api: ApiClient,
  key: string,
  body: Order['body'],
  listener: Listener = {},
): Promise<Order> {
  const told = await askUntilTold(api, { path: '/v1/payments', key, body }, PAID, listener);
  return { key, body, ...told };
}

/**
 * The same of anything else that is asked under a key.
 *
 * @param final the statuses of answers that are taken
 * @throws at any other answer; NeverTold
 */
export async function askUntilTold(
  api: ApiClient,
  asked: Asked,
  final: ReadonlySet<number>,
  { heard, sending, isOver }: Listener = {},
): Promise<Pick<Order, 'answer' | 'sends'>> {
  const { path, key } = asked;
  for (let sends = 1; ; sends += 1) {
    if (isOver?.() === true) throw new NeverTold(`${path} ${key} has no outcome after ${sends - 1} requests`);
    sending?.();
    const answer = await sendOnce(api, asked);
    if (answer !== undefined) heard?.(answer);
    if (answer !== undefined && final.has(answer.status)) return { answer, sends };
    if (answer !== undefined && !SEND_AGAIN.has(answer.status)) {
      throw new Error(`${path} ${key} was answered ${answer.status}: ${answer.text}`);
    }
    const seconds = Number(answer?.headers.get('retry-after') ?? 0);
    await new Promise((wake) => setTimeout(wake, Math.max(PAUSE_MS, seconds * 1_000)));
  }
}

/** Undefined when no answer came. The connection is given up with it: thousands of them would stop everybody. */
async function sendOnce(api: ApiClient, { path, key, body }: Asked): Promise<Answer | undefined> {
  return api.post(path, key, body, {}, AbortSignal.timeout(SEND_TIMEOUT_MS)).catch(() => undefined);
}
