import type { PaymentState } from '@tender/domain';
import { unreturnedCharges } from '@tender/domain';
import type { PspTruth } from './books-auditor';
import { type Charge, ChargesAtPsps, isLate } from './charges-at-psps';
import type { Violated } from './word-auditor';

export interface ChargeAuditorDeps {
  readonly violated: Violated;
  readonly note: (paymentId: string, what: string, detail: unknown) => void;
  readonly stateOf: (paymentId: string) => PaymentState;
  /** By the PSP's id of a charge: what the buyer has got of it by his bank, for good. */
  readonly lostMinorOf: (pspReference: string) => bigint;
  /** As `AuditorOptions` has it. */
  readonly honestPsps: boolean;
}

/** Follows what the PSPs really hold and take, and compares it with what is recorded of each payment. */
export class ChargeAuditor {
  private readonly payments = new Map<string, ChargesAtPsps>();

  constructor(private readonly deps: ChargeAuditorDeps) {}

  /**
   * A request of this attempt came to its PSP later than others had to wait for it, held up behind the last check of whoever
   * sent it: its charge may come after the end, or beside another one, and is told and given back until everything has ended.
   */
  heldUp(paymentId: string, attemptId: string): void {
    this.deps.note(paymentId, 'a request that was held up arrives', attemptId);
    this.of(paymentId).heldUp.add(attemptId);
  }

  /**
   * A PSP has forgotten the key of this attempt's charge before its time, and charges again: what it tells us of has to be
   * given back until everything has ended. What it never tells of, only its settlement report will.
   */
  chargedTwice(paymentId: string, attemptId: string): void {
    this.deps.note(paymentId, 'the key is forgotten', attemptId);
    this.of(paymentId).chargedTwice.add(attemptId);
  }

  /** A PSP's word that it holds this charge has come and is durable. */
  told(paymentId: string, pspReference: string): void {
    this.of(paymentId).told.add(pspReference);
  }

  /** A PSP took or holds money. */
  charged(charge: Charge): void {
    const { paymentId, pspReference } = charge;
    const atPsps = this.of(paymentId);
    this.deps.note(paymentId, 'charged at the PSP', charge);
    atPsps.charges.push(charge);
    const state = this.deps.stateOf(paymentId);
    const mayCharge = atPsps.mayComeBeside();
    if (!mayCharge) this.checkOneCharge(paymentId, atPsps, state);
    if (this.deps.honestPsps && isRefused(state) && !mayCharge) {
      this.deps.violated('failed_is_uncharged', paymentId, `${pspReference} came after the end`);
    }
  }

  /** A PSP took what it had held. */
  captured(paymentId: string, pspReference: string, amountMinor: bigint): void {
    this.deps.note(paymentId, 'captured at the PSP', { pspReference, amountMinor });
    const { charges, taken } = this.of(paymentId);
    const charge = charges.find((one) => one.pspReference === pspReference);
    if (taken.has(pspReference) || charge?.captured === true) {
      this.deps.violated('captured_once', paymentId, `${pspReference} was captured before`);
    }
    if (charge === undefined || amountMinor > charge.amountMinor) {
      const detail = `${amountMinor} captured of ${charge?.amountMinor ?? 'nothing'}`;
      this.deps.violated('captured_within_authorised', paymentId, detail);
    }
    taken.set(pspReference, amountMinor);
  }

  /** The scheme took back what a PSP had taken; below zero: the PSP has it again. */
  fellBack(paymentId: string, pspReference: string, amountMinor: bigint): void {
    this.deps.note(paymentId, 'taken back by the scheme', { pspReference, amountMinor });
    const { fallen } = this.of(paymentId);
    fallen.set(pspReference, (fallen.get(pspReference) ?? 0n) + amountMinor);
  }

  /** A PSP voided or refunded a charge in full. */
  givenBack(paymentId: string, pspReference: string): void {
    this.deps.note(paymentId, 'given back by the PSP', pspReference);
    this.of(paymentId).givenBack.add(pspReference);
  }

  /** The payment is another one than before. */
  changed(paymentId: string, state: PaymentState): void {
    if (!this.deps.honestPsps || !isRefused(state)) return;
    const atPsps = this.of(paymentId);
    if (!atPsps.mayComeBeside()) this.checkUncharged(paymentId, atPsps, state);
  }

  hasFallenBack(paymentId: string): boolean {
    return this.of(paymentId).fallen.size > 0;
  }

  /** What the PSPs hold or have taken of a payment, and have not given back. */
  heldFor(paymentId: string): readonly Charge[] {
    return this.payments.get(paymentId)?.held() ?? [];
  }

  /** What was taken, and what of it should be given back, by attempt. */
  truth(isOther: (paymentId: string) => boolean): Pick<PspTruth, 'taken' | 'unreturned'> {
    const taken = new Map<string, bigint>();
    const unreturned = new Map<string, bigint>();
    for (const [paymentId, atPsps] of this.payments) {
      if (isOther(paymentId)) continue;
      const state = this.deps.stateOf(paymentId);
      for (const charge of atPsps.charges) {
        if (atPsps.isUnknowable(state, charge)) continue;
        const { attemptId, pspReference } = charge;
        const takenMinor = atPsps.takenOf(charge);
        taken.set(attemptId, (taken.get(attemptId) ?? 0n) + takenMinor);
        if (isLate(state, pspReference) && !atPsps.givenBack.has(pspReference)) {
          unreturned.set(attemptId, (unreturned.get(attemptId) ?? 0n) + this.leftOf(atPsps, charge));
        }
      }
    }
    return { taken, unreturned };
  }

  /** Faults have ended, and time enough has passed for every schedule. */
  finish(paymentId: string): void {
    const state = this.deps.stateOf(paymentId);
    const atPsps = this.of(paymentId);
    this.checkExplained(paymentId, atPsps, state);
    this.checkOneCharge(paymentId, atPsps, state);
    if (state === null) return;
    if (isRefused(state)) this.checkUncharged(paymentId, atPsps, state);
    for (const charge of atPsps.held()) {
      if (this.isOwed(atPsps, state, charge)) {
        this.deps.violated('late_success_reversed', paymentId, charge.pspReference);
      }
    }
    for (const { paymentReference } of unreturnedCharges(state)) {
      const charge = atPsps.charges.find(({ pspReference }) => pspReference === paymentReference);
      if (charge === undefined || this.isOwed(atPsps, state, charge)) continue;
      this.deps.violated('paid_by_bank', paymentId, `${charge.pspReference} stands open`);
    }
    const takenMinor = atPsps
      .knowablyHeld(state)
      .reduce(
        (sum, charge) =>
          sum + (isLate(state, charge.pspReference) ? this.leftOf(atPsps, charge) : atPsps.takenOf(charge)),
        0n,
      );
    if (takenMinor !== state.capturedMinor) {
      const detail = `${takenMinor} taken, ${state.capturedMinor} recorded, ${state.status}`;
      this.deps.violated('captures_agree', paymentId, detail);
    }
    if (state.status === 'succeeded' && takenMinor === 0n && atPsps.fallen.size === 0) {
      this.deps.violated('success_is_real', paymentId, 'the PSPs have taken nothing');
    }
  }

  private checkExplained(paymentId: string, atPsps: ChargesAtPsps, state: PaymentState): void {
    const told = new Set(state?.attempts.map(({ pspReference }) => pspReference));
    for (const charge of atPsps.charges) {
      const { pspReference } = charge;
      const isTold = told.has(pspReference) || isLate(state, pspReference);
      if (isTold || atPsps.isVoidedUnseen(state, charge) || atPsps.isUnknowable(state, charge)) continue;
      this.deps.violated('charge_explained', paymentId, `no event tells of ${pspReference}`);
    }
  }

  private checkOneCharge(paymentId: string, atPsps: ChargesAtPsps, state: PaymentState): void {
    const held = atPsps
      .knowablyHeld(state)
      .filter((charge) => !isLate(state, charge.pspReference) || this.isOwed(atPsps, state, charge));
    if (held.length <= 1) return;
    const charges = held.map((each) => `${each.psp} ${each.pspReference}`);
    this.deps.violated('one_charge', paymentId, charges.join(', '));
  }

  /** What a PSP has taken of a charge and the buyer has not got by his bank. */
  private leftOf(atPsps: ChargesAtPsps, charge: Charge): bigint {
    const leftMinor = atPsps.takenOf(charge) - this.deps.lostMinorOf(charge.pspReference);
    return leftMinor > 0n ? leftMinor : 0n;
  }

  /** Known to be no sale, and still to be given back: what a scheme or a bank took its buyer has. */
  private isOwed(atPsps: ChargesAtPsps, state: PaymentState, charge: Charge): boolean {
    const isWithBank = this.deps.lostMinorOf(charge.pspReference) > 0n && this.leftOf(atPsps, charge) === 0n;
    return atPsps.isOwed(state, charge) && !isWithBank;
  }

  private checkUncharged(paymentId: string, atPsps: ChargesAtPsps, state: PaymentState): void {
    const held = atPsps.knowablyHeld(state).filter(({ pspReference }) => !isLate(state, pspReference));
    if (held.length === 0) return;
    this.deps.violated('failed_is_uncharged', paymentId, held.map((each) => each.pspReference).join(', '));
  }

  private of(paymentId: string): ChargesAtPsps {
    const present = this.payments.get(paymentId);
    if (present !== undefined) return present;
    const created = new ChargesAtPsps();
    this.payments.set(paymentId, created);
    return created;
  }
}

const isRefused = (state: PaymentState): boolean =>
  state?.status === 'failed' || state?.status === 'canceled';
