import { join } from 'node:path';
import { Child, type Ready } from './child';
import type { DataDirectory } from './data-directory';

/** The root of the compiled tree: this file is `dist/apps/local/src/stack.js`. */
const DIST = join(__dirname, '..', '..', '..');

export interface StackOptions {
  readonly data: DataDirectory;
  readonly host: string;
  readonly apiPort: number;
  readonly stripePort: number;
  /** Default 1. */
  readonly workers?: number;
  /** Servers that run elsewhere; what is missing is started here. */
  readonly eventStoreUrl: string | undefined;
  readonly mongoUri: string | undefined;
  /** Adds to every child's environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly progress: (text: string) => void;
}

export interface Stack {
  readonly apiUrl: string;
  readonly stripeUrl: string;
  readonly eventStoreUrl: string;
  readonly mongoUri: string;
  /** In order, so that nobody loses what he still needs: API, worker, simulator, read store, event store. */
  stop(): Promise<void>;
}

/** Everything is stopped within this time, ms. Whoever needs longer is killed, which costs nobody a payment. */
const STOP_WITHIN_MS = 4_500;
/** Of it, kept for each one that is still to be stopped, ms. */
const STOP_RESERVE_MS = 250;
const READY_WITHIN_MS = 60_000;
const ASK_READY_EVERY_MS = 50;

/** Starts everything that is not given by URL, and resolves when the API says that it is ready. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const children = new Map<string, Child>();
  const workerNames = Array.from({ length: options.workers ?? 1 }, (_, index) =>
    index === 0 ? 'worker' : `worker-${index + 1}`,
  );
  // who may still be told of something stops after whoever may tell it
  const stopOrder = ['api', ...workerNames, 'psp-simulator', 'read-store', 'event-store'];
  let publish = (): void => undefined;
  const run = (name: string, entry: string, environment: Record<string, string>): Promise<Ready> => {
    const child = new Child({
      name,
      entry: join(DIST, entry),
      environment: { ...options.environment, ...environment },
      logFile: join(options.data.folder('logs'), `${name}.log`),
      onRestart: (code, signal) => {
        options.progress(`${name} ended with ${signal ?? code ?? 'nothing'} and is started again`);
      },
      onRestarted: () => {
        publish();
      },
    });
    children.set(name, child);
    return child.start();
  };
  const stop = async (): Promise<void> => {
    const deadlineMs = performance.now() + STOP_WITHIN_MS;
    for (const [index, name] of stopOrder.entries()) {
      const reserveMs = (stopOrder.length - 1 - index) * STOP_RESERVE_MS;
      const how = await children.get(name)?.stop(Math.max(0, deadlineMs - reserveMs - performance.now()));
      if (how === 'killed') options.progress(`${name} took too long to stop and was killed`);
      else if (how === 'stopped') options.progress(`${name} stopped`);
    }
  };
  try {
    options.progress('starting the stores and the simulator');
    const [eventStoreUrl, mongoUri, stripeUrl] = await Promise.all([
      options.eventStoreUrl ?? startEventStore(run, children, options),
      options.mongoUri ?? startReadStore(run, children, options),
      startSimulator(run, children, options),
    ]);
    options.progress('starting the worker and the API');
    const shared = {
      EVENTSTORE_URL: eventStoreUrl,
      MONGODB_URI: mongoUri,
      ALLOW_EMBEDDED: '1',
      STRIPE_BASE_URL: stripeUrl,
      STRIPE_API_KEY: 'sk_test_tender_local',
    };
    const onlyEmbedded = options.eventStoreUrl === undefined && options.mongoUri === undefined;
    const [api] = await Promise.all([
      run('api', 'apps/api/src/main.js', {
        ...shared,
        HOST: options.host,
        PORT: String(options.apiPort),
        TENDER_EMBEDDED: onlyEmbedded ? '1' : '0',
        DRAIN_TIMEOUT_MS: '2000',
      }),
      ...workerNames.map((name) => run(name, 'apps/worker/src/main.js', shared)),
    ]);
    const apiPort = Number(api.port);
    children.get('api')?.restartWith({ PORT: String(apiPort) });
    const apiUrl = `http://${options.host}:${apiPort}`;
    await untilReady(apiUrl);
    const running = { apiUrl, stripeUrl, eventStoreUrl, mongoUri };
    publish = () => {
      const pids = [...children].flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid]]));
      options.data.publish({ pid: process.pid, ...running, processes: Object.fromEntries(pids) as object });
    };
    publish();
    return { ...running, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Run = (name: string, entry: string, environment: Record<string, string>) => Promise<Ready>;

async function startEventStore(
  run: Run,
  children: Map<string, Child>,
  { data }: StackOptions,
): Promise<string> {
  const ready = await run('event-store', 'libs/embedded/eventstore/main.js', {
    EMBEDDED_EVENTSTORE_DIR: data.folder('eventstore'),
    EMBEDDED_EVENTSTORE_PORT: '0',
  });
  children.get('event-store')?.restartWith({ EMBEDDED_EVENTSTORE_PORT: String(ready.port) });
  return String(ready.connectionString);
}

async function startReadStore(
  run: Run,
  children: Map<string, Child>,
  { data }: StackOptions,
): Promise<string> {
  const ready = await run('read-store', 'libs/embedded/mongo/main.js', {
    EMBEDDED_MONGO_DIR: data.folder('readstore'),
    EMBEDDED_MONGO_PORT: '0',
  });
  children.get('read-store')?.restartWith({ EMBEDDED_MONGO_PORT: String(ready.port) });
  return String(ready.uri);
}

async function startSimulator(
  run: Run,
  children: Map<string, Child>,
  { data, stripePort }: StackOptions,
): Promise<string> {
  const ready = await run('psp-simulator', 'apps/psp-simulator/src/main.js', {
    STRIPE_SIM_PORT: String(stripePort),
    TENDER_SIM_DATA: data.folder('simulator'),
  });
  const url = String(ready.stripe);
  // the worker and its customers know the address
  children.get('psp-simulator')?.restartWith({ STRIPE_SIM_PORT: new URL(url).port });
  return url;
}

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
