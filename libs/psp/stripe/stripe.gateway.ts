import type { AuthorizeOutcome, AuthorizeRequest } from '@tender/domain';
import { KEY_SAFE_FOR_MS } from '@tender/domain';
import Stripe from 'stripe';
import { buildAuthorizeRequest, REQUEST_VERSION } from './authorize-request';
import { completeAction } from './complete-action';
import { createIntentSweep } from './intent-sweep';
import { createIntentLookup } from './lookup';
import { OneShotHttpClient } from './one-shot-http-client';
import { createOperationLookup } from './operation-lookup';
import { createOperations } from './operations';
import { outcomeOf } from './outcome';
import { createRefunds } from './refunds';
import { replyTo } from './send';
import type { WindowedGateway } from '../send-windows';
import { SendWindows } from '../send-windows';

export interface StripeGatewayOptions {
  readonly apiKey: string;
  /** Scheme, host and port; without it Stripe itself. */
  readonly baseUrl?: string;
  /** For a whole call: connecting, sending and the reply's last byte. */
  readonly callTimeoutMs: number;
  readonly lookupSettlesAfterMs?: number;
  readonly nowMs?: () => number;
}

export type StripeGateway = WindowedGateway & {
  /** Ends idle connections. */
  close(): void;
};

export const STRIPE_KEY_SAFE_FOR_MS = KEY_SAFE_FOR_MS.stripe;

/**
 * Lists and retrievals are consistent; what may still be on its way is the request itself. 80 s is how long
 * Stripe's own SDK waits for an answer by default, so how long Stripe expects to work on one.
 */
export const STRIPE_LOOKUP_SETTLES_AFTER_MS = 90_000;

const STRIPE_API = 'https://api.stripe.com';

export function createStripeGateway(options: StripeGatewayOptions): StripeGateway {
  const { callTimeoutMs, nowMs = Date.now } = options;
  const sendWindows = new SendWindows();
  const { stripe, httpClient } = createClient(options, sendWindows);
  const ports = { stripe, nowMs, sweep: createIntentSweep({ stripe, nowMs }) };

  async function authorize(request: AuthorizeRequest): Promise<AuthorizeOutcome> {
    const built = buildAuthorizeRequest(request);
    switch (built.kind) {
      case 'currency_not_supported':
        return { kind: 'not_sent', why: 'currency_not_supported', detail: request.currency };
      case 'unknown_version':
        return {
          kind: 'not_sent',
          why: 'rejected_before_processing',
          detail: `request version ${request.requestVersion} is not known to this build`,
        };
      case 'built': {
        const { params } = built;
        const { idempotencyKey } = request;
        const reply = await replyTo(() => stripe.paymentIntents.create(params, { idempotencyKey }));
        return outcomeOf(reply, request, nowMs);
      }
    }
  }

  return {
    psp: 'stripe',
    canLookUp: true,
    requestVersion: REQUEST_VERSION,
    keySafeForMs: STRIPE_KEY_SAFE_FOR_MS - callTimeoutMs,
    lookupSettlesAfterMs: options.lookupSettlesAfterMs ?? STRIPE_LOOKUP_SETTLES_AFTER_MS,
    cancelsByOwnReference: false,
    sendWindows,
    authorize,
    lookup: createIntentLookup(ports),
    completeAction: (request) => completeAction(ports, request),
    ...createOperations(ports),
    ...createRefunds(ports),
    lookupOperation: createOperationLookup(ports),
    close: () => {
      httpClient.close();
    },
  };
}

function createClient(
  { apiKey, baseUrl = STRIPE_API, callTimeoutMs }: StripeGatewayOptions,
  windows: SendWindows,
) {
  const { protocol, hostname, port, pathname } = new URL(baseUrl);
  if ((protocol !== 'http:' && protocol !== 'https:') || pathname !== '/') {
    throw new Error(`baseUrl is a scheme, a host and a port, not ${baseUrl}`);
  }
  const scheme = protocol === 'http:' ? 'http' : 'https';
  const httpClient = new OneShotHttpClient(scheme, windows);
  const stripe = new Stripe(apiKey, {
    host: hostname,
    port: port === '' ? (scheme === 'http' ? 80 : 443) : Number(port),
    protocol: scheme,
    timeout: callTimeoutMs,
    maxNetworkRetries: 0,
    telemetry: false,
    httpClient,
  });
  return { stripe, httpClient };
}
