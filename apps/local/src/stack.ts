import { redisOnPath } from '@tender/embedded/redis';
import type { LocalConfiguration } from './configuration';
import type { DataDirectory } from './data-directory';
import { portOrFree } from './ports';
import { Processes } from './processes';
import { SIMULATED_ACCOUNTS, startEventStore, startReadStore, startRedis, startSimulators } from './servers';

/** Whom Tender's processes call, and who calls. */
export interface Link {
  readonly from: 'api' | 'worker';
  readonly to: 'event-store' | 'read-store' | 'redis' | 'stripe' | 'adyen';
}

export interface StackOptions extends Omit<LocalConfiguration, 'dataPath'> {
  readonly data: DataDirectory;
  /** Adds to every child's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** The address under which the one finds the other: a test puts its own network in between. */
  readonly addressFor?: (link: Link, url: string) => Promise<string>;
  readonly progress: (text: string) => void;
}

export interface Stack {
  readonly apiUrl: string;
  readonly stripeUrl: string;
  readonly adyenUrl: string;
  readonly eventStoreUrl: string;
  readonly mongoUri: string;
  /** Undefined: there is none, and timers are the workers' own. */
  readonly redisUrl: string | undefined;
  /** Which of them were started here. */
  readonly embedded: { readonly eventStore: boolean; readonly readStore: boolean; readonly redis: boolean };
  readonly workers: number;
  /** Whether the demo merchant's key is valid. */
  readonly demoKey: boolean;
  /** Of the processes that run now, by name. */
  readonly pids: () => Readonly<Record<string, number>>;
  /** In order, so that nobody loses what he still needs: API, workers, simulators, Redis, read store, event store. */
  readonly stop: () => Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const ASK_READY_EVERY_MS = 50;

/** A re-send to Adyen must be the same bytes, whatever port the API has by then. */
const RETURN_URL = 'https://shop.example/returned';

/** No secret on a developer's machine: who knows it can say that a buyer is back, and the PSP knows better. */
const RETURN_SECRET = 'buyers of the local stack come back';

/** Starts everything that is not given by URL, and resolves when the API says that it is ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { data, host, workers, addressFor = (_link, url) => Promise.resolve(url) } = options;
  const processes = new Processes({
    logFolder: data.folder('logs'),
    environment: options.environment ?? {},
    progress: options.progress,
  });
  const workerNames = Array.from({ length: workers }, (_, index) =>
    index === 0 ? 'worker' : `worker-${index + 1}`,
  );
  // who may still be told of something stops after whoever may tell it
  const stop = (): Promise<void> =>
    processes.stop([['api'], workerNames, ['psp-simulator'], ['redis'], ['read-store'], ['event-store']]);
  try {
    options.progress('starting the stores and the simulators');
    const apiPort = await portOrFree(options.apiPort);
    const apiUrl = `http://${host}:${apiPort}`;
    const [eventStoreUrl, mongoUri, redisUrl, { stripeUrl, adyenUrl }] = await Promise.all([
      options.eventStoreUrl ?? startEventStore(processes, data),
      options.mongoUri ?? startReadStore(processes, data),
      options.redisUrl ?? (redisOnPath() === undefined ? undefined : startRedis(processes, data)),
      startSimulators(processes, data, { ...options, apiUrl }),
    ]);
    options.progress(
      workers === 1 ? 'starting the worker and the API' : `starting ${workers} workers and the API`,
    );
    const storesFor = async (from: Link['from']): Promise<Record<string, string>> => ({
      EVENTSTORE_URL: await addressFor({ from, to: 'event-store' }, eventStoreUrl),
      MONGODB_URI: await addressFor({ from, to: 'read-store' }, mongoUri),
      ALLOW_EMBEDDED: '1',
    });
    const forWorkers = (to: Link['to'], url: string): Promise<string> =>
      addressFor({ from: 'worker', to }, url);
    const worker = {
      ...(await storesFor('worker')),
      REDIS_URL: redisUrl === undefined ? '' : await forWorkers('redis', redisUrl),
      ...accountsAt(await forWorkers('stripe', stripeUrl), await forWorkers('adyen', adyenUrl)),
    };
    const stores = await storesFor('api');
    const demoKey = options.eventStoreUrl === undefined && options.mongoUri === undefined;
    await Promise.all([
      ...workerNames.map((name) => processes.start(name, 'apps/worker/src/main.js', worker)),
      processes.start('api', 'apps/api/src/main.js', {
        ...stores,
        HOST: host,
        PORT: String(apiPort),
        TENDER_PSPS: 'stripe,adyen',
        ...NEWS_OF_THE_SIMULATORS,
        TENDER_PUBLIC_URL: apiUrl,
        TENDER_RETURN_SECRET: RETURN_SECRET,
        TENDER_EMBEDDED: demoKey ? '1' : '0',
        DRAIN_TIMEOUT_MS: '2000',
      }),
    ]);
    await untilReady(apiUrl);
    const addresses = { apiUrl, stripeUrl, adyenUrl, eventStoreUrl, mongoUri, redisUrl };
    const publish = (): void => {
      data.publish({ pid: process.pid, ...addresses, processes: processes.pids() });
    };
    processes.onRestarted = publish;
    publish();
    const embedded = {
      eventStore: options.eventStoreUrl === undefined,
      readStore: options.mongoUri === undefined,
      redis: options.redisUrl === undefined && redisUrl !== undefined,
    };
    return { ...addresses, embedded, workers, demoKey, pids: () => processes.pids(), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const accountsAt = (stripeUrl: string, adyenUrl: string): Record<string, string> => ({
  STRIPE_BASE_URL: stripeUrl,
  STRIPE_API_KEY: SIMULATED_ACCOUNTS.stripeApiKey,
  ADYEN_BASE_URL: adyenUrl,
  ADYEN_API_KEY: SIMULATED_ACCOUNTS.adyenApiKey,
  ADYEN_MERCHANT_ACCOUNT: SIMULATED_ACCOUNTS.adyenMerchantAccount,
  ADYEN_RETURN_URL: RETURN_URL,
});

const NEWS_OF_THE_SIMULATORS: Readonly<Record<string, string>> = {
  STRIPE_WEBHOOK_SECRETS: SIMULATED_ACCOUNTS.stripeWebhookSecret,
  ADYEN_HMAC_KEYS: SIMULATED_ACCOUNTS.adyenHmacKey,
  ADYEN_MERCHANT_ACCOUNT: SIMULATED_ACCOUNTS.adyenMerchantAccount,
};

async function untilReady(apiUrl: string): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  let last = 'no answer';
  while (Date.now() < deadline) {
    try {
      const reply = await fetch(`${apiUrl}/health/ready`);
      if (reply.status === 200) return;
      last = await reply.text();
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, ASK_READY_EVERY_MS));
  }
  throw new Error(`the stack did not become ready within ${READY_WITHIN_MS / 1000} s: ${last}`);
}
