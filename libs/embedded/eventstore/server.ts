import { setTimeout as pause } from 'node:timers/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { lockDirectory } from './directory-lock';
import { Faults, FaultSwitches } from './faults';
import { ANY } from './log/expected-revision';
import { Durability } from './log/event-file';
import { EventLog } from './log/event-log';
import { METADATA_EVENT, metastreamOf } from './log/stream-metadata';
import { systemEvent } from './log/write-batch';
import { PersistentGroups } from './persistent/groups';
import { addPersistentService } from './persistent/persistent-service';
import { AccessControl, DEFAULT_USERS, User } from './rpc/access-control';
import { addGossip, addServerFeatures } from './rpc/discovery-services';
import { shuttingDown } from './rpc/failures';
import { OpenCalls } from './rpc/outgoing';
import { ServerContext } from './rpc/server-context';
import { addStreamsService } from './rpc/streams-service';

/** EventStoreDB's default up to 24.10; later versions allow 256 MiB. The stricter one keeps an application portable. */
export const DEFAULT_MAX_APPEND_BYTES = 1024 * 1024;
const MAX_MESSAGE_BYTES = 20 * 1024 * 1024;
/** EventStoreDB's default: a silent connection is asked after this time, and given up after as much again. */
const KEEP_ALIVE_MS = 10_000;
/** How long a graceful stop waits for clients to take their last status. */
const STOP_PATIENCE_MS = 500;
const HOST = '127.0.0.1';
/** The name that a certificate for loopback carries. */
const TLS_HOST = 'localhost';

/** Written at the first start, so that production start-up can recognise and refuse this server. */
export const MARKER_STREAM = '$tender-embedded';
export const MARKER_EVENT = '$embedded';
const MARKER_DATA = { server: 'tender-embedded-eventstore' };

export interface EventStoreOptions {
  /** Created when missing. */
  readonly dir: string;
  /** 0, the default, lets the system choose. */
  readonly port?: number;
  /** Default `fsync`. */
  readonly durability?: Durability;
  readonly maxAppendBytes?: number;
  /** PEM. With it, callers are who their credentials say; without it, everyone is administrator. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  /** Default: `admin` and `ops`, both with the password `changeit`. */
  readonly users?: readonly User[];
  readonly faults?: Partial<FaultSwitches>;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
  /** Newest records kept in memory; readers further behind read from disk. */
  readonly tailRecords?: number;
  /** The server has ended by itself: its disk failed, or a fault switch killed it. */
  readonly onEnd?: (reason: unknown) => void;
}

export interface RunningEventStore {
  readonly port: number;
  readonly connectionString: string;
  /** May be set at any time. */
  readonly faults: FaultSwitches;
  /** As after a restart: retries with `any` are not recognised any more. */
  forgetRecentIds(): void;
  /** Sends every caught-up subscription through catch-up again, as a busy server does. */
  fallBehind(): void;
  /** Answers what is committed, refuses the rest, ends every stream with CANCELLED. */
  stop(): Promise<void>;
  /** Cuts every connection at once. */
  kill(): Promise<void>;
}

/**
 * Starts a server that the official EventStoreDB client cannot tell from a single node, for `npm start` and for tests.
 * @throws DirectoryLockedError when another process serves from the directory
 */
export async function startEventStore(options: EventStoreOptions): Promise<RunningEventStore> {
  const unlock = lockDirectory(options.dir);
  try {
    return await EmbeddedServer.start(options, unlock);
  } catch (reason) {
    unlock();
    throw reason;
  }
}

class EmbeddedServer implements RunningEventStore {
  port = 0;
  private readonly server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': -1,
    // a client that is stopped or unplugged closes nothing, and would keep what its group gave it
    'grpc.keepalive_time_ms': KEEP_ALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEP_ALIVE_MS,
  });
  private readonly calls = new OpenCalls();
  private readonly injected: Faults;
  private caughtUpEpoch = 0;
  private ended: Promise<void> | undefined;
  private log!: EventLog;
  private groups: PersistentGroups | undefined;

  private constructor(
    private readonly options: EventStoreOptions,
    private readonly unlock: () => void,
  ) {
    this.injected = new Faults(options.faults, () => {
      void this.kill();
    });
  }

  static async start(options: EventStoreOptions, unlock: () => void): Promise<EmbeddedServer> {
    const started = new EmbeddedServer(options, unlock);
    await started.open();
    return started;
  }

  get faults(): FaultSwitches {
    return this.injected.switches;
  }

  get connectionString(): string {
    return this.options.tls === undefined
      ? `esdb://${HOST}:${this.port}?tls=false`
      : `esdb://${TLS_HOST}:${this.port}?tls=true`;
  }

  forgetRecentIds(): void {
    this.log.forgetRecentIds();
  }

  fallBehind(): void {
    this.caughtUpEpoch += 1;
    this.log.wakeAll();
  }

  stop(): Promise<void> {
    this.ended ??= this.shutDown();
    return this.ended;
  }

  kill(): Promise<void> {
    this.ended ??= this.cut();
    return this.ended;
  }

  private async open(): Promise<void> {
    const { dir, durability = 'fsync', now = Date.now, tailRecords } = this.options;
    this.log = await EventLog.open({
      directory: dir,
      durability,
      faults: this.injected,
      now,
      tailRecords,
      failed: (reason) => {
        void this.kill();
        this.options.onEnd?.(reason);
      },
    });
    await this.writeFirstEvents();
    const context = this.context(now);
    addStreamsService(this.server, context);
    addServerFeatures(this.server);
    addGossip(this.server, context);
    this.groups = new PersistentGroups({
      log: this.log,
      now,
      deliverTwice: () => this.faults.deliverTwice,
    });
    addPersistentService(this.server, context, this.groups);
    this.port = await this.bind();
  }

  private context(now: () => number): ServerContext {
    const { maxAppendBytes = DEFAULT_MAX_APPEND_BYTES, tls, users = DEFAULT_USERS } = this.options;
    return {
      log: this.log,
      access: new AccessControl(this.log.reader, users, tls !== undefined),
      calls: this.calls,
      faults: this.injected,
      maxAppendBytes,
      now,
      caughtUpEpoch: () => this.caughtUpEpoch,
      address: () => ({ host: tls === undefined ? HOST : TLS_HOST, port: this.port }),
    };
  }

  private bind(): Promise<number> {
    const { tls, port = 0 } = this.options;
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
          ]);
    return new Promise((resolve, reject) => {
      this.server.bindAsync(`${HOST}:${port}`, credentials, (reason, bound) => {
        if (reason === null) resolve(bound);
        else reject(reason);
      });
    });
  }

  /** A new log is never empty: like a new cluster it holds its users, and besides them the marker. */
  private async writeFirstEvents(): Promise<void> {
    if (this.log.lastPosition > 0) return;
    const { users = DEFAULT_USERS } = this.options;
    const writes = users.flatMap(({ login, groups }) => [
      this.writeSystem(`$user-${login}`, '$UserCreated', { loginName: login, fullName: login, groups }),
      this.writeSystem(metastreamOf(`$user-${login}`), METADATA_EVENT, { $acl: { $r: ['$admins', login] } }),
      this.writeSystem('$users', '$User', login),
    ]);
    await Promise.all([
      ...writes,
      this.writeSystem(metastreamOf('$users'), METADATA_EVENT, { $acl: { $r: '$admins' } }),
      this.writeSystem(MARKER_STREAM, MARKER_EVENT, MARKER_DATA),
    ]);
  }

  private async writeSystem(stream: string, type: string, data: unknown): Promise<void> {
    const event = systemEvent(type, Buffer.from(JSON.stringify(data)));
    const outcome = await this.log.append(stream, ANY, [event]);
    if (outcome.kind !== 'written') throw new Error(`cannot write ${stream}: ${outcome.kind}`);
  }

  private async shutDown(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.server.tryShutdown(() => {
        resolve();
      });
    });
    await this.log.stopWriting();
    this.groups?.close(shuttingDown());
    this.calls.failAll(shuttingDown());
    // a client that does not read its last status must not hold the server
    const patience = new AbortController();
    await Promise.race([closed, pause(STOP_PATIENCE_MS, undefined, { signal: patience.signal })]);
    patience.abort();
    this.server.forceShutdown();
    await this.log.close();
    this.unlock();
  }

  private async cut(): Promise<void> {
    this.server.forceShutdown();
    this.groups?.close(shuttingDown());
    await this.log.close();
    this.unlock();
  }
}
