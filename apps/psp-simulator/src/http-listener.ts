import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';

/** Far above any PSP request; a longer body is cut off. */
export const BODY_MAX_BYTES = 1 << 20;
/** Longer than the idle timeout of common clients, so that no reset happens that nobody planned. */
const KEEP_ALIVE_MS = 120_000;
/** Another process may hold the port for a moment when a refusal ends. */
const REOPEN_RETRY_MS = 20;

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Names and values in turn, as node's `writeHead` takes them: an object would be copied on the hot path. */
export type RawHeaders = string[];

/** The one answer to a request. A client that has gone away is nobody's fault: writing to it does nothing. */
export class Reply {
  constructor(
    private readonly response: ServerResponse,
    private readonly closing: () => boolean,
  ) {}

  send(status: number, headers: RawHeaders, body: string): void {
    if (this.response.destroyed) return;
    headers.push('Content-Length', String(Buffer.byteLength(body)));
    // a connection that outlives the closing of its port would let requests through
    if (this.closing()) headers.push('Connection', 'close');
    this.response.writeHead(status, headers);
    this.response.end(body);
  }

  stream(status: number, headers: RawHeaders, chunks: Iterable<string>): void {
    if (this.response.destroyed) return;
    this.response.writeHead(status, headers);
    Readable.from(chunks, { objectMode: false }).pipe(this.response);
  }

  /** A TCP reset: the client cannot tell whether the request was executed. */
  reset(): void {
    this.response.socket?.resetAndDestroy();
  }
}

export type Handler = (request: Request, reply: Reply) => void;

/** A plain HTTP server whose connections can be cut and whose port can be closed for a while. */
export class HttpListener {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private boundPort = 0;
  private reopening: NodeJS.Timeout | undefined;
  private stopped = false;
  private readonly closing = (): boolean => !this.server.listening;

  constructor(private readonly handle: Handler) {
    this.server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
      this.receive(request, response);
    });
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  get port(): number {
    return this.boundPort;
  }

  async listen(port: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    this.boundPort = (this.server.address() as AddressInfo).port;
  }

  /** Closes the port and every idle connection; a client that connects meanwhile gets ECONNREFUSED. */
  refuseFor(ms: number): void {
    if (this.stopped) return;
    clearTimeout(this.reopening);
    this.server.close();
    this.server.closeIdleConnections();
    this.reopening = setTimeout(() => {
      this.reopen();
    }, ms);
  }

  /** Closes the port; answers in progress are still written until `destroyConnections`. */
  stopListening(): void {
    this.stopped = true;
    clearTimeout(this.reopening);
    this.server.close();
    this.server.closeIdleConnections();
  }

  destroyConnections(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private reopen(): void {
    const retry = (): void => {
      this.reopening = setTimeout(() => {
        this.reopen();
      }, REOPEN_RETRY_MS);
    };
    this.server.once('error', retry);
    this.server.listen(this.boundPort, '127.0.0.1', () => {
      this.server.off('error', retry);
    });
  }

  private receive(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    const cut = url.indexOf('?');
    const finish = (body: string): void => {
      this.handle(
        {
          method: request.method ?? 'GET',
          path: cut === -1 ? url : url.slice(0, cut),
          query: cut === -1 ? '' : url.slice(cut + 1),
          headers: request.headers,
          body,
        },
        new Reply(response, this.closing),
      );
    };
    let first: Buffer | undefined;
    let more: Buffer[] | undefined;
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > BODY_MAX_BYTES) request.destroy();
      else if (first === undefined) first = chunk;
      else (more ??= [first]).push(chunk);
    });
    request.on('end', () => {
      finish((more === undefined ? first : Buffer.concat(more))?.toString('utf8') ?? '');
    });
    // a client that gives up in the middle of its request has sent none
    request.on('error', () => undefined);
  }
}
