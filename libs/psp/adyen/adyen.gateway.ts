import Client from '@adyen/api-library/lib/src/client';
import Config, { EnvironmentEnum } from '@adyen/api-library/lib/src/config';
import { PaymentsApi } from '@adyen/api-library/lib/src/services/checkout/paymentsApi';
import type { PaymentRequest } from '@adyen/api-library/lib/src/typings/checkout/paymentRequest';
import type { AuthorizeOutcome, AuthorizeRequest, LookupOutcome, PspGateway } from '@tender/domain';
import { OneShotSender } from '../one-shot-request';
import { buildAuthorizeRequest, REQUEST_VERSION } from './authorize-request';
import type { Destination } from './one-call-client';
import { OneCallClient } from './one-call-client';
import { outcomeOf } from './outcome';
import type { Reply } from './reply';
import { readEnd } from './reply';

export interface AdyenGatewayOptions {
  readonly apiKey: string;
  readonly merchantAccount: string;
  /**
   * What stands before `/v72/payments`, path and all; without it Adyen's test environment. A live account has its own:
   * `https://<prefix>-checkout-live.adyenpayments.com/checkout`. Keys are known to one region only, so an account must
   * keep to one address (Adyen docs, "API idempotency").
   */
  readonly baseUrl?: string;
  /** For a whole call: connecting, sending and the reply's last byte. */
  readonly callTimeoutMs: number;
  /** For payments that name none: Adyen demands one. A re-send is the same bytes only while this stays the same. */
  readonly returnUrl: string;
  readonly nowMs?: () => number;
}

export type AdyenGateway = PspGateway & {
  /** Ends idle connections. */
  close(): void;
};

/** Adyen keeps a key for at least 7 days (docs, "API idempotency"); an hour is left for clocks. */
export const ADYEN_KEY_SAFE_FOR_MS = (7 * 24 - 1) * 3_600_000;

const ADYEN_TEST = 'https://checkout-test.adyen.com';

/** Checkout has no "get payment"; the reply to the same key, a webhook and the reports are all there is. */
const NO_LOOKUP: LookupOutcome = {
  kind: 'unavailable',
  detail: 'Adyen has no look-up of a payment: its webhook or its settlement line has to tell',
};

/**
 * Automatic capture is taken to be the merchant account's setting "immediate": what Adyen authorises it captures by
 * itself. An account with a capture delay would make `captured: true` untrue.
 */
export function createAdyenGateway(options: AdyenGatewayOptions): AdyenGateway {
  const { apiKey, callTimeoutMs, nowMs = Date.now } = options;
  const to = destinationOf(options);
  const config = new Config({ apiKey, environment: EnvironmentEnum.TEST });

  async function authorize(request: AuthorizeRequest): Promise<AuthorizeOutcome> {
    const built = buildAuthorizeRequest(request, options);
    switch (built.kind) {
      case 'currency_not_supported':
        return { kind: 'not_sent', why: 'currency_not_supported', detail: request.currency };
      case 'not_possible':
        return { kind: 'not_sent', why: 'rejected_before_processing', detail: built.detail };
      case 'built':
        return outcomeOf(await pay(config, to, built.params, request.idempotencyKey), request, nowMs);
    }
  }

  return {
    psp: 'adyen',
    canLookUp: false,
    requestVersion: REQUEST_VERSION,
    keySafeForMs: ADYEN_KEY_SAFE_FOR_MS - callTimeoutMs,
    lookupSettlesAfterMs: 0,
    authorize,
    lookup: () => Promise.resolve(NO_LOOKUP),
    close: () => {
      to.sender.close();
    },
  };
}

async function pay(
  config: Config,
  to: Destination,
  params: PaymentRequest,
  idempotencyKey: string,
): Promise<Reply> {
  const call = new OneCallClient(to);
  try {
    await new PaymentsApi(new Client(config, call)).payments(params, { idempotencyKey });
  } catch {
    // whatever the SDK made of it: how the call ended is known to its client
  }
  return readEnd(call.end);
}

function destinationOf({ baseUrl = ADYEN_TEST, callTimeoutMs }: AdyenGatewayOptions): Destination {
  const { protocol, hostname, port, pathname, search } = new URL(baseUrl);
  if ((protocol !== 'http:' && protocol !== 'https:') || search !== '') {
    throw new Error(`baseUrl is a scheme, a host, a port and a path, not ${baseUrl}`);
  }
  const scheme = protocol === 'http:' ? 'http' : 'https';
  return {
    sender: new OneShotSender(scheme),
    host: hostname,
    port: port === '' ? (scheme === 'http' ? '80' : '443') : port,
    basePath: pathname.replace(/\/$/, ''),
    callTimeoutMs,
  };
}
