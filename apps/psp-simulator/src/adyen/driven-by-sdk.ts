import Client from '@adyen/api-library/lib/src/client';
import Config, { EnvironmentEnum } from '@adyen/api-library/lib/src/config';
import type ClientInterface from '@adyen/api-library/lib/src/httpClient/clientInterface';
import HttpClientException from '@adyen/api-library/lib/src/httpClient/httpClientException';
import { ModificationsApi } from '@adyen/api-library/lib/src/services/checkout/modificationsApi';
import { PaymentsApi } from '@adyen/api-library/lib/src/services/checkout/paymentsApi';
import type { PaymentRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRequest';
import type { PaymentResponse } from '@adyen/api-library/lib/src/typings/checkout/paymentResponse';
import { Patience } from '../patience.fixture';
import { RESULTS_AFTER_MS } from '../results-after.fixture';
import type { TruthRow } from '../truth';
import {
  DEFAULT_MERCHANT_ACCOUNT,
  startAdyenSimulator,
  type AdyenSimulator,
  type AdyenSimulatorOptions,
} from './server';

/** The SDK's own client knows https on Adyen's hosts only. */
class SimulatorHttpClient implements ClientInterface {
  constructor(
    private readonly origin: string,
    private readonly patience: Patience,
  ) {}

  readonly request: ClientInterface['request'] = async (endpoint, json, config, _needed, options = {}) => {
    const response = await fetch(this.origin + new URL(endpoint).pathname, {
      method: options.method ?? 'POST',
      headers: {
        'content-type': 'application/json',
        'x-api-key': config.apiKey ?? '',
        ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
      },
      body: json.toString(),
      signal: AbortSignal.timeout(this.patience.ms),
    }).catch((error: unknown) => {
      this.patience.requestFailed();
      throw error;
    });
    const responseBody = await response.text();
    if (response.ok) return responseBody;
    const { errorCode } = JSON.parse(responseBody) as { errorCode: string };
    const responseHeaders = Object.fromEntries(response.headers);
    throw new HttpClientException({
      message: responseBody,
      statusCode: response.status,
      errorCode,
      responseHeaders,
      responseBody,
    });
  };
}

export interface SentItem {
  readonly eventCode: string;
  readonly success: string;
  readonly pspReference: string;
  readonly originalReference?: string;
  readonly merchantReference: string;
  readonly amount: { readonly value: number; readonly currency: string };
  readonly reason: string;
  readonly additionalData: Readonly<Record<string, string>>;
}

export interface OutboxEntry {
  readonly due_at: string;
  readonly attempts: number;
  readonly next_at: string | null;
  readonly delivered_at: string | null;
  readonly item: SentItem;
}

/** What a simulator is asked for most of the time. */
export const paymentOf = (
  reference: string,
  more: Readonly<Record<string, unknown>> = {},
  card = 'card_ok',
): Readonly<Record<string, unknown>> => ({
  amount: { currency: 'EUR', value: 1099 },
  merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
  reference,
  paymentMethod: { type: 'scheme', storedPaymentMethodId: card },
  shopperReference: 'shopper-1',
  returnUrl: 'https://shop.example/back',
  ...more,
});

export const MANUAL = { additionalData: { manualCapture: 'true' } };

/** A simulator and the official SDK pointed at it. */
export class Driven {
  readonly payments: PaymentsApi;
  readonly modifications: ModificationsApi;
  private readonly elsewhere: PaymentsApi;
  private readonly patience = new Patience();

  private constructor(readonly simulator: AdyenSimulator) {
    const config = new Config({ apiKey: 'AQE_simulator', environment: EnvironmentEnum.TEST });
    const at = (url: string) => new Client(config, new SimulatorHttpClient(url, this.patience));
    const here = at(simulator.url);
    this.payments = new PaymentsApi(here);
    this.modifications = new ModificationsApi(here);
    this.elsewhere = new PaymentsApi(at(simulator.otherRegionUrl));
  }

  static async start(options: AdyenSimulatorOptions = {}): Promise<Driven> {
    return new Driven(
      await startAdyenSimulator({
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

  /** Event codes and successes, in the order in which they are due. */
  async news(): Promise<string[]> {
    return (await this.outbox()).map(({ item }) => `${item.eventCode} ${item.success}`);
  }

  async advance(ms: number): Promise<void> {
    await this.control('POST', 'clock', { advance_ms: ms });
  }

  async failNext(op: string, fault: string, times = 1): Promise<void> {
    this.patience.planned(fault, times);
    await this.control('PUT', 'faults', { next: [{ op, fault, times }] });
  }

  pay(
    key: string,
    more: Readonly<Record<string, unknown>> = {},
    card = 'card_ok',
    region: 'here' | 'elsewhere' = 'here',
  ): Promise<PaymentResponse> {
    const api = region === 'here' ? this.payments : this.elsewhere;
    return api.payments(paymentOf(`att_${key}`, more, card) as unknown as PaymentRequest, {
      idempotencyKey: key,
    });
  }
}

/** The error that a call ended with; a call that succeeds fails the test. */
export async function errorOf(call: Promise<unknown>): Promise<HttpClientException> {
  try {
    await call;
  } catch (error) {
    if (error instanceof HttpClientException) return error;
    throw error;
  }
  throw new Error('the call succeeded');
}
