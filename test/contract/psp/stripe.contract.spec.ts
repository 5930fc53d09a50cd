import type { NoticeFields } from '@tender/domain';
import { createStripeGateway, readStripeNotice, stripeNotices } from '@tender/psp';
import { DEFAULT_WEBHOOK_SECRET, startStripeSimulator } from '../../../apps/psp-simulator/src/stripe/server';
import { signedWebhook } from '../../../apps/psp-simulator/src/stripe/webhook';
import { describeGateway } from './gateway-contract';
import type { FaultyCall, PspUnderTest } from './psp-under-test';
import { challengeAt, chargesIn, controlOf } from './simulator-control';

/** Short, because every lost answer costs it; the simulator answers loopback in a few ms. */
const CALL_TIMEOUT_MS = 400;
/** Longer than a call, so that the charge happens after its caller has given up. */
const SLOWER_THAN_A_CALL_MS = 500;
const CLOSED_FOR_MS = 60;
const SIGNATURE_TOLERANCE_MS = 300_000;
const UNSPOILED = { badSignature: false, skewMs: 0 };

/** By what requests a call is made; of a reversal, which of them depends on whether it was captured. */
const OPS: Readonly<Record<FaultyCall, readonly string[]>> = {
  authorize: ['authorize'],
  completeAction: ['lookup'],
  capture: ['capture'],
  cancel: ['cancel'],
  reversal: ['cancel', 'refund'],
  refund: ['refund'],
};

async function start(): Promise<PspUnderTest> {
  const simulator = await startStripeSimulator({ latency: { medianMs: 0, p99Ms: 0 } });
  const gateway = createStripeGateway({
    apiKey: 'sk_test_contract',
    baseUrl: simulator.url,
    callTimeoutMs: CALL_TIMEOUT_MS,
  });
  const control = controlOf(simulator);
  return {
    gateway,
    translator: stripeNotices,
    notices: async () => noticesIn(await control('GET', 'outbox')),
    breakNext: async (call, faults) => {
      const next = faults.flatMap((fault) => OPS[call].map((op) => ({ op, fault })));
      await control('PUT', 'faults', { next });
    },
    challenge: challengeAt,
    settle: () => new Promise((settled) => setTimeout(settled, SLOWER_THAN_A_CALL_MS - CALL_TIMEOUT_MS + 50)),
    advance: async (ms) => {
      await control('POST', 'clock', { advance_ms: ms });
    },
    charges: async () => chargesIn(await control('GET', 'truth')),
    stop: () => {
      gateway.close();
      return simulator.stop();
    },
  };
}

/** Signed anew, as every delivery is, and read as a webhook is read. */
function noticesIn(outbox: unknown): readonly NoticeFields[] {
  return (outbox as { readonly event: object }[]).map(({ event }) => {
    const nowMs = Date.now();
    const { body, headers } = signedWebhook(JSON.stringify(event), DEFAULT_WEBHOOK_SECRET, nowMs, UNSPOILED);
    const read = readStripeNotice({
      rawBody: Buffer.from(body),
      signature: headers['stripe-signature'],
      secrets: [DEFAULT_WEBHOOK_SECRET],
      nowMs,
      toleranceMs: SIGNATURE_TOLERANCE_MS,
    });
    if (read.kind !== 'notice') throw new Error(read.kind);
    return read.notice.fields;
  });
}

describeGateway('Stripe', {
  start,
  tokens: {
    approved: 'pm_card_visa',
    refused: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    challenged: 'pm_card_threeDSecure2Required',
  },
  later: {
    refunds: [['refused by the buyer’s bank', 'pm_card_refundFail', 'card_expired_or_canceled']],
    // Stripe does not take a capture back
    captures: [],
    disputes: [
      ['pm_card_createDispute', 'funds_withdrawn', 'funds_withdrawn'],
      ['pm_card_createDisputeWon', 'won', 'won'],
      ['pm_card_createDisputeLost', 'lost', 'lost'],
      ['pm_card_createDisputeInquiry', 'inquiry_opened', 'untouched'],
      ['pm_card_createDisputeInquiryClosed', 'inquiry_closed', 'untouched'],
    ],
  },
  reusedKeySays: 'unknown key_conflict',
  faults: [
    ['timeout_before', 'unknown timeout'],
    ['timeout_after_commit', 'unknown timeout'],
    ['reset_before', 'unknown connection_lost'],
    ['reset_after_commit', 'unknown connection_lost'],
    ['500_after_commit', 'unknown server_error'],
    ['500_not_executed', 'unknown server_error'],
    ['500_stored_not_executed', 'unknown server_error'],
    [`refused:${CLOSED_FOR_MS}`, 'unknown connection_lost'],
    ['429', 'not_sent rate_limited'],
    ['429_lock_timeout', 'unknown unlisted_reply'],
    ['409', 'unknown key_in_progress'],
    [`slow:${SLOWER_THAN_A_CALL_MS}`, 'unknown timeout'],
  ],
  money: [
    ['USD', 1099n],
    ['JPY', 500n],
    ['KWD', 1010n],
    ['ISK', 5n],
    ['UGX', 700n],
    ['MGA', 1200n],
  ],
});
