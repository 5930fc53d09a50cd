import type { DataDirectory } from './data-directory';
import { freePort, portOrFree } from './ports';
import type { Processes } from './processes';

/** What Tender stands on, started here. Each comes back on its port after a restart, as others know the address: the port is chosen here. */

export async function startEventStore(processes: Processes, data: DataDirectory): Promise<string> {
  const ready = await processes.start('event-store', 'libs/embedded/eventstore/main.js', {
    EMBEDDED_EVENTSTORE_DIR: data.folder('eventstore'),
    EMBEDDED_EVENTSTORE_PORT: String(await freePort()),
  });
  return String(ready.connectionString);
}

export async function startReadStore(processes: Processes, data: DataDirectory): Promise<string> {
  const ready = await processes.start('read-store', 'libs/embedded/mongo/main.js', {
    EMBEDDED_MONGO_DIR: data.folder('readstore'),
    EMBEDDED_MONGO_PORT: String(await freePort()),
  });
  return String(ready.uri);
}

export async function startRedis(processes: Processes, data: DataDirectory): Promise<string> {
  const ready = await processes.start('redis', 'libs/embedded/redis/main.js', {
    EMBEDDED_REDIS_DIR: data.folder('redis'),
    EMBEDDED_REDIS_PORT: String(await freePort()),
  });
  return String(ready.url);
}

/** No secrets: they open nothing but the simulators. */
export const SIMULATED_ACCOUNTS = {
  stripeApiKey: 'sk_test_tender_local',
  stripeWebhookSecret: 'whsec_tender_local',
  adyenApiKey: 'adyen_tender_local',
  adyenMerchantAccount: 'TenderECOM',
  /** Hexadecimal; the key of the test vector that Adyen's libraries carry. */
  adyenHmacKey: '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056',
} as const;

export interface SimulatorOptions {
  readonly stripePort: number;
  readonly adyenPort: number;
  /** Where the PSPs send their news. */
  readonly apiUrl: string;
}

export async function startSimulators(
  processes: Processes,
  data: DataDirectory,
  { stripePort, adyenPort, apiUrl }: SimulatorOptions,
): Promise<{ readonly stripeUrl: string; readonly adyenUrl: string }> {
  const ready = await processes.start('psp-simulator', 'apps/psp-simulator/src/main.js', {
    STRIPE_SIM_PORT: String(await portOrFree(stripePort)),
    STRIPE_SIM_WEBHOOK_URL: `${apiUrl}/webhooks/stripe`,
    STRIPE_SIM_WEBHOOK_SECRET: SIMULATED_ACCOUNTS.stripeWebhookSecret,
    ADYEN_SIM_PORT: String(await portOrFree(adyenPort)),
    ADYEN_SIM_WEBHOOK_URL: `${apiUrl}/webhooks/adyen`,
    ADYEN_SIM_HMAC_KEY: SIMULATED_ACCOUNTS.adyenHmacKey,
    ADYEN_SIM_MERCHANT_ACCOUNT: SIMULATED_ACCOUNTS.adyenMerchantAccount,
    TENDER_SIM_DATA: data.folder('simulator'),
  });
  return { stripeUrl: String(ready.stripe), adyenUrl: String(ready.adyen) };
}
