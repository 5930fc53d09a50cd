import type { LookupOutcome } from '@tender/domain';
import { KEY_SAFE_FOR_MS } from '@tender/domain';
import type { AdyenGatewayOptions } from './adyen-account';
import { openAdyenAccount } from './adyen-account';
import { authorizeWith } from './authorize';
import { cancelWith } from './cancel';
import { captureWith } from './capture';
import { completeActionWith } from './complete-action';
import { refundWith } from './refund';
import { REQUEST_VERSION } from './request-rules';
import { reverseWith } from './reverse';
import type { WindowedGateway } from '../send-windows';

export type AdyenGateway = WindowedGateway & {
  /** Ends idle connections. */
  close(): void;
};

export const ADYEN_KEY_SAFE_FOR_MS = KEY_SAFE_FOR_MS.adyen;

/**
 * How long after a payment request a cancel by our own reference may still not find what it makes, ms. Adyen's own SDK
 * waits 30 s for an answer, so a request that left is done or dropped well within this.
 */
export const ADYEN_SETTLES_AFTER_MS = 90_000;

/** Checkout has no "get payment"; the reply to the same key, a webhook and the reports are all there is. */
const NO_LOOKUP: Extract<LookupOutcome, { kind: 'unavailable' }> = {
  kind: 'unavailable',
  detail: 'Adyen has no look-up: its webhook or its settlement line has to tell',
};

/**
 * Automatic capture is taken to be the merchant account's setting "immediate": what Adyen authorises it captures by
 * itself. An account with a capture delay would make `captured: true` untrue.
 */
export function createAdyenGateway(options: AdyenGatewayOptions): AdyenGateway {
  const account = openAdyenAccount(options);
  return {
    psp: 'adyen',
    requestVersion: REQUEST_VERSION,
    keySafeForMs: ADYEN_KEY_SAFE_FOR_MS - options.callTimeoutMs,
    canLookUp: false,
    lookupSettlesAfterMs: ADYEN_SETTLES_AFTER_MS,
    cancelsByOwnReference: true,
    sendWindows: account.sendWindows,
    authorize: authorizeWith(account),
    completeAction: completeActionWith(account),
    capture: captureWith(account),
    cancel: cancelWith(account),
    reverse: reverseWith(account),
    refund: refundWith(account),
    lookup: () => Promise.resolve(NO_LOOKUP),
    lookupOperation: () => Promise.resolve(NO_LOOKUP),
    lookupRefund: () => Promise.resolve(NO_LOOKUP),
    // its notices name our reference in every case
    identify: () => Promise.resolve(NO_LOOKUP),
    close: () => {
      account.close();
    },
  };
}
