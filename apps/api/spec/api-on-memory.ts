import { EVENT_CATALOG, type PspFacts } from '@tender/domain';
import {
  OutcomeWatch,
  paymentCommands,
  PAYMENTS,
  systemChance,
  systemClock,
  webhookCommands,
} from '@tender/engine';
import type { MemoryEventLog, MemoryFaults, MemoryStore } from '@tender/eventstore';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import type { LightMyRequestResponse } from 'fastify';
import pino from 'pino';
import type { ApiKeyEntry, Scope } from '../src/access/api-keys';
import { demoKeyEntry, sha256Of } from '../src/access/api-keys';
import type { Api, ApiParts } from '../src/app.module';
import { createApi } from '../src/app.module';
import { DEFAULT_MAX_AMOUNT_MINOR, OPEN_ROUTE_LIMITS } from '../src/config/limits';
import { adyenSource } from '../src/webhooks/adyen-source';
import { stripeSource } from '../src/webhooks/stripe-source';
import { MemoryPayments } from './memory-payments';
import { ScriptedPsp } from './scripted-psp';
import { ADYEN_ACCOUNT, STRIPE_SECRETS } from './signed-webhooks';

export const OTHER_MERCHANT_KEY = 'sk_test_other';
export const READ_ONLY_KEY = 'sk_test_read_only';

const keyEntry = (key: string, merchant: string, ...scopes: Scope[]): ApiKeyEntry => ({
  id: `key_of_${key}`,
  merchant,
  scopes,
  sha256: sha256Of(key),
});

export interface ApiOnMemory {
  readonly api: Api;
  readonly log: MemoryEventLog;
  readonly payments: MemoryPayments;
  readonly psp: ScriptedPsp;
  readonly faults: MemoryFaults;
  /** Every line logged so far. */
  readonly logged: string[];
  /** `POST /v1/payments` with the demo key. */
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** A POST about a payment that is there, `path` below `/v1/payments/`. */
  change(
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** Events in the log: what a refused request must leave as it was. */
  recorded(): number;
  close(): Promise<void>;
}

/** The API as it runs, on a log in memory, with a scripted PSP instead of the worker. */
export async function apiOnMemory(change: Partial<ApiParts> = {}, store?: MemoryStore): Promise<ApiOnMemory> {
  const faults: MemoryFaults = {};
  const log = createMemoryEventLog({
    codec: createCodec(EVENT_CATALOG),
    faults,
    ...(store === undefined ? {} : { store }),
  });
  const deps = { log, clock: systemClock, chance: systemChance };
  const problems: unknown[] = [];
  const outcomes = new OutcomeWatch(PAYMENTS, {
    log,
    clock: systemClock,
    report: (error) => problems.push(error),
  });
  await outcomes.start();
  const psp = new ScriptedPsp(log, paymentCommands(deps));
  const payments = new MemoryPayments(log);
  const logged: string[] = [];
  const api = await createApi({
    log,
    commands: paymentCommands(deps),
    outcomes,
    payments,
    psps: { stripe: OFFER, adyen: OFFER },
    webhookCommands: webhookCommands(deps),
    webhookSources: [stripeSource(STRIPE_SECRETS), adyenSource(ADYEN_ACCOUNT)],
    routing: { rules: [] },
    clock: systemClock,
    keys: [
      demoKeyEntry(),
      keyEntry(OTHER_MERCHANT_KEY, 'other', 'payments:write', 'payments:read'),
      keyEntry(READ_ONLY_KEY, 'demo', 'payments:read'),
    ],
    keyLimits: { requestsPerSecond: 100_000, requestsInFlight: 10_000 },
    openLimits: OPEN_ROUTE_LIMITS,
    maxAmountMinor: DEFAULT_MAX_AMOUNT_MINOR,
    buyerReturn: { publicUrl: 'https://pay.example', secret: 'r'.repeat(32) },
    checks: {},
    logger: pino({ level: 'trace' }, { write: (line: string) => logged.push(line) }),
    processMetrics: false,
    ...change,
  });
  const authorization = 'Bearer sk_demo_tender';
  let keys = 0;
  return {
    api,
    log,
    payments,
    psp,
    faults,
    logged,
    post: (body, headers = {}) =>
      api.app.inject({
        method: 'POST',
        url: '/v1/payments',
        headers: {
          authorization,
          'content-type': 'application/json',
          'idempotency-key': `key-${(keys += 1)}`,
          ...headers,
        },
        payload: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
      }),
    change: (path, body, headers = {}) =>
      api.app.inject({
        method: 'POST',
        url: `/v1/payments/${path}`,
        headers: {
          authorization,
          'idempotency-key': `change-${(keys += 1)}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
      }),
    get: (url, headers = {}) =>
      api.app.inject({ method: 'GET', url, headers: { authorization, ...headers } }),
    recorded: () => log.store.size,
    close: async () => {
      await api.app.close();
      await psp.stop();
      await outcomes.stop();
      await log.close();
    },
  };
}

/** Nobody charges Norwegian crowns here: a currency without a route. */
const OFFER: PspFacts = {
  accepts: ({ currency }) => currency !== 'NOK',
  requestVersion: 1,
};
