import type ClientInterface from '@adyen/api-library/lib/src/httpClient/clientInterface';
import type { OneShotSender, WholeReply } from '../one-shot-request';
import { TransportFailure } from '../one-shot-request';

type SdkRequest = ClientInterface['request'];

/** Where the calls of an account go, and how long one may take. */
export interface Destination {
  readonly sender: OneShotSender;
  readonly host: string;
  readonly port: string;
  /** Before `/v72/…`; live accounts have one (Adyen docs, "Live endpoints"). */
  readonly basePath: string;
  readonly callTimeoutMs: number;
}

/** How one call ended on the wire. */
export type CallEnd =
  | { readonly kind: 'not_started' }
  | { readonly kind: 'replied'; readonly reply: WholeReply }
  | { readonly kind: 'failed'; readonly failure: TransportFailure };

/**
 * The HTTP client of a single SDK call. The SDK's own one knows https on Adyen's hosts only, opens a connection a
 * call, counts idle time, follows redirects, and hides the status and the headers of a success. So the SDK builds and
 * addresses the request here; what came back is read from `end`.
 */
export class OneCallClient implements ClientInterface {
  end: CallEnd = { kind: 'not_started' };

  constructor(private readonly to: Destination) {}

  readonly request: SdkRequest = async (endpoint, json, config, _isApiKeyRequired, options = {}) => {
    const { sender, host, port, basePath, callTimeoutMs } = this.to;
    const body = json.toString();
    // until the reply is there, all that is known is that the request may have left
    this.end = { kind: 'failed', failure: new TransportFailure('lost', 'the call did not end') };
    try {
      const reply = await sender.send({
        host,
        port,
        path: basePath + new URL(endpoint).pathname,
        method: options.method ?? 'POST',
        headers: {
          'x-api-key': config.apiKey,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          accept: 'application/json',
          'idempotency-key': options.idempotencyKey,
        },
        body,
        idempotencyKey: options.idempotencyKey,
        timeoutMs: callTimeoutMs,
      });
      this.end = { kind: 'replied', reply };
    } catch (thrown) {
      const failure =
        thrown instanceof TransportFailure
          ? thrown
          : new TransportFailure('lost', 'the call could not be handled');
      this.end = { kind: 'failed', failure };
    }
    // for the SDK to have something harmless to read: it prints bodies that it does not understand
    return '{}';
  };
}
