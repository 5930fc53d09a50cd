import { connect } from 'node:net';

/** Valid on the embedded stack only, and in every manual. */
export const DEMO_KEY = 'sk_demo_tender';

export type Json = Readonly<Record<string, unknown>>;

export interface AttemptJson {
  readonly id: string;
  readonly number: number;
  readonly psp: string;
  readonly status: string;
  readonly psp_reference: string | null;
  readonly decline: Json | null;
}

export interface PaymentJson {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly amount_captured: number;
  readonly amount_capturable: number;
  readonly failure: { readonly code: string; readonly category: string; readonly message: string } | null;
  readonly next_action: { readonly type: string; readonly url: string } | null;
  readonly attempts: readonly AttemptJson[];
  readonly revision: number;
}

export interface ListJson {
  readonly object: string;
  readonly data: readonly PaymentJson[];
  readonly next_cursor: string | null;
}

export interface EventJson {
  readonly type: string;
  readonly actor: string;
  readonly stream: string;
  readonly revision: number;
  readonly data: Json;
}

export interface ProblemJson {
  readonly status: number;
  readonly code: string;
  readonly request_id: string;
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
}

/** An answer down to its bytes: an idempotent replay is the same text, not an equal object. */
export class Answer {
  constructor(
    readonly status: number,
    readonly headers: ReadonlyMap<string, string>,
    readonly text: string,
  ) {}

  get replayed(): boolean {
    return this.headers.get('idempotent-replayed') === 'true';
  }

  json(): unknown {
    return JSON.parse(this.text);
  }

  payment(): PaymentJson {
    return this.json() as PaymentJson;
  }

  list(): ListJson {
    return this.json() as ListJson;
  }

  events(): readonly EventJson[] {
    return (this.json() as { data: EventJson[] }).data;
  }

  problem(): ProblemJson {
    return this.json() as ProblemJson;
  }
}

export type HeaderValues = Readonly<Record<string, string>>;

const LOOK_EVERY_MS = 50;

/** A merchant's program. */
export class ApiClient {
  constructor(
    readonly url: string,
    private readonly key: string = DEMO_KEY,
  ) {}

  get(path: string, headers: HeaderValues = {}): Promise<Answer> {
    return this.send('GET', path, headers);
  }

  /** @param body sent as it is when it is a text */
  pay(
    idempotencyKey: string,
    body: Json | string,
    headers: HeaderValues = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    return this.post('/v1/payments', idempotencyKey, body, headers, signal);
  }

  /** Something that is asked of a payment which is there: `capture`, `cancel`, `continue`. */
  change(id: string, what: string, idempotencyKey: string, body: Json = {}): Promise<Answer> {
    return this.post(`/v1/payments/${id}/${what}`, idempotencyKey, body, { Prefer: 'wait=30' });
  }

  /** @param body sent as it is when it is a text */
  post(
    path: string,
    idempotencyKey: string,
    body: Json | string,
    headers: HeaderValues = {},
    signal?: AbortSignal,
  ): Promise<Answer> {
    return this.send(
      'POST',
      path,
      { 'Idempotency-Key': idempotencyKey, 'Content-Type': 'application/json', ...headers },
      typeof body === 'string' ? body : JSON.stringify(body),
      signal,
    );
  }

  async payment(id: string): Promise<PaymentJson> {
    return (await this.get(`/v1/payments/${id}`)).payment();
  }

  /** Asks until the payment is as wanted; the test's own time limit ends the wait. */
  async paymentWhen(id: string, wanted: (payment: PaymentJson) => boolean): Promise<PaymentJson> {
    for (;;) {
      const payment = await this.payment(id);
      if (wanted(payment)) return payment;
      await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
    }
  }

  async send(
    method: string,
    path: string,
    headers: HeaderValues,
    body?: string | Buffer,
    signal?: AbortSignal,
  ): Promise<Answer> {
    const reply = await fetch(this.url + path, {
      method,
      headers: { Authorization: `Bearer ${this.key}`, ...headers },
      ...(signal === undefined ? {} : { signal }),
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : new Uint8Array(body) }),
    });
    return new Answer(reply.status, new Map(reply.headers), await reply.text());
  }

  /** Sends these very bytes on a socket of their own and reads until the server closes it. */
  raw(bytes: string): Promise<Answer> {
    const { hostname, port } = new URL(this.url);
    return new Promise((resolve, reject) => {
      let received = '';
      const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
      socket.setEncoding('utf8').on('data', (part: string) => (received += part));
      socket.on('error', reject).on('close', () => {
        resolve(parsed(received));
      });
    });
  }
}

/** Of a reply with a length, not chunked. */
function parsed(reply: string): Answer {
  const end = reply.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = reply.slice(0, end).split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return new Answer(Number(statusLine.split(' ')[1]), new Map(headers), reply.slice(end + 4));
}
