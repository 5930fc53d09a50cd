import { startMongo } from '@tender/embedded/mongo';
import type { ReadStore } from '@tender/readmodels';
import { connectReadStore } from '@tender/readmodels';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A filtered scan over more documents fails: an index that a query needs cannot be missed in small tests only. */
export const STRICT_SCAN_DOCUMENTS = 1000;

export interface OpenServer {
  /** A connection to a new, empty database. */
  freshStore(appName?: string): Promise<ReadStore>;
  /** One more connection to the database of another. */
  connectAlike(store: ReadStore, appName?: string): Promise<ReadStore>;
  close(): Promise<void>;
}

export interface OpenEmbedded extends OpenServer {
  /** Each distinct shape of use so far. */
  shapes(): readonly string[];
  internalErrors(): number;
}

let databases = 0;

/** The server at a URI. Databases that were made are dropped at the end. */
export function openAt(uri: string): OpenServer {
  const stores: ReadStore[] = [];
  const connect = async (database: string, appName: string): Promise<ReadStore> => {
    // after a cut connection the pool waits for the next heartbeat
    const store = await connectReadStore({ uri, database, appName, heartbeatFrequencyMs: 500 });
    stores.push(store);
    return store;
  };
  return {
    freshStore: (appName = 'contract') =>
      connect(`tender_contract_${process.pid}_${Date.now()}_${(databases += 1)}`, appName),
    connectAlike: (store, appName = 'contract') => connect(store.db.databaseName, appName),
    async close() {
      for (const store of stores) {
        await store.db.dropDatabase();
        await store.close();
      }
    },
  };
}

/** A server of this process's own, with faults on demand. */
export async function openEmbedded(): Promise<OpenEmbedded> {
  const dir = mkdtempSync(join(tmpdir(), 'tender-readmodels-'));
  const auditFile = join(dir, 'shapes.txt');
  const server = await startMongo({
    dir,
    durable: false,
    strictCollscan: STRICT_SCAN_DOCUMENTS,
    failpoints: true,
    auditFile,
  });
  const open = openAt(server.uri);
  return {
    ...open,
    shapes: () => readFileSync(auditFile, 'utf8').split('\n').filter(Boolean),
    internalErrors: server.internalErrors,
    async close() {
      await open.close();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
