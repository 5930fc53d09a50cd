import { EVENT_CATALOG, type PaymentCommand, type PspFacts } from '@tender/domain';
import {
  OutcomeWatch,
  paymentCommands,
  PAYMENTS,
  refundCommands,
  REFUNDS,
  systemChance,
  sleep,
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
import { MemoryDisputes, MemoryRefunds } from './memory-refunds';
import { ScriptedPsp } from './scripted-psp';
import { ScriptedRefundDesk } from './scripted-refund-desk';
import { ADYEN_ACCOUNT, STRIPE_SECRETS } from './signed-webhooks';

export const OTHER_MERCHANT_KEY = 'sk_test_other';
export const READ_ONLY_KEY = 'sk_test_read_only';
/** Gives money back, and has no business of an operator's. */
export const REFUNDS_KEY = 'sk_test_refunds';

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
  readonly refundDesk: ScriptedRefundDesk;
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
  /** Any POST, with a key of its own unless one is given. */
  send(
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ): Promise<LightMyRequestResponse>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** What a PSP's notice would be taken for. */
  tell(stream: string, command: PaymentCommand): Promise<void>;
  /** Waits for what others do, as long as a test may take. */
  until(isSo: () => Promise<boolean>): Promise<void>;
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
  const refundOutcomes = new OutcomeWatch(REFUNDS, {
    log,
    clock: systemClock,
    report: (error) => problems.push(error),
  });
  await Promise.all([outcomes.start(), refundOutcomes.start()]);
  const psp = new ScriptedPsp(log, paymentCommands(deps));
  const refundDesk = new ScriptedRefundDesk(log, {
    payments: paymentCommands(deps),
    refunds: refundCommands(deps),
  });
  const payments = new MemoryPayments(log);
  const logged: string[] = [];
  const api = await createApi({
    log,
    commands: paymentCommands(deps),
    outcomes,
    payments,
    refundCommands: refundCommands(deps),
    refundOutcomes,
    refunds: new MemoryRefunds(log),
    disputes: new MemoryDisputes(payments),
    psps: { stripe: OFFER, adyen: OFFER },
    webhookCommands: webhookCommands(deps),
    webhookSources: [stripeSource(STRIPE_SECRETS), adyenSource(ADYEN_ACCOUNT)],
    routing: { rules: [] },
    clock: systemClock,
    keys: [
      demoKeyEntry(),
      keyEntry(OTHER_MERCHANT_KEY, 'other', 'payments:write', 'payments:read', 'refunds:write', 'ops'),
      keyEntry(READ_ONLY_KEY, 'demo', 'payments:read'),
      keyEntry(REFUNDS_KEY, 'demo', 'payments:read', 'refunds:write'),
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
  const send: ApiOnMemory['send'] = (url, body, headers = {}) =>
    api.app.inject({
      method: 'POST',
      url,
      headers: {
        authorization,
        'idempotency-key': `change-${(keys += 1)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
  return {
    api,
    log,
    payments,
    psp,
    refundDesk,
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
    change: (path, body, headers) => send(`/v1/payments/${path}`, body, headers),
    send,
    get: (url, headers = {}) =>
      api.app.inject({ method: 'GET', url, headers: { authorization, ...headers } }),
    async tell(stream, command) {
      const id = systemChance.uuid();
      const context = { commandId: id, correlationId: id, causationId: id, actor: 'psp:stripe' };
      await paymentCommands(deps).handle(stream, command, context);
    },
    async until(isSo) {
      while (!(await isSo())) await sleep(systemClock, 5);
    },
    recorded: () => log.store.size,
    close: async () => {
      await api.app.close();
      await Promise.all([psp.stop(), refundDesk.stop()]);
      await Promise.all([outcomes.stop(), refundOutcomes.stop()]);
      await log.close();
    },
  };
}

/** Nobody charges Norwegian crowns here: a currency without a route. */
const OFFER: PspFacts = {
  accepts: ({ currency }) => currency !== 'NOK',
  requestVersion: 1,
};
