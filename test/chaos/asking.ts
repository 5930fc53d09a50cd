import { fingerprintOf } from '../../apps/api/src/payments/fingerprint';
import type { SeededChance } from '../simulation/seeded-chance';
import type { Answer, ApiClient } from '../stack/api-client';
import { type Asked, askUntilTold, NeverTold } from '../stack/stubborn-client';

/** What a request is about: a payment that its key makes, or something that is there. Ids are uuids. */
export type About =
  | { readonly kind: 'payment' }
  | { readonly kind: 'capture' | 'refund'; readonly paymentId: string }
  | { readonly kind: 'retry' | 'abandon'; readonly refundId: string };

export interface Request extends Asked {
  readonly about: About;
}

export interface Heard {
  readonly request: Request;
  /** Of the body that was sent. */
  readonly fingerprint: string;
  readonly status: number;
  readonly text: string;
}

/** How often something of a kind was asked for. */
export interface Counts {
  /** Under keys of their own. */
  asked: number;
  requests: number;
  duplicates: number;
  abandoned: number;
  otherBodies: number;
}

export interface AskingOptions {
  readonly api: ApiClient;
  /** Nobody waits any longer. */
  readonly isOver: () => boolean;
}

const RATES = { twiceAtOnce: 0.15, abandonedFirst: 0.15, again: 0.2, otherBody: 0.05 } as const;
const ABANDONED_AFTER_AT_MOST_MS = 400;
const AGAIN_AFTER_AT_MOST_MS = 5_000;
const SEND_TIMEOUT_MS = 15_000;
/** Of those who ask again at the end. */
const AT_ONCE = 16;

/** How customers and merchants ask: in every way that the contract allows, and all that they hear is kept. */
export class Asking {
  readonly heard: Heard[] = [];
  /** What no valid request may be answered with, and what never was. */
  readonly complaints: string[] = [];
  readonly counts: Readonly<Record<About['kind'], Counts>> = {
    payment: noCounts(),
    capture: noCounts(),
    refund: noCounts(),
    retry: noCounts(),
    abandon: noCounts(),
  };
  private readonly told: { readonly request: Request; readonly final: ReadonlySet<number> }[] = [];
  private readonly keysSent = new Set<string>();

  constructor(private readonly options: AskingOptions) {}

  /**
   * Given up and sent again, twice at once, until it is told, and once more later; now and then with another body.
   *
   * @param other a body that is not the request's; none where there is no other
   * @returns undefined when it never will be told
   */
  async insist(
    request: Request,
    final: ReadonlySet<number>,
    chance: SeededChance,
    other?: Asked['body'],
  ): Promise<Answer | undefined> {
    const counts = this.counts[request.about.kind];
    if (chance.happens(RATES.abandonedFirst)) {
      counts.abandoned += 1;
      await this.once(request, chance.random() * ABANDONED_AFTER_AT_MOST_MS);
    }
    if (chance.happens(RATES.twiceAtOnce)) void this.once(request);
    const answer = await this.untilTold(request, final);
    if (answer === undefined || answer.status >= 300) return answer;
    this.told.push({ request, final });
    if (chance.happens(RATES.again)) {
      await pause(chance.random() * AGAIN_AFTER_AT_MOST_MS);
      await this.once(request);
    }
    if (other !== undefined && chance.happens(RATES.otherBody)) {
      counts.otherBodies += 1;
      await this.once({ ...request, body: other });
    }
    return answer;
  }

  /**
   * @param sends after so many it is left at that; by default whoever is never told complains
   * @returns undefined when that will never be
   */
  async untilTold(
    request: Request,
    final: ReadonlySet<number>,
    sends = Number.POSITIVE_INFINITY,
  ): Promise<Answer | undefined> {
    const { api, isOver } = this.options;
    let left = sends;
    try {
      const { answer } = await askUntilTold(api, request, final, {
        heard: ({ status, text }) => {
          this.hear(request, status, text);
        },
        sending: () => {
          this.sent(request);
        },
        isOver: () => isOver() || (left -= 1) < 0,
      });
      return answer;
    } catch (error) {
      const gaveUp = error instanceof NeverTold && left < 0;
      if (!gaveUp) this.complaints.push(error instanceof NeverTold ? error.message : String(error));
      return undefined;
    }
  }

  /** Everything once more that was done: what was told must be told again. */
  async everythingAgain(): Promise<void> {
    const told = [...this.told];
    for (let from = 0; from < told.length; from += AT_ONCE) {
      const some = told.slice(from, from + AT_ONCE);
      await Promise.all(some.map(({ request, final }) => this.untilTold(request, final)));
    }
  }

  /** One request, given up after a time. */
  private async once(request: Request, withinMs = SEND_TIMEOUT_MS): Promise<void> {
    this.sent(request);
    const { path, key, body } = request;
    const patience = AbortSignal.timeout(Math.ceil(withinMs));
    // without an answer it went to nobody
    const answer = await this.options.api.post(path, key, body, {}, patience).catch(() => undefined);
    if (answer !== undefined) this.hear(request, answer.status, answer.text);
  }

  private sent({ about: { kind }, path, key }: Request): void {
    const counts = this.counts[kind];
    const name = `${path} ${key}`;
    counts.requests += 1;
    counts[this.keysSent.has(name) ? 'duplicates' : 'asked'] += 1;
    this.keysSent.add(name);
  }

  private hear(request: Request, status: number, text: string): void {
    this.heard.push({ request, fingerprint: fingerprintOf(request.body), status, text });
  }
}

function noCounts(): Counts {
  return { asked: 0, requests: 0, duplicates: 0, abandoned: 0, otherBodies: 0 };
}

export const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
