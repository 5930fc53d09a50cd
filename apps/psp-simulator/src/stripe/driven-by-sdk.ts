import Stripe from 'stripe';
import { Patience } from '../patience.fixture';
import { RESULTS_AFTER_MS } from '../results-after.fixture';
import type { TruthRow } from '../truth';
import { startStripeSimulator, type StripeSimulator, type StripeSimulatorOptions } from './server';

/**
 * The SDK repeats a request once by itself when the connection was reset, even with no retries allowed. Tests count
 * requests, so the code it looks for is hidden from it.
 */
class OneRequestHttpClient extends Stripe.HttpClient {
  private readonly inner = Stripe.createNodeHttpClient();

  constructor(private readonly patience: Patience) {
    super();
  }

  override getClientName(): string {
    return 'one-request';
  }

  override async makeRequest(
    ...[host, port, path, method, headers, data, protocol]: Parameters<Stripe.HttpClient['makeRequest']>
  ): ReturnType<Stripe.HttpClient['makeRequest']> {
    try {
      const { ms } = this.patience;
      return await this.inner.makeRequest(host, port, path, method, headers, data, protocol, ms);
    } catch (error) {
      this.patience.requestFailed();
      const { code = 'none', message } = error as NodeJS.ErrnoException;
      throw Object.assign(new Error(`${code}: ${message}`), { code: `SEEN_${code}` });
    }
  }
}

export interface OutboxEntry {
  readonly due_at: string;
  readonly attempts: number;
  readonly next_at: string | null;
  readonly delivered_at: string | null;
  readonly event: Stripe.Event;
}

/** A simulator and the official SDK pointed at it. */
export class Driven {
  readonly stripe: Stripe;
  readonly patience = new Patience();

  private constructor(readonly simulator: StripeSimulator) {
    this.stripe = sdkFor(simulator.port, this.patience);
  }

  static async start(options: StripeSimulatorOptions = {}): Promise<Driven> {
    return new Driven(
      await startStripeSimulator({
        latency: { medianMs: 0, p99Ms: 0 },
        resultsAfterMs: RESULTS_AFTER_MS,
        ...options,
      }),
    );
  }

  async control(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.simulator.url}/_sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(answer));
    return answer;
  }

  async truth(): Promise<TruthRow[]> {
    return (await this.control('GET', 'truth')) as TruthRow[];
  }

  async outbox(): Promise<OutboxEntry[]> {
    return (await this.control('GET', 'outbox')) as OutboxEntry[];
  }

  async advance(ms: number): Promise<void> {
    await this.control('POST', 'clock', { advance_ms: ms });
  }

  /** Names of all events, the oldest first. */
  async happened(): Promise<string[]> {
    return (await this.stripe.events.list({ limit: 100 })).data.map(({ type }) => type).toReversed();
  }

  /** The next request of this operation meets the fault. */
  async failNext(op: string, fault: string, times = 1): Promise<void> {
    this.patience.planned(fault, times);
    await this.control('PUT', 'faults', { next: [{ op, fault, times }] });
  }

  async faultCounts(): Promise<Record<string, number>> {
    return ((await this.control('GET', 'faults')) as { counts: Record<string, number> }).counts;
  }

  /** Creates and confirms in one request, as an attempt does. */
  charge(
    key: string,
    more: Partial<Stripe.PaymentIntentCreateParams> = {},
  ): Promise<Stripe.Response<Stripe.PaymentIntent>> {
    return this.stripe.paymentIntents.create(
      { amount: 1099, currency: 'usd', payment_method: 'pm_card_visa', confirm: true, ...more },
      { idempotencyKey: key },
    );
  }
}

export function sdkFor(port: number, patience = new Patience()): Stripe {
  return new Stripe('sk_test_simulator', {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient: new OneRequestHttpClient(patience),
  });
}

/** The error that a call ended with; a call that succeeds fails the test. */
export async function errorOf(call: Promise<unknown>): Promise<Stripe.errors.StripeError> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}
