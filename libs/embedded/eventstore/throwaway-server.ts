import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient } from '@eventstore/db-client';
import { EventStoreOptions, RunningEventStore, startEventStore } from './server';

type ServerOptions = Omit<EventStoreOptions, 'dir'>;

/** A server for one suite, on a directory of its own that outlives restarts and is removed at the end. */
export class ThrowawayServer {
  private readonly directory = mkdtempSync(join(tmpdir(), 'tender-eventstore-'));
  private running: RunningEventStore | undefined;
  private connected: EventStoreDBClient | undefined;

  private constructor(private readonly options: ServerOptions) {}

  static async start(options: ServerOptions = {}): Promise<ThrowawayServer> {
    const server = new ThrowawayServer({ durability: 'none', ...options });
    await server.open();
    return server;
  }

  get store(): RunningEventStore {
    if (this.running === undefined) throw new Error('the server is stopped');
    return this.running;
  }

  get client(): EventStoreDBClient {
    this.connected ??= EventStoreDBClient.connectionString(this.store.connectionString);
    return this.connected;
  }

  async restart(): Promise<void> {
    await this.close();
    await this.open();
  }

  async remove(): Promise<void> {
    await this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async open(): Promise<void> {
    this.running = await startEventStore({ dir: this.directory, ...this.options });
  }

  private async close(): Promise<void> {
    await this.connected?.dispose();
    this.connected = undefined;
    await this.running?.stop();
    this.running = undefined;
  }
}
