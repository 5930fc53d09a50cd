import type { Payment, PaymentState, PspName, Refund, RefundEvent, RefundState } from '@tender/domain';
import {
  disputedMinor,
  evolveRefund,
  findRefund,
  isOpenRefund,
  overdrawnMinor,
  refundedMinor,
  standingOf,
} from '@tender/domain';
import type { PspTruth } from './books-auditor';
import { isLate } from './charges-at-psps';
import type { AuditedEvent, Invariant } from './invariants';
import type { WordAuditor } from './word-auditor';

/** The PSP's own truth about one request to give money back, from when it has taken it upon itself. */
export interface AcceptedRefund {
  readonly psp: PspName;
  readonly paymentId: string;
  readonly refundId: string;
  /** Our reference of the try. */
  readonly operationId: string;
  /** The PSP's id of the charge. */
  readonly chargeReference: string;
  readonly reference: string;
  readonly amountMinor: bigint;
}

type Standing = 'on_its_way' | 'given' | 'failed';

interface AtPsp extends AcceptedRefund {
  standing: Standing;
  /** Whether the amount left our balance, and stands in the PSP's record. */
  debited: boolean;
  /** Whether it has come back to our balance. */
  cameBack: boolean;
}

/** What a PSP did with a dispute: how much is out of our balance from now on, and what it charged for that step. */
export interface DisputedAtPsp {
  readonly psp: PspName;
  readonly paymentId: string;
  /** The PSP's id of the dispute. */
  readonly reference: string;
  /** The PSP's id of the charge that is disputed. */
  readonly chargeReference: string;
  readonly outMinor: bigint;
  /** Whether what is out is the buyer's for good. */
  readonly isLost: boolean;
  readonly feeMinor: bigint;
}

interface AtBank extends Omit<DisputedAtPsp, 'feeMinor'> {
  feesMinor: bigint;
}

interface AuditedRefund {
  state: RefundState;
  revision: bigint;
}

export interface RefundCall {
  readonly psp: PspName;
  readonly paymentId: string;
  readonly refundId: string;
  readonly operationId: string;
  readonly pspReference: string;
}

export interface RefundAuditorDeps {
  readonly words: WordAuditor;
  readonly violated: (rule: Invariant, paymentId: string, detail: string) => void;
  readonly note: (paymentId: string, what: string, detail: unknown) => void;
  readonly stateOf: (paymentId: string) => PaymentState;
  /** Whether the scheme or a bank has taken money of it, so that more may be given than is left. */
  readonly isDiminished: (paymentId: string) => boolean;
}

/** By their own doing: nobody has asked the merchant. */
const TAKEN_BY_OTHERS: ReadonlySet<string> = new Set([
  'DisputeFundsWithdrawn',
  'DisputeUpdated',
  'CaptureReversed',
]);

/** Follows every refund beside the system, and what PSPs and banks really gave and took. */
export class RefundAuditor {
  private readonly refunds = new Map<string, AuditedRefund>();
  private readonly atPsps = new Map<string, AtPsp>();
  private readonly disputes = new Map<string, AtBank>();

  constructor(private readonly deps: RefundAuditorDeps) {}

  /** An event of a refund became durable. */
  recorded(refundId: string, event: AuditedEvent): void {
    const audited = this.refunds.get(refundId) ?? { state: null, revision: -1n };
    this.refunds.set(refundId, audited);
    audited.state = evolveRefund(
      audited.state,
      event as RefundEvent & AuditedEvent,
      event.metadata.recordedAt,
    );
    const paymentId = audited.state?.paymentId ?? refundId;
    this.deps.note(paymentId, event.type, event.data);
    if (event.revision !== audited.revision + 1n) {
      const detail = `revision ${event.revision} of refund ${refundId} follows ${audited.revision}`;
      this.deps.violated('contiguous', paymentId, detail);
    }
    audited.revision = event.revision;
    this.deps.words.recorded(paymentId, event);
    this.checkReserved(refundId, audited.state);
    if (event.type === 'RefundFailed' && audited.state !== null) this.checkOwed(audited.state);
  }

  /** A merchant was told of it as of this revision. */
  answered(refundId: string, revision: bigint): void {
    const known = this.refunds.get(refundId);
    if (known !== undefined && known.revision >= revision) return;
    const detail = `told of revision ${revision} of refund ${refundId}, recorded is ${known?.revision ?? 'none'}`;
    this.deps.violated('acknowledged_survives', known?.state?.paymentId ?? refundId, detail);
  }

  /** A payment changed by this event. */
  changed(before: PaymentState, after: Payment, type: string): void {
    if (after.refunds.length === 0 && after.disputes.length === 0) return;
    const wasMinor = before === null ? 0n : overdrawnMinor(before);
    const isMinor = overdrawnMinor(after);
    if (isMinor <= wasMinor || TAKEN_BY_OTHERS.has(type)) return;
    this.deps.violated('refunds_within_captured', after.id, `${type} overdraws it by ${isMinor}`);
  }

  /** A request to give back leaves for a PSP. */
  called({ psp, paymentId, refundId, operationId, pspReference }: RefundCall): void {
    const state = this.refunds.get(refundId)?.state;
    if (state?.tries.some((one) => one.operationId === operationId) !== true) {
      const detail = `refund ${operationId}, which nobody has recorded`;
      this.deps.violated('durable_before_call', paymentId, detail);
    }
    const attempts = this.deps.stateOf(paymentId)?.attempts ?? [];
    const charged = attempts.find((one) => one.pspReference === pspReference);
    if (charged?.psp !== psp) {
      this.deps.violated('refund_where_captured', paymentId, `${psp} is asked for ${pspReference}`);
    }
  }

  /** A PSP will give back; from here on it may be on its way. */
  accepted(refund: AcceptedRefund): void {
    const { paymentId, refundId, reference } = refund;
    this.deps.note(paymentId, 'refund accepted at the PSP', refund);
    const others = this.ofRefund(refundId).filter(({ standing }) => standing !== 'failed');
    if (others.length > 0) {
      const detail = [...others, refund].map((one) => one.operationId).join(', ');
      this.deps.violated('refunded_once', paymentId, detail);
    }
    this.atPsps.set(reference, { ...refund, standing: 'on_its_way', debited: false, cameBack: false });
  }

  given(reference: string): void {
    const refund = this.atPsp(reference);
    refund.standing = 'given';
    refund.debited = true;
    this.deps.note(refund.paymentId, 'given back to the buyer', reference);
  }

  /** @param cameBack whether the money had left our balance before, and is in it again */
  failed(reference: string, cameBack: boolean): void {
    const refund = this.atPsp(reference);
    refund.standing = 'failed';
    refund.debited ||= cameBack;
    refund.cameBack = cameBack;
    this.deps.note(refund.paymentId, 'refund failed at the PSP', { reference, cameBack });
  }

  /** A PSP was asked to give back more than it holds. */
  exceeded(paymentId: string, chargeReference: string, amountMinor: bigint): void {
    this.deps.note(paymentId, 'more asked back than the PSP holds', { chargeReference, amountMinor });
    if (this.deps.isDiminished(paymentId)) return;
    const detail = `${amountMinor} more of ${chargeReference} than it holds`;
    this.deps.violated('refunds_within_captured', paymentId, detail);
  }

  /** A PSP took disputed money, or put it back. */
  disputed({ feeMinor, ...dispute }: DisputedAtPsp): void {
    this.deps.note(dispute.paymentId, 'disputed at the PSP', { ...dispute, feeMinor });
    const feesMinor = (this.disputes.get(dispute.reference)?.feesMinor ?? 0n) + feeMinor;
    this.disputes.set(dispute.reference, { ...dispute, feesMinor });
  }

  /** What the buyer has got of a charge by his bank, for good. */
  lostMinorOf(chargeReference: string): bigint {
    let lostMinor = 0n;
    for (const one of this.disputes.values()) {
      if (one.chargeReference === chargeReference && one.isLost) lostMinor += one.outMinor;
    }
    return lostMinor;
  }

  /** Of a payment: whether a bank has ever taken of it. */
  isDisputed(paymentId: string): boolean {
    return [...this.disputes.values()].some((one) => one.paymentId === paymentId);
  }

  /** What the books have to say of refunds and disputes; those of the other payments are left out. */
  truth(isOther: (paymentId: string) => boolean): Pick<PspTruth, 'refunds' | 'balance'> {
    const refunds = new Map<string, bigint>();
    const balance = new Map<PspName, bigint>();
    const move = (psp: PspName, minor: bigint): void => {
      balance.set(psp, (balance.get(psp) ?? 0n) + minor);
    };
    for (const refund of this.atPsps.values()) {
      const { psp, paymentId, operationId, amountMinor, standing, debited, cameBack } = refund;
      if (isOther(paymentId)) continue;
      if (standing !== 'failed' || debited) refunds.set(operationId, amountMinor);
      if (cameBack) move(psp, amountMinor);
    }
    for (const { psp, paymentId, outMinor, feesMinor } of this.disputes.values()) {
      if (!isOther(paymentId)) move(psp, -outMinor - feesMinor);
    }
    return { refunds, balance };
  }

  stateOf(refundId: string): RefundState {
    return this.refunds.get(refundId)?.state ?? null;
  }

  *states(): Iterable<Refund> {
    for (const { state } of this.refunds.values()) if (state !== null) yield state;
  }

  /** Faults have ended, and time enough has passed for every schedule. */
  finish(payments: Iterable<Payment>): void {
    for (const refund of this.states()) this.checkEnd(refund);
    for (const { refundId, paymentId, operationId } of this.atPsps.values()) {
      if (this.refunds.has(refundId)) continue;
      this.deps.violated('refunds_agree', paymentId, `nobody has recorded ${operationId}`);
    }
    const givenMinor = new Map<string, bigint>();
    for (const { paymentId, amountMinor, standing } of this.atPsps.values()) {
      if (standing === 'given') givenMinor.set(paymentId, (givenMinor.get(paymentId) ?? 0n) + amountMinor);
    }
    const takenMinor = new Map<string, bigint>();
    for (const { paymentId, chargeReference, outMinor } of this.disputes.values()) {
      if (isLate(this.deps.stateOf(paymentId), chargeReference)) continue;
      takenMinor.set(paymentId, (takenMinor.get(paymentId) ?? 0n) + outMinor);
    }
    for (const payment of payments) {
      this.checkPayment(payment, givenMinor.get(payment.id) ?? 0n);
      this.checkCapacity(payment, takenMinor.get(payment.id) ?? 0n);
    }
    for (const dispute of this.disputes.values()) this.checkDispute(dispute);
  }

  private checkReserved(refundId: string, state: RefundState): void {
    if (state === null) return;
    const payment = this.deps.stateOf(state.paymentId);
    const reserved = payment === null ? undefined : findRefund(payment, refundId);
    if (reserved?.amountMinor === state.amountMinor) return;
    this.deps.violated('refunds_within_captured', state.paymentId, `${refundId} is not reserved`);
  }

  private checkOwed({ id, owed, paymentId }: Refund): void {
    if (owed || this.ofRefund(id).length === 0) return;
    this.deps.violated('owed_until_given', paymentId, `${id} was accepted, and has failed`);
  }

  private checkEnd(refund: Refund): void {
    const { id, paymentId, status, tries } = refund;
    if (isOpenRefund(refund)) {
      this.deps.violated('nothing_left_open', paymentId, `refund ${id} is ${status}, try ${tries.length}`);
    }
    const given = this.ofRefund(id).filter(({ standing }) => standing === 'given').length;
    if (given !== (status === 'succeeded' ? 1 : 0)) {
      const detail = `refund ${id} is ${status}, and was given ${given} times`;
      this.deps.violated('refunds_agree', paymentId, detail);
    }
    const payment = this.deps.stateOf(paymentId);
    const holds = payment === null ? undefined : findRefund(payment, id)?.standing;
    const stands = standingOf(refund) ?? 'reserved';
    const expected = stands === 'failed' || stands === 'abandoned' ? 'released' : stands;
    if (holds !== expected) {
      const detail = `the payment says ${holds ?? 'nothing'} of refund ${id}, which is ${expected}`;
      this.deps.violated('refunds_agree', paymentId, detail);
    }
  }

  private checkPayment(payment: Payment, givenMinor: bigint): void {
    for (const { id } of payment.refunds) {
      if (this.refunds.has(id)) continue;
      this.deps.violated('acknowledged_survives', payment.id, `refund ${id} was reserved and never begun`);
    }
    const recordedMinor = refundedMinor(payment);
    if (recordedMinor !== givenMinor) {
      const detail = `${givenMinor} given back, ${recordedMinor} recorded`;
      this.deps.violated('refunds_agree', payment.id, detail);
    }
  }

  private checkCapacity(payment: Payment, takenMinor: bigint): void {
    const countedMinor = disputedMinor(payment);
    if (countedMinor === takenMinor) return;
    const detail = `${takenMinor} of the sale is with banks, ${countedMinor} counts against it`;
    this.deps.violated('sale_bears_its_own', payment.id, detail);
  }

  private checkDispute({ paymentId, reference, outMinor }: AtBank): void {
    const disputes = this.deps.stateOf(paymentId)?.disputes ?? [];
    const recordedMinor = disputes.find((one) => one.reference === reference)?.withdrawnMinor;
    if (recordedMinor === outMinor) return;
    const detail = `${outMinor} taken by ${reference}, ${recordedMinor ?? 'nothing'} recorded`;
    this.deps.violated('disputes_agree', paymentId, detail);
  }

  private ofRefund(refundId: string): readonly AtPsp[] {
    return [...this.atPsps.values()].filter((one) => one.refundId === refundId);
  }

  private atPsp(reference: string): AtPsp {
    const refund = this.atPsps.get(reference);
    if (refund === undefined) throw new Error(`no PSP has accepted ${reference}`);
    return refund;
  }
}
