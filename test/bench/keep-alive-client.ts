import { connect, type Socket } from 'node:net';

/** An answer, or why there is none. */
export interface Reply {
  /** 0 when there was no answer. */
  readonly status: number;
  readonly replayed: boolean;
  readonly body: string;
  readonly error: string | undefined;
}

export type OnReply = (reply: Reply) => void;

/** Above the longest wait of the API (30 s) and below its keep-alive time (72 s), so that we close first, ms. */
const SILENCE_MS = 40_000;
/** More in flight than this wait here, and their latency counts on. */
export const MAX_CONNECTIONS = 2_000;

/**
 * HTTP/1.1 over kept connections, one request at a time on each. Written on sockets because the generator shares the
 * machine with what it measures: `node:http` costs several times as much CPU a request.
 */
export class KeepAliveClient {
  private readonly idle: Connection[] = [];
  private readonly all = new Set<Connection>();
  private readonly waiting: { readonly request: string; readonly onReply: OnReply }[] = [];
  private readonly host: string;
  private readonly port: number;
  private readonly head: string;

  constructor(url: string, key: string) {
    const { hostname, port, protocol } = new URL(url);
    if (protocol !== 'http:') throw new Error(`the load is sent over http:, not ${protocol}`);
    this.host = hostname;
    this.port = port === '' ? 80 : Number(port);
    this.head = `Host: ${hostname}:${this.port}\r\nAuthorization: Bearer ${key}\r\n`;
  }

  post(path: string, idempotencyKey: string, body: string, onReply: OnReply): void {
    const length = Buffer.byteLength(body);
    this.send(
      `POST ${path} HTTP/1.1\r\n${this.head}Content-Type: application/json\r\n` +
        `Idempotency-Key: ${idempotencyKey}\r\nContent-Length: ${length}\r\n\r\n${body}`,
      onReply,
    );
  }

  get(path: string, onReply: OnReply): void {
    this.send(`GET ${path} HTTP/1.1\r\n${this.head}\r\n`, onReply);
  }

  close(): void {
    for (const connection of this.all) connection.close();
  }

  private send(request: string, onReply: OnReply): void {
    // the one used last is the one least likely to be closed by the server meanwhile
    const connection = this.idle.pop();
    if (connection !== undefined) connection.send(request, onReply);
    else if (this.all.size < MAX_CONNECTIONS) this.open().send(request, onReply);
    else this.waiting.push({ request, onReply });
  }

  private open(): Connection {
    const connection: Connection = new Connection(
      connect({ host: this.host, port: this.port, noDelay: true }),
      () => {
        const next = this.waiting.shift();
        if (next === undefined) this.idle.push(connection);
        else connection.send(next.request, next.onReply);
      },
      () => {
        this.all.delete(connection);
        const place = this.idle.indexOf(connection);
        if (place !== -1) this.idle.splice(place, 1);
        const next = this.waiting.shift();
        if (next !== undefined) this.send(next.request, next.onReply);
      },
    );
    this.all.add(connection);
    return connection;
  }
}

const HEAD_END = Buffer.from('\r\n\r\n');
const NO_BYTES = Buffer.alloc(0);

/** One socket and the one request on it. */
class Connection {
  private onReply: OnReply | undefined;
  private received: Buffer = NO_BYTES;

  constructor(
    private readonly socket: Socket,
    private readonly onIdle: () => void,
    onClosed: () => void,
  ) {
    let why = 'closed';
    socket.on('data', (chunk) => {
      this.take(chunk);
    });
    socket.setTimeout(SILENCE_MS, () => {
      why = 'timeout';
      socket.destroy();
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      why = error.code ?? error.message;
    });
    socket.on('close', () => {
      const { onReply } = this;
      this.onReply = undefined;
      onClosed();
      onReply?.({ status: 0, replayed: false, body: '', error: why });
    });
  }

  send(request: string, onReply: OnReply): void {
    this.onReply = onReply;
    this.socket.write(request);
  }

  close(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    const received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    this.received = received;
    const headEnd = received.indexOf(HEAD_END);
    if (headEnd === -1) return;
    const head = received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head);
    if (length === null) {
      this.socket.destroy(new Error('an answer without a length'));
      return;
    }
    const bodyStart = headEnd + HEAD_END.length;
    const end = bodyStart + Number(length[1]);
    if (received.length < end) return;
    this.received = NO_BYTES;
    const { onReply } = this;
    this.onReply = undefined;
    const reply: Reply = {
      status: Number(head.slice(9, 12)),
      replayed: /\r\nidempotent-replayed: *true/i.test(head),
      body: received.toString('utf8', bodyStart, end),
      error: undefined,
    };
    if (/\r\nconnection: *close/i.test(head)) this.socket.destroy();
    else this.onIdle();
    onReply?.(reply);
  }
}
