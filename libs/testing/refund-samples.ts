import type {
  PaymentCommand,
  PaymentEvent,
  Refund,
  RefundCommand,
  RefundEvent,
  RefundFailure,
  RefundInitiated,
  RefundOutcome,
  RefundResolutionFound,
  RefundState,
} from '@tender/domain';
import { paymentDecider, refundDecider, refundIdOf, RESULT_RANK } from '@tender/domain';
import { given, recordedBy, SOME_TIME } from './given';
import {
  outcomes,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleStart,
} from './payment-samples';

export const sampleRefundId = (key = 'refund-1'): string => refundIdOf('demo', SAMPLE_PAYMENT_ID, key);

export const sampleRefundInitiated = (change: Partial<RefundInitiated> = {}): RefundInitiated => ({
  refundId: sampleRefundId(),
  paymentId: SAMPLE_PAYMENT_ID,
  merchant: 'demo',
  fingerprint: 'body',
  amountMinor: 400n,
  currency: 'USD',
  psp: 'stripe',
  attemptId: SAMPLE_ATTEMPT_ID,
  pspReference: 'pi_1',
  captureReference: null,
  requestVersion: 1,
  representation: 1,
  freeText: { reason: null, metadata: [] },
  ...change,
});

export const initiateRefund = (change: Partial<RefundInitiated> = {}): RefundCommand => ({
  type: 'InitiateRefund',
  data: { initiated: sampleRefundInitiated(change) },
});

/** Seconds after noon, for the PSP's own times. */
export const secondsLater = (seconds: number): string =>
  new Date(Date.parse(SOME_TIME) + seconds * 1_000).toISOString();

export const refunded = (atS = 2, amountMinor = 400n): RefundOutcome => ({
  kind: 'succeeded',
  pspReference: 'psp_refund_1',
  amountMinor,
  occurredAt: secondsLater(atS),
});

/** A failure of a refund that the PSP knows by a name of its own. */
export const refundFailed = (
  debited: boolean,
  atS = 4,
  why: RefundFailure = 'declined_by_issuer',
  pspReference: string | null = 'psp_refund_1',
): RefundOutcome => ({
  kind: 'failed',
  why,
  debited,
  detail: '',
  pspReference,
  occurredAt: secondsLater(atS),
});

export const refundRefused = refundFailed(false, 1, 'refused', null);
export const refundPending: RefundOutcome = { kind: 'pending', pspReference: 'psp_refund_1' };

export const refundReply = (outcome: RefundOutcome, number = 1): RefundCommand => ({
  type: 'RecordRefundOutcome',
  data: { number, outcome, heardAt: secondsLater(1) },
});

/** What an operator found out about a try, long after every key was forgotten. */
export const wordAboutRefund = (
  number: number,
  found: RefundResolutionFound,
  {
    requestId = `word about ${number}`,
    fingerprint = 'body',
    toldAt = '2026-06-01T12:00:00.000Z',
    occurredAt = null,
  }: {
    readonly requestId?: string;
    readonly fingerprint?: string;
    readonly toldAt?: string;
    readonly occurredAt?: string | null;
  } = {},
): RefundCommand => {
  const freeText = { by: 'R. Jansen', evidence: 'Customer Area' };
  const word = { number, requestId, fingerprint, toldAt, occurredAt, freeText };
  return {
    type: 'ResolveRefund',
    data:
      found === 'not_done'
        ? { ...word, found, pspReference: null }
        : { ...word, found, pspReference: 'seen_1' },
  };
};

export const refundNews = (outcome: RefundOutcome, rank = RESULT_RANK, number = 1): RefundCommand => ({
  type: 'RecordRefundNews',
  data: { number, outcome, rank, heardAt: secondsLater(10) },
});

/** Every event of a refund that any order of commands makes, and the refund after them. */
export function tellRefund(
  commands: readonly RefundCommand[],
  first: RefundCommand = initiateRefund(),
): { readonly refund: Refund; readonly events: readonly RefundEvent[] } {
  const events: RefundEvent[] = [];
  let state: RefundState = null;
  for (const command of [first, ...commands]) {
    for (const event of recordedBy(refundDecider.decide(command, state))) {
      state = refundDecider.evolve(state, event, SOME_TIME);
      events.push(event);
    }
  }
  if (state === null) throw new Error('the first command makes a refund');
  return { refund: state, events };
}

/** A payment whose whole amount is captured. */
export const capturedPayment = (amountMinor = 1099n): readonly PaymentEvent[] => {
  const start = sampleStart({ amountMinor });
  const outcome = { ...outcomes.captured, amountMinor };
  return [...start, ...recordedBy(given(paymentDecider, start).when(recordOutcome(outcome)).decision)];
};

export const reserveRefund = (
  amountMinor: bigint | null = 400n,
  key = 'refund-1',
  fingerprint = 'body',
): PaymentCommand => ({
  type: 'ReserveRefund',
  data: {
    merchant: 'demo',
    refundId: sampleRefundId(key),
    fingerprint,
    amountMinor,
    freeText: { reason: null, metadata: [] },
  },
});

export const refundStands = (
  standing: 'settled' | 'returned' | 'failed' | 'abandoned',
  refundRevision: number,
  { key = 'refund-1', number = 1 } = {},
): PaymentCommand => ({
  type: 'RecordRefundStanding',
  data: { refundId: sampleRefundId(key), number, refundRevision, standing, occurredAt: secondsLater(3) },
});
