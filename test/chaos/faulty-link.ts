import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * What a network does to a connection:
 * - `delay`: every byte comes later, in order;
 * - `drop`: nothing comes any more, in either direction, and nobody is told; new connections are accepted into silence;
 * - `half_open`: requests arrive, answers do not;
 * - `reset`: connections break at once, and new ones, too;
 * - `refuse`: the same, and nobody listens: no connection is opened.
 */
export type LinkFault =
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'drop' }
  | { readonly kind: 'half_open' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'refuse' };

/** More than this on its way in one direction and the sender has to wait. */
const MAX_QUEUED_BYTES = 1 << 20;

/** A TCP proxy on the loopback interface that is as good, or as bad, as it is told to be. */
export class FaultyLink {
  private fault: LinkFault | undefined;
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly targetPort: number,
  ) {
    server.on('connection', (client) => {
      this.accept(client);
    });
  }

  static async open(targetPort: number): Promise<FaultyLink> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await listen(server, 0);
    return new FaultyLink(server, (server.address() as AddressInfo).port, targetPort);
  }

  /** Until the next call. A connection that has lost bytes is never whole again: healing breaks it. */
  async become(fault: LinkFault | undefined): Promise<void> {
    this.fault = fault;
    const breaks = fault?.kind === 'reset' || fault?.kind === 'refuse';
    for (const pair of [...this.pairs]) {
      if (breaks || (fault === undefined && pair.hasLost)) pair.reset();
    }
    if (fault?.kind === 'refuse') this.server.close();
    else if (!this.server.listening) await listen(this.server, this.port);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const pair of [...this.pairs]) pair.reset();
    await closed;
  }

  private accept(client: Socket): void {
    if (this.fault?.kind === 'reset') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const pair = new Pair(
      client,
      connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }),
      {
        fault: () => this.fault,
        onClosed: () => this.pairs.delete(pair),
      },
    );
    this.pairs.add(pair);
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });

interface PairOptions {
  readonly fault: () => LinkFault | undefined;
  readonly onClosed: () => void;
}

/** One connection through the link: two flows that fail together or alone. */
class Pair {
  private readonly flows: readonly Flow[];
  private open = 2;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly options: PairOptions,
  ) {
    const { fault } = options;
    this.flows = [
      new Flow(client, server, fault, (kind) => kind === 'drop'),
      new Flow(server, client, fault, (kind) => kind === 'drop' || kind === 'half_open'),
    ];
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.closed(socket, other);
      });
    }
  }

  get hasLost(): boolean {
    return this.flows.some((flow) => flow.hasLost);
  }

  reset(): void {
    for (const socket of [this.client, this.server]) {
      // one that is not connected yet has nothing to be reset
      if (socket.connecting) socket.destroy();
      else socket.resetAndDestroy();
    }
  }

  private closed(socket: Socket, other: Socket): void {
    this.open -= 1;
    if (this.open === 0) this.options.onClosed();
    // what is silent tells nobody of an end either
    const kind = this.options.fault()?.kind;
    const isTold = !this.hasLost && kind !== 'drop' && (kind !== 'half_open' || socket === this.client);
    if (isTold) other.destroy();
    else for (const flow of this.flows) flow.lose();
  }
}

interface Parcel {
  /** Undefined: the sender has no more. */
  readonly bytes: Buffer | undefined;
  readonly dueMs: number;
}

/** The bytes of one direction, in order whatever the delay becomes meanwhile. */
class Flow {
  hasLost = false;
  private readonly queue: Parcel[] = [];
  private queuedBytes = 0;
  private lastDueMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly from: Socket,
    private readonly to: Socket,
    private readonly fault: () => LinkFault | undefined,
    private readonly isLostBy: (kind: LinkFault['kind']) => boolean,
  ) {
    from.on('data', (bytes: Buffer) => {
      this.take(bytes);
    });
    from.on('end', () => {
      this.take(undefined);
    });
    to.on('drain', () => {
      from.resume();
    });
    to.on('close', () => {
      clearTimeout(this.timer);
    });
  }

  lose(): void {
    this.hasLost = true;
    this.queue.length = 0;
  }

  private take(bytes: Buffer | undefined): void {
    const fault = this.fault();
    if (fault !== undefined && this.isLostBy(fault.kind)) this.lose();
    if (this.hasLost) return;
    const nowMs = performance.now();
    this.lastDueMs = Math.max(this.lastDueMs, nowMs + (fault?.kind === 'delay' ? fault.ms : 0));
    this.queue.push({ bytes, dueMs: this.lastDueMs });
    this.queuedBytes += bytes?.length ?? 0;
    if (this.queuedBytes > MAX_QUEUED_BYTES) this.from.pause();
    this.deliver();
  }

  private deliver(): void {
    clearTimeout(this.timer);
    for (let head = this.queue[0]; head !== undefined; head = this.queue[0]) {
      const earlyMs = head.dueMs - performance.now();
      if (earlyMs > 0) {
        this.timer = setTimeout(() => {
          this.deliver();
        }, earlyMs);
        return;
      }
      this.queue.shift();
      this.hand(head);
    }
  }

  private hand({ bytes }: Parcel): void {
    if (this.to.destroyed) return;
    if (bytes === undefined) {
      this.to.end();
      return;
    }
    this.queuedBytes -= bytes.length;
    if (this.to.write(bytes)) this.from.resume();
    else this.from.pause();
  }
}
