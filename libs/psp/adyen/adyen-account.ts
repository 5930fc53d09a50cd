import Client from '@adyen/api-library/lib/src/client';
import Config, { EnvironmentEnum } from '@adyen/api-library/lib/src/config';
import { OneShotSender } from '../one-shot-request';
import { SendWindows } from '../send-windows';
import type { CallEnd, Destination } from './one-call-client';
import { OneCallClient } from './one-call-client';
import type { AccountSettings } from './request-rules';

export interface AdyenGatewayOptions extends AccountSettings {
  readonly apiKey: string;
  /**
   * What stands before `/v72/payments`, path and all; without it Adyen's test environment. A live account has its own:
   * `https://<prefix>-checkout-live.adyenpayments.com/checkout`. Keys are known to one region only, so an account must
   * keep to one address (Adyen docs, "API idempotency").
   */
  readonly baseUrl?: string;
  /** For a whole call: connecting, sending and the reply's last byte. */
  readonly callTimeoutMs: number;
  readonly nowMs?: () => number;
}

/** A merchant account at one address of Adyen's, as every capability uses it. */
export interface AdyenAccount extends AccountSettings {
  readonly nowMs: () => number;
  readonly sendWindows: SendWindows;
  /** One use of the SDK is one request at most; how it ended is all that is told. Never throws. */
  call(use: (client: Client) => Promise<unknown>): Promise<CallEnd>;
  /** Ends idle connections. */
  close(): void;
}

const ADYEN_TEST = 'https://checkout-test.adyen.com';

export function openAdyenAccount(options: AdyenGatewayOptions): AdyenAccount {
  const { apiKey, merchantAccount, returnUrl, nowMs = Date.now } = options;
  const sendWindows = new SendWindows();
  const to = destinationOf(options, sendWindows);
  const config = new Config({ apiKey, environment: EnvironmentEnum.TEST });
  return {
    merchantAccount,
    returnUrl,
    nowMs,
    sendWindows,
    async call(use) {
      const http = new OneCallClient(to);
      try {
        await use(new Client(config, http));
      } catch {
        // whatever the SDK made of it: how the call ended is known to its client
      }
      return http.end;
    },
    close() {
      to.sender.close();
    },
  };
}

function destinationOf(
  { baseUrl = ADYEN_TEST, callTimeoutMs }: AdyenGatewayOptions,
  windows: SendWindows,
): Destination {
  const { protocol, hostname, port, pathname, search } = new URL(baseUrl);
  if ((protocol !== 'http:' && protocol !== 'https:') || search !== '') {
    throw new Error(`baseUrl is a scheme, a host, a port and a path, not ${baseUrl}`);
  }
  const scheme = protocol === 'http:' ? 'http' : 'https';
  return {
    sender: new OneShotSender(scheme, windows),
    host: hostname,
    port: port === '' ? (scheme === 'http' ? '80' : '443') : port,
    basePath: pathname.replace(/\/$/, ''),
    callTimeoutMs,
  };
}
