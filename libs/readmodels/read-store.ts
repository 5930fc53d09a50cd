import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';

/** The database of read models. Everything in it can be thrown away and projected again. */
export interface ReadStore {
  /** For the models of this lib: everybody else asks a model. */
  readonly db: Db;
  /** True on the server that comes with Tender for development; production refuses to start on it. */
  isEmbedded(): Promise<boolean>;
  /** @throws when no primary answers within `serverSelectionTimeoutMs` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface ReadStoreOptions {
  readonly uri: string;
  /** Default: the one in the URI, else `tender`. */
  readonly database?: string;
  readonly appName: string;
  /** How soon a lost primary is looked for again, ms; the driver's default is 10,000. Tests shorten it. */
  readonly heartbeatFrequencyMs?: number;
  /** How long an operation waits for a primary, ms. */
  readonly serverSelectionTimeoutMs?: number;
}

const DEFAULT_DATABASE = 'tender';
const EMBEDDED_MODULE = 'embedded-mongo';
const MAX_CONNECTIONS = 20;
const SERVER_SELECTION_TIMEOUT_MS = 5000;

/** @throws when no primary answers: a process without its read store had better not start */
export async function connectReadStore(options: ReadStoreOptions): Promise<ReadStore> {
  const client = new MongoClient(options.uri, {
    appName: options.appName,
    // without it an int64 is a number up to 2^53 and an object above: the type would depend on the amount
    useBigInt64: true,
    ignoreUndefined: true,
    retryWrites: true,
    retryReads: true,
    // a cluster's default may be weaker, and w:1 can be rolled back at a failover
    writeConcern: { w: 'majority' },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    maxPoolSize: MAX_CONNECTIONS,
    serverSelectionTimeoutMS: options.serverSelectionTimeoutMs ?? SERVER_SELECTION_TIMEOUT_MS,
    ...(options.heartbeatFrequencyMs === undefined
      ? {}
      : { heartbeatFrequencyMS: options.heartbeatFrequencyMs }),
  });
  const store = readStoreOf(client, options.database);
  try {
    await store.ping();
  } catch (failure) {
    await store.close();
    throw failure;
  }
  return store;
}

function readStoreOf(client: MongoClient, database: string | undefined): ReadStore {
  // the driver falls back to "test" where the URI names no database
  const named = database ?? (client.options.dbName === 'test' ? DEFAULT_DATABASE : client.options.dbName);
  const db = client.db(named);
  return {
    db,
    async isEmbedded() {
      const { modules } = await db.admin().command({ buildInfo: 1 });
      return Array.isArray(modules) && modules.includes(EMBEDDED_MODULE);
    },
    async ping() {
      await db.command({ ping: 1 });
    },
    close: () => client.close(),
  };
}
