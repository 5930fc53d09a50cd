import Stripe from 'stripe';
import { OneShotSender } from '../one-shot-request';
import type { SendWindows } from '../send-windows';

/** A reply arrived whole and is not JSON: a proxy's page, for example. */
export class UnreadableReply extends Error {
  override readonly name = 'UnreadableReply';

  constructor(
    readonly status: number,
    readonly headers: ReplyHeaders,
  ) {
    super(`HTTP ${status} with a body that is not JSON`);
  }
}

type MakeRequest = InstanceType<typeof Stripe.HttpClient>['makeRequest'];
type SdkReply = Awaited<ReturnType<MakeRequest>>;
export type ReplyHeaders = ReturnType<SdkReply['getHeaders']>;

/**
 * One SDK call, one HTTP request, one deadline over all of it. The SDK's own Node client counts idle time only; its
 * fetch client keeps a deadline and costs twice the CPU.
 */
export class OneShotHttpClient extends Stripe.HttpClient {
  private readonly sender: OneShotSender;

  constructor(protocol: 'http' | 'https', windows: SendWindows) {
    super();
    this.sender = new OneShotSender(protocol, windows);
  }

  override getClientName(): string {
    return 'tender-one-shot';
  }

  override async makeRequest(...args: Parameters<MakeRequest>): Promise<SdkReply> {
    const [host, port, path, method, headers, body, , timeoutMs] = args;
    const key = (headers as Readonly<Record<string, unknown>>)['Idempotency-Key'];
    const idempotencyKey = typeof key === 'string' ? key : undefined;
    const to = { host, port, path, method };
    const reply = await this.sender.send({ ...to, headers, body, idempotencyKey, timeoutMs });
    return new SdkWholeReply(reply.status, reply.headers as ReplyHeaders, reply.text);
  }

  /** Ends idle connections, so that a process or a test can end. */
  close(): void {
    this.sender.close();
  }
}

class SdkWholeReply extends Stripe.HttpClientResponse {
  constructor(
    private readonly status: number,
    private readonly replyHeaders: ReplyHeaders,
    private readonly text: string,
  ) {
    super(status, replyHeaders);
  }

  /** The SDK hangs this on results as `lastResponse`; the fields are the ones that its type promises. */
  override getRawResponse(): unknown {
    return { statusCode: this.status, headers: this.replyHeaders };
  }

  override toJSON(): Promise<unknown> {
    try {
      return Promise.resolve(JSON.parse(this.text) as unknown);
    } catch {
      return Promise.reject(new UnreadableReply(this.status, this.replyHeaders));
    }
  }
}
