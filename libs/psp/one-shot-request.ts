import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import type { SendWindow, SendWindows } from './send-windows';

/**
 * How long an idle connection is kept, ms. Shorter than the idle limits of servers (Node's own default is 5 s,
 * load balancers wait longer): who closes first must be us, because a connection that the server closes while
 * our request is leaving ends in a reset that says nothing about the charge.
 */
export const IDLE_CONNECTION_TIMEOUT_MS = 4_000;

/** A longer reply is none of a PSP's; reading on would only fill the memory. */
export const MAX_REPLY_BYTES = 1_048_576;

/** Requests beyond it wait inside their own deadline. The engine's permits are the real bound; this is the net. */
export const MAX_CONNECTIONS = 512;

/**
 * - `never_opened`: no connection was open, so no byte of the request left this process.
 * - `too_late`: a connection was, and the request came to it later than it may leave; the same.
 * - `deadline`: the whole call took too long; the request may have been processed.
 * - `lost`: the connection broke after it was opened; the same.
 */
export type TransportFailureKind = 'never_opened' | 'too_late' | 'deadline' | 'lost';

/**
 * Carries no `code` of Node's on purpose: an SDK may send a request again by itself when it sees one that it takes
 * for harmless (stripe-node does on ECONNRESET), and how often a charge request leaves is decided by the engine alone.
 */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure';

  constructor(
    readonly kind: TransportFailureKind,
    detail: string,
  ) {
    super(detail);
  }
}

export type SentHeaders = Readonly<Record<string, string | number | string[] | undefined>>;

export interface Exchange {
  readonly host: string;
  readonly port: number | string;
  readonly path: string;
  readonly method: string;
  readonly headers: SentHeaders;
  readonly body: string;
  /** Undefined: the request changes nothing at the PSP, so it may leave at any time. */
  readonly idempotencyKey: string | undefined;
  readonly timeoutMs: number;
}

/** A reply that arrived to its last byte. */
export interface WholeReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/**
 * One exchange, one HTTP request, one deadline over all of it: waiting for a connection, sending, and reading the
 * reply to its last byte. An idle timeout, as SDKs have it, would let a slow drip outlive any limit.
 */
export class OneShotSender {
  private readonly transport: typeof http | typeof https;
  private readonly agent: http.Agent | https.Agent;

  constructor(
    private readonly protocol: 'http' | 'https',
    private readonly windows: SendWindows,
    idleConnectionTimeoutMs = IDLE_CONNECTION_TIMEOUT_MS,
  ) {
    this.transport = protocol === 'http' ? http : https;
    this.agent = new this.transport.Agent({
      keepAlive: true,
      timeout: idleConnectionTimeoutMs,
      maxSockets: MAX_CONNECTIONS,
      scheduling: 'lifo',
    });
  }

  /** Ends idle connections, so that a process or a test can end. */
  close(): void {
    this.agent.destroy();
  }

  /** @throws TransportFailure, and nothing else */
  send(exchange: Exchange): Promise<WholeReply> {
    const { host, port, path, method, body, idempotencyKey, timeoutMs } = exchange;
    const window = idempotencyKey === undefined ? ALWAYS : this.windows.of(idempotencyKey);
    return new Promise((resolve, reject) => {
      const headers = flat(exchange.headers, `${host}:${port}`);
      const request = this.transport.request({ host, port, path, method, agent: this.agent, headers });
      let hasLeft = false;
      const timer = setTimeout(() => {
        fail(
          hasLeft
            ? new TransportFailure('deadline', `no whole reply within ${timeoutMs} ms`)
            : new TransportFailure('never_opened', `no connection within ${timeoutMs} ms`),
        );
      }, timeoutMs);
      const fail = (failure: TransportFailure): void => {
        clearTimeout(timer);
        reject(failure);
        request.destroy();
      };
      request.on('error', (error) => {
        fail(new TransportFailure(hasLeft ? 'lost' : 'never_opened', describe(error)));
      });
      request.on('response', (response) => {
        readWhole(response, fail, (text) => {
          clearTimeout(timer);
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      // not before: what is handed over earlier waits in the socket, and leaves whenever that opens
      this.onceOpen(request, () => {
        if (window.hasPassed()) {
          fail(new TransportFailure('too_late', 'held up until others may have gone on without it'));
          return;
        }
        hasLeft = true;
        request.end(body);
      });
    });
  }

  private onceOpen(request: http.ClientRequest, leave: () => void): void {
    request.once('socket', (socket: Socket & { readonly secureConnecting?: boolean }) => {
      const opens = socket.connecting || socket.secureConnecting === true;
      if (opens) socket.once(this.protocol === 'http' ? 'connect' : 'secureConnect', leave);
      else leave();
    });
  }
}

const ALWAYS: SendWindow = { hasPassed: () => false };

/** An array of names and values lets Node write the head at once instead of keeping a map of it. */
function flat(headers: SentHeaders, host: string): string[] {
  const list = ['Host', host];
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) list.push(name, String(value));
  }
  return list;
}

function readWhole(
  response: http.IncomingMessage,
  fail: (failure: TransportFailure) => void,
  done: (text: string) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_REPLY_BYTES)
      fail(new TransportFailure('lost', `reply longer than ${MAX_REPLY_BYTES} bytes`));
    else chunks.push(chunk);
  });
  response.on('end', () => {
    if (response.complete) done(Buffer.concat(chunks).toString('utf8'));
    else fail(new TransportFailure('lost', 'the reply was cut short'));
  });
  response.on('error', (error) => {
    fail(new TransportFailure('lost', describe(error)));
  });
}

function describe(error: Error): string {
  const { code, syscall } = error as NodeJS.ErrnoException;
  return [code ?? error.name, syscall].filter((part) => part !== undefined).join(' ');
}
