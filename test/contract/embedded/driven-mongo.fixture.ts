import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Collection, Document, MongoClient } from 'mongodb';
import { RunningMongo, startMongo } from '@tender/embedded/mongo';

export const STRICT_SCAN_DOCUMENTS = 50;
export const LIFETIME_MS = 400;

export const refusal = (code: number, text: string | RegExp = ''): unknown =>
  expect.objectContaining({ code, message: expect.stringMatching(text) as unknown });

export interface Row extends Document {
  _id: number | string | bigint;
}

export interface DrivenMongo {
  server: RunningMongo;
  client: MongoClient;
  directory: string;
  /** A collection of its own for each test. */
  rows: Collection<Row>;
  /** Sets a fail point for the next commands. */
  failNext(point: string, data: Document, times?: number): Promise<Document>;
}

/** One server and one client of the real driver for the suite that calls it; filled before its first test. */
export function driveMongo(): DrivenMongo {
  const driven = {} as DrivenMongo;
  let name = 0;

  beforeAll(async () => {
    driven.directory = mkdtempSync(join(tmpdir(), 'mongo-contract-'));
    driven.server = await startMongo({
      dir: driven.directory,
      durable: false,
      strictCollscan: STRICT_SCAN_DOCUMENTS,
      failpoints: true,
      transactionLifetimeMs: LIFETIME_MS,
    });
    driven.client = new MongoClient(driven.server.uri, {
      useBigInt64: true,
      ignoreUndefined: true,
      retryWrites: true,
      writeConcern: { w: 'majority' },
      heartbeatFrequencyMS: 500,
    });
    driven.failNext = (point, data, times = 1) =>
      driven.client.db('admin').command({ configureFailPoint: point, mode: { times }, data });
  });

  beforeEach(() => {
    driven.rows = driven.client.db('contract').collection(`c${name++}`);
  });

  afterAll(async () => {
    await driven.client.close();
    await driven.server.stop();
    rmSync(driven.directory, { recursive: true, force: true });
  });

  afterEach(() => {
    // a bug of the server hides behind code 8
    if (driven.server.internalErrors() > 0) throw new Error('the server met a bug of its own');
  });
  return driven;
}
