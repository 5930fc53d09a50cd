import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EVENT_CATALOG } from '@tender/domain';
import { connectEventStore, createCodec, EventLogUnavailable } from '@tender/eventstore';
import { ConfigurationError, Environment } from '@tender/nest';
import { connectReadStore, isReadStoreFailure, type ReadStore } from '@tender/readmodels';
import { CliFailure, EXIT } from './exit-codes';

export type Variables = Readonly<Record<string, string | undefined>>;

export interface StoreAddresses {
  readonly eventStoreUrl: string | undefined;
  readonly mongoUri: string | undefined;
  /** Whose stores these are, for messages. */
  readonly whose: string;
}

/**
 * The stores of the environment, or of the local stack that runs on `TENDER_DATA`. Never one of each: streams of one
 * system held against read models of another would differ in everything.
 *
 * @throws CliFailure when neither names any
 */
export function findStores(variables: Variables): StoreAddresses {
  const environment = new Environment(variables);
  const eventStoreUrl = environment.optional('EVENTSTORE_URL');
  const mongoUri = environment.optional('MONGODB_URI');
  if (eventStoreUrl !== undefined || mongoUri !== undefined) {
    return { eventStoreUrl, mongoUri, whose: 'the environment' };
  }
  const dataPath = resolve(environment.text('TENDER_DATA', '.data'));
  const running = runningOn(dataPath);
  if (running === undefined) {
    throw new CliFailure(
      EXIT.unreachable,
      `No stack runs on ${dataPath}. Start one with \`npm start\`, or set EVENTSTORE_URL and MONGODB_URI.`,
    );
  }
  return { ...running, whose: `the local stack on ${dataPath}` };
}

/** What a running stack tells of itself in its data directory. */
function runningOn(dataPath: string): { eventStoreUrl: string; mongoUri: string } | undefined {
  try {
    const facts = JSON.parse(readFileSync(join(dataPath, 'running.json'), 'utf8')) as Record<string, unknown>;
    const { eventStoreUrl, mongoUri } = facts;
    if (typeof eventStoreUrl !== 'string' || typeof mongoUri !== 'string') return undefined;
    return { eventStoreUrl, mongoUri };
  } catch {
    return undefined; // nothing runs there, or it is just starting
  }
}

/** @param readOnly false for a command that tells payments and refunds something */
function openLog(
  { eventStoreUrl, whose }: StoreAddresses,
  readOnly: boolean,
): ReturnType<typeof connectEventStore> {
  if (eventStoreUrl === undefined) throw missing('EVENTSTORE_URL', whose);
  return connectEventStore({
    url: eventStoreUrl,
    codec: createCodec(EVENT_CATALOG),
    connectionName: `tender-cli-${process.pid}`,
    readOnly,
  });
}

async function openReadStore({ mongoUri, whose }: StoreAddresses): Promise<ReadStore> {
  if (mongoUri === undefined) throw missing('MONGODB_URI', whose);
  try {
    return await connectReadStore({ uri: mongoUri, appName: 'tender-cli' });
  } catch (cause) {
    throw new CliFailure(EXIT.unreachable, `The read store of ${whose} does not answer.`, { cause });
  }
}

export async function withLog<Result>(
  addresses: StoreAddresses,
  work: (log: ReturnType<typeof openLog>) => Promise<Result>,
  { readOnly } = { readOnly: true },
): Promise<Result> {
  const log = openLog(addresses, readOnly);
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}

/** Both stores, and whatever happens both are let go of. */
export const withStores = <Result>(
  addresses: StoreAddresses,
  work: (log: ReturnType<typeof openLog>, readStore: ReadStore) => Promise<Result>,
  access = { readOnly: true },
): Promise<Result> =>
  withLog(addresses, (log) => withReadStore(addresses, (readStore) => work(log, readStore)), access);

export async function withReadStore<Result>(
  addresses: StoreAddresses,
  work: (readStore: ReadStore) => Promise<Result>,
): Promise<Result> {
  const readStore = await openReadStore(addresses);
  try {
    return await work(readStore);
  } finally {
    await readStore.close();
  }
}

const missing = (name: string, whose: string): CliFailure =>
  new CliFailure(EXIT.unreachable, `${name} is not set in ${whose}.`);

/** What a failure of a command means to whoever called it; undefined for a bug. */
export function failureOf(error: unknown): CliFailure | undefined {
  if (error instanceof CliFailure) return error;
  if (error instanceof ConfigurationError) return new CliFailure(EXIT.usage, error.message);
  if (error instanceof EventLogUnavailable) {
    return new CliFailure(EXIT.unreachable, `The event store does not answer (${error.message}).`);
  }
  if (isReadStoreFailure(error)) {
    const reason = error instanceof Error ? error.message : String(error);
    return new CliFailure(EXIT.unreachable, `The read store does not answer as it should (${reason}).`);
  }
  return undefined;
}
