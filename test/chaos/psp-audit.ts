import { type Dispute, partsOfAttemptId, type PspName, uuidOf } from '@tender/domain';
import type { Auditor } from '@tender/testing';
import type { TruthRow } from '../stack/psp-truth';
import type { Evidence } from './evidence';

/** How much of each sort the PSPs remember. */
export interface PspCounts {
  charges: number;
  refunds: number;
  /** Of the refunds: paid out, and not come back. */
  refundsGiven: number;
  /** Of the refunds: paid out, and come back later. */
  refundsReturned: number;
  disputes: number;
  captures: number;
  /** Of the captures: taken back by the scheme. */
  fellBack: number;
}

/** All rows of one charge, as the PSP tells them. */
interface ChargeRows {
  readonly psp: PspName;
  readonly paymentId: string;
  readonly attemptId: string;
  readonly reference: string;
  /** What the buyer paid with: by it the simulators know what becomes of the charge. */
  readonly token: string;
  readonly rows: readonly TruthRow[];
}

const CAPTURE_FALLS_BACK: ReadonlySet<string> = new Set(['adyen_card_capture_fails']);
const REFUND_COMES_BACK: ReadonlySet<string> = new Set([
  'pm_card_refundFail',
  'adyen_card_refund_fails',
  'adyen_card_refund_returned',
]);
/** The bank asks, and takes nothing. */
const INQUIRIES: ReadonlySet<string> = new Set([
  'pm_card_createDisputeInquiry',
  'pm_card_createDisputeInquiryClosed',
  'adyen_card_inquiry',
]);
/** Of the Stripe simulator, minor units; given back with what is won. Adyen's stand in its report alone. */
const STRIPE_DISPUTE_FEE_MINOR = 1_500n;

/** Lays what the PSPs remember before the auditor, who knows all events by now. */
export function auditPsps(auditor: Auditor, truth: Evidence['truth']): PspCounts {
  const counts: PspCounts = {
    charges: 0,
    refunds: 0,
    refundsGiven: 0,
    refundsReturned: 0,
    disputes: 0,
    captures: 0,
    fellBack: 0,
  };
  const disputed = new Set<string>();
  for (const psp of ['stripe', 'adyen'] as const) {
    for (const charge of chargesIn(auditor, psp, truth[psp])) {
      const takenMinor = auditCharge(auditor, charge, counts);
      auditGivenBack(auditor, charge, takenMinor, counts);
      if (auditDisputes(auditor, charge, counts)) disputed.add(charge.attemptId);
    }
  }
  for (const { id, disputes } of auditor.states()) {
    for (const { attemptId, reference } of disputes) {
      if (disputed.has(attemptId)) continue;
      auditor.violated('disputes_agree', id, `no PSP knows of the dispute ${reference}`);
    }
  }
  return counts;
}

function* chargesIn(auditor: Auditor, psp: PspName, rows: readonly TruthRow[]): Iterable<ChargeRows> {
  const groups = new Map<string, TruthRow[]>();
  for (const row of rows) {
    const group = groups.get(row.reference);
    if (group === undefined) groups.set(row.reference, [row]);
    else group.push(row);
  }
  for (const [reference, group] of groups) {
    const attemptId = group.find(({ kind }) => kind === 'charge')?.our_reference ?? 'nobody';
    const paymentId = partsOfAttemptId(attemptId)?.paymentId ?? attemptId;
    const method = auditor.stateOf(paymentId)?.paymentMethod;
    const token = typeof method === 'string' ? method : (method?.[psp] ?? '');
    yield { psp, paymentId, attemptId, reference, token, rows: group };
  }
}

/** @returns what was ever taken of it, minor units */
function auditCharge(auditor: Auditor, charge: ChargeRows, counts: PspCounts): bigint {
  const { psp, paymentId, attemptId, reference: pspReference, token, rows } = charge;
  const captures = rows.filter(({ kind }) => kind === 'capture');
  let takenMinor = 0n;
  for (const row of rows.filter(({ kind }) => kind === 'charge')) {
    counts.charges += 1;
    auditor.called(paymentId, attemptId, 'authorize', row);
    if (row.status !== 'succeeded' && row.status !== 'requires_capture') continue;
    const amountMinor = BigInt(row.amount);
    const captured = row.status === 'succeeded' && captures.length === 0;
    auditor.charges.charged({ psp, paymentId, attemptId, pspReference, amountMinor, captured });
    if (captured) takenMinor += amountMinor;
  }
  for (const { amount, status } of captures) {
    const fell = status === 'failed' && CAPTURE_FALLS_BACK.has(token);
    if (status !== 'succeeded' && !fell) continue;
    const amountMinor = BigInt(amount);
    counts.captures += 1;
    takenMinor += amountMinor;
    auditor.charges.captured(paymentId, pspReference, amountMinor);
    if (!fell) continue;
    counts.fellBack += 1;
    auditor.charges.fellBack(paymentId, pspReference, amountMinor);
  }
  return takenMinor;
}

function auditGivenBack(auditor: Auditor, charge: ChargeRows, takenMinor: bigint, counts: PspCounts): void {
  const { paymentId, reference } = charge;
  let givenMinor = 0n;
  for (const row of charge.rows) {
    const refundId = row.kind === 'refund' ? uuidOf('re', row.our_reference ?? '') : undefined;
    if (refundId !== undefined) {
      auditRefund(auditor, charge, { row, refundId }, counts);
      if (row.status !== 'failed') givenMinor += BigInt(row.amount);
    } else if ((row.kind === 'void' || row.kind === 'refund') && row.status === 'succeeded') {
      auditor.charges.givenBack(paymentId, reference);
    }
  }
  if (givenMinor <= takenMinor) return;
  const detail = `${givenMinor} given back of ${takenMinor} that was taken by ${reference}`;
  auditor.violated('refunds_within_captured', paymentId, detail);
}

function auditRefund(
  { refunds }: Auditor,
  { psp, paymentId, reference: chargeReference, token }: ChargeRows,
  { row, refundId }: { readonly row: TruthRow; readonly refundId: string },
  counts: PspCounts,
): void {
  const operationId = row.idempotency_key ?? 'nobody';
  counts.refunds += 1;
  refunds.called({ psp, paymentId, refundId, operationId, pspReference: chargeReference });
  const comesBack = row.status === 'failed' && REFUND_COMES_BACK.has(token);
  // Adyen says "received" also to what it then refuses: that was never on its way
  if (row.status === 'failed' && !comesBack) return;
  // the rows have no name of the PSP's for a refund; two of one key are two refunds
  const reference = `${operationId} ${counts.refunds}`;
  const amountMinor = BigInt(row.amount);
  refunds.accepted({ psp, paymentId, refundId, operationId, chargeReference, reference, amountMinor });
  if (comesBack) {
    counts.refundsReturned += 1;
    refunds.failed(reference, true);
  } else if (row.status === 'succeeded') {
    counts.refundsGiven += 1;
    refunds.given(reference);
  }
}

/** @returns whether there was a dispute */
function auditDisputes(auditor: Auditor, charge: ChargeRows, counts: PspCounts): boolean {
  const { psp, paymentId, attemptId, token, rows, reference: chargeReference } = charge;
  const disputes = rows.filter(({ kind }) => kind === 'dispute');
  for (const row of disputes) {
    counts.disputes += 1;
    const known = auditor
      .stateOf(paymentId)
      ?.disputes.find(
        (one) => one.attemptId === attemptId && (one.paymentReference ?? chargeReference) === chargeReference,
      );
    const inquiry = INQUIRIES.has(token);
    const isOut = !inquiry && (row.status === 'pending' || row.status === 'succeeded');
    auditor.refunds.disputed({
      psp,
      paymentId,
      // the rows do not have it; a charge is disputed once
      reference: known?.reference ?? row.reference,
      chargeReference,
      isLost: isOut && row.status === 'succeeded',
      outMinor: isOut ? BigInt(row.amount) : 0n,
      feeMinor: isOut && psp === 'stripe' ? STRIPE_DISPUTE_FEE_MINOR : 0n,
    });
    if (known === undefined || isToldSo(known, row, inquiry)) continue;
    const detail = `${known.status} of ${known.amountMinor}, at the PSP ${row.status} of ${row.amount}`;
    auditor.violated('disputes_agree', paymentId, `${known.reference} is ${detail}`);
  }
  return disputes.length > 0;
}

/** The PSPs tell from the buyer's side: `succeeded` is money that the merchant has lost. */
const STATUS: Readonly<Record<string, Dispute['status']>> = {
  pending: 'open',
  succeeded: 'lost',
  failed: 'won',
  canceled: 'closed',
};

function isToldSo({ status, amountMinor }: Dispute, row: TruthRow, inquiry: boolean): boolean {
  const expected = inquiry && row.status === 'pending' ? 'inquiry' : STATUS[row.status];
  return status === expected && amountMinor === BigInt(row.amount);
}
