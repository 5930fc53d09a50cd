import { chmodSync, writeFileSync } from 'node:fs';
import { createServer, Server, Socket } from 'node:net';
import { join } from 'node:path';
import { Engine } from './engine';
import { takeDirectory } from './storage/directory';
import { TRANSACTION_LIFETIME_MS } from './sessions/transactions';
import { Connection } from './wire/connection';

/** There is no authentication, so nobody else may reach it. */
const LOOPBACK = '127.0.0.1';

export interface MongoOptions {
  readonly dir: string;
  /** 0 or absent: any free port. */
  readonly port?: number;
  /** False leaves out the disk flush; for tests only. */
  readonly durable: boolean;
  /** Fails a filtered collection scan over more documents than this; 0 or absent: never. */
  readonly strictCollscan?: number;
  /** Each distinct shape of use is appended here. */
  readonly auditFile?: string;
  readonly failpoints?: boolean;
  /** Tests shorten it; MongoDB's default is 60 s. */
  readonly transactionLifetimeMs?: number;
  /** A commit failed: memory and disk may disagree. Default: end the process with code 70. */
  readonly onStorageFailure?: (error: unknown) => void;
}

export interface RunningMongo {
  readonly port: number;
  readonly uri: string;
  /** Bugs met so far; tests demand 0. */
  readonly internalErrors: () => number;
  /** Aborts open transactions, finishes what is queued, closes the store. */
  stop(): Promise<void>;
  /** As a crash, as far as a process can crash in part: connections are cut, nothing is finished. */
  kill(): Promise<void>;
}

/** `EX_SOFTWARE` of sysexits.h. */
const EXIT_STORAGE_FAILURE = 70;

export async function startMongo(options: MongoOptions): Promise<RunningMongo> {
  const giveBack = takeDirectory(options.dir);
  const engine = new Engine({
    directory: options.dir,
    durable: options.durable,
    strictCollscan: options.strictCollscan ?? 0,
    auditFile: options.auditFile,
    failPoints: options.failpoints ?? false,
    transactionLifetimeMs: options.transactionLifetimeMs ?? TRANSACTION_LIFETIME_MS,
    onStorageFailure:
      options.onStorageFailure ??
      ((error) => {
        console.error('embedded-mongo: the store failed, stopping:', error);
        process.exit(EXIT_STORAGE_FAILURE);
      }),
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new Connection(engine, socket);
  });
  try {
    await listen(server, options.port ?? 0);
  } catch (error) {
    await engine.stop();
    giveBack();
    throw error;
  }
  const { port } = server.address() as { port: number };
  engine.address = `${LOOPBACK}:${port}`;
  const uri = `mongodb://${engine.address}/?replicaSet=embedded`;
  const uriFile = join(options.dir, 'uri');
  writeFileSync(uriFile, uri, { mode: 0o600 });
  chmodSync(uriFile, 0o600);
  const cut = (): void => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    uri,
    internalErrors: () => engine.internalErrors,
    stop: async () => {
      server.close();
      await engine.stop();
      cut();
      giveBack();
    },
    kill: async () => {
      cut();
      await engine.stop();
      giveBack();
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
