import type { AddressInfo } from 'node:net';
import { EVENT_CATALOG, type PspFacts, type PspName } from '@tender/domain';
import {
  OutcomeWatch,
  paymentCommands,
  PAYMENTS,
  refundCommands,
  REFUNDS,
  paymentStream,
  systemChance,
  systemClock,
  webhookCommands,
} from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { connectEventStore, createCodec, EventLogUnavailable, SubscriptionDropped } from '@tender/eventstore';
import type { Logger, RunningApp } from '@tender/nest';
import { refuseEmbeddedServers, WORKER_HEARTBEATS, WORKER_SILENT_AFTER_MS } from '@tender/nest';
import { ADYEN_REQUEST_VERSION, adyenAccepts } from '@tender/psp/adyen';
import { STRIPE_REQUEST_VERSION, stripeAccepts } from '@tender/psp/stripe';
import type { ReadStore } from '@tender/readmodels';
import {
  connectReadStore,
  DisputesModel,
  Heartbeats,
  PaymentStatusModel,
  RefundStatusModel,
} from '@tender/readmodels';
import type { Api } from './app.module';
import { createApi } from './app.module';
import type { ApiConfig, WebhookConfig } from './config/environment';
import { OPEN_ROUTE_LIMITS } from './config/limits';
import { describeFault } from './http/fault-description';
import type { ReadinessCheck } from './operations/readiness';
import { adyenSource } from './webhooks/adyen-source';
import { stripeSource } from './webhooks/stripe-source';
import type { WebhookSource } from './webhooks/webhook-source';

/** The HTTP process on real servers, on one page. It holds nothing that a restart could lose. */
export async function startApi(config: ApiConfig, logger: Logger): Promise<RunningApp> {
  const clock = systemClock;
  const log = connectEventStore({ url: config.eventStoreUrl, codec: createCodec(EVENT_CATALOG) });
  const readStore = await connectReadStore({ uri: config.mongoUri, appName: 'tender-api' });
  await refuseEmbeddedServers({ log, readStore }, config.allowEmbedded);
  const payments = new PaymentStatusModel(readStore);
  const { failed, report } = failureOf(logger);
  const outcomes = new OutcomeWatch(PAYMENTS, { log, clock, report });
  const refundOutcomes = new OutcomeWatch(REFUNDS, { log, clock, report });
  await Promise.all([outcomes.start(), refundOutcomes.start()]);
  const refunds = new RefundStatusModel(readStore);
  const api = await createApi({
    log,
    commands: paymentCommands({ log, clock, chance: systemChance }),
    outcomes,
    payments,
    refundCommands: refundCommands({ log, clock, chance: systemChance }),
    refundOutcomes,
    refunds,
    disputes: new DisputesModel(readStore),
    psps: Object.fromEntries(config.psps.map((psp) => [psp, PSP_FACTS[psp]])),
    webhookCommands: webhookCommands({ log, clock, chance: systemChance }),
    webhookSources: webhookSources(config.webhooks),
    buyerReturn: config.buyerReturn,
    // no health: this process calls no PSP and knows nothing of theirs, so failover finds the one that is well
    routing: { rules: config.routing },
    clock,
    keys: config.keys,
    keyLimits: config.keyLimits,
    openLimits: OPEN_ROUTE_LIMITS,
    maxAmountMinor: config.maxAmountMinor,
    checks: readinessChecks(log, readStore, [payments, refunds]),
    logger,
    processMetrics: true,
  });
  await api.app.listen(config.port, config.host);
  const { port } = api.app.getHttpServer().address() as AddressInfo;
  return {
    ready: { port },
    failed: Promise.race([failed, readStore.failed]),
    close: async () => {
      await drain(api, config.drainTimeoutMs);
      await Promise.all([outcomes.stop(), refundOutcomes.stop()]);
      await log.close();
      await readStore.close();
    },
  };
}

/** Nobody new is let in, waits end with the present state, and who still is not done loses the connection. */
async function drain(api: Api, timeoutMs: number): Promise<void> {
  const cut = setTimeout(() => {
    api.app.getHttpServer().closeAllConnections();
  }, timeoutMs);
  const closed = api.app.close();
  api.endWaits();
  await closed;
  clearTimeout(cut);
}

/** What the outcome watch goes on from is a line in the log; anything else ends the process, and a restart heals it. */
function failureOf(logger: Logger): { failed: Promise<never>; report: (error: unknown) => void } {
  let fail: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  return {
    failed,
    report: (error) => {
      logger.warn(describeFault(error), 'the outcome watch was interrupted');
      const passing = error instanceof SubscriptionDropped || error instanceof EventLogUnavailable;
      if (!passing) fail(error instanceof Error ? error : new Error(String(error)));
    },
  };
}

const PSP_FACTS: Readonly<Record<PspName, PspFacts>> = {
  stripe: { requestVersion: STRIPE_REQUEST_VERSION, accepts: stripeAccepts },
  adyen: { requestVersion: ADYEN_REQUEST_VERSION, accepts: adyenAccepts },
};

const webhookSources = ({ stripeSecrets, adyen }: WebhookConfig): readonly WebhookSource[] => [
  ...(stripeSecrets.length === 0 ? [] : [stripeSource(stripeSecrets)]),
  ...(adyen === null ? [] : [adyenSource(adyen)]),
];

const NOBODYS_PAYMENT = '00000000-0000-0000-0000-000000000000';

function readinessChecks(
  log: EventLog,
  readStore: ReadStore,
  models: readonly Pick<PaymentStatusModel, 'missingIndexes'>[],
): Readonly<Record<string, ReadinessCheck>> {
  const heartbeats = new Heartbeats(readStore);
  return {
    event_store: async () => {
      await log.readStream(paymentStream(NOBODYS_PAYMENT));
      return undefined;
    },
    read_store: async () => {
      await readStore.ping();
      const missing = (await Promise.all(models.map((model) => model.missingIndexes()))).flat();
      if (missing.length > 0) throw new Error(`indexes are missing: ${missing.join(', ')}`);
      return undefined;
    },
    worker: async () => {
      const ages = await heartbeats.ages(WORKER_HEARTBEATS);
      const [youngest] = ages;
      if (youngest === undefined) throw new Error('no worker has reported itself yet');
      const silentMs = youngest.ageMs;
      if (silentMs > WORKER_SILENT_AFTER_MS) throw new Error(`no worker has been heard for ${silentMs} ms`);
      return {
        silent_ms: silentMs,
        live: ages.filter(({ ageMs }) => ageMs <= WORKER_SILENT_AFTER_MS).length,
      };
    },
  };
}
