import type { Db } from 'mongodb';
import { MongoClient } from 'mongodb';
import { watchHeartbeats } from './heartbeat-watch';

/** The database of read models. Everything in it can be thrown away and projected again. */
export interface ReadStore {
  /** For the models of this lib: everybody else asks a model. */
  readonly db: Db;
  /** True on the server that comes with Tender for development; production refuses to start on it. */
  isEmbedded(): Promise<boolean>;
  /** @throws when no primary answers within `serverSelectionTimeoutMs` */
  ping(): Promise<void>;
  /** Rejects when the driver will never find its server again: the process has to end, and a restart heals it. */
  readonly failed: Promise<never>;
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
/** Also the limit of one answer to a heartbeat, on top of the time that the server may hold it back. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A heartbeat takes 15 s at the most: the driver's 10 s between two, and the limit above. */
const HEARTBEAT_STUCK_AFTER_LOOKS = 25;

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
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
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
  const watch = watchHeartbeats(client, { stuckAfterLooks: HEARTBEAT_STUCK_AFTER_LOOKS });
  return {
    db,
    failed: watch.failed,
    async isEmbedded() {
      const { modules } = await db.admin().command({ buildInfo: 1 });
      return Array.isArray(modules) && modules.includes(EMBEDDED_MODULE);
    },
    async ping() {
      await db.command({ ping: 1 });
    },
    async close() {
      watch.stop();
      await client.close();
    },
  };
}
