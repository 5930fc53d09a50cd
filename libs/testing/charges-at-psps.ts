import type { PaymentState, PspName } from '@tender/domain';

/** The PSP's own truth about money that it holds or took for us. */
export interface Charge {
  readonly psp: PspName;
  readonly paymentId: string;
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly captured: boolean;
}

/** What the PSPs have really done with the charges of one payment. */
export class ChargesAtPsps {
  readonly charges: Charge[] = [];
  /** What was captured later than authorised, by the PSP's reference. */
  readonly taken = new Map<string, bigint>();
  /** What the scheme has taken back, by the PSP's reference. */
  readonly fallen = new Map<string, bigint>();
  readonly givenBack = new Set<string>();
  /** Attempts for which a PSP has charged again under a key that it had promised to keep. */
  readonly chargedTwice = new Set<string>();
  /** Charges that a PSP has told us of, whatever became of that. */
  readonly told = new Set<string>();
  /** Attempts that a held-up request has come for. */
  readonly heldUp = new Set<string>();

  held(): readonly Charge[] {
    const { charges, givenBack } = this;
    return givenBack.size === 0
      ? charges
      : charges.filter(({ pspReference }) => !givenBack.has(pspReference));
  }

  knowablyHeld(state: PaymentState): readonly Charge[] {
    return this.held().filter((charge) => !this.isUnknowable(state, charge));
  }

  /** Whether a charge may come beside another one, or after the end: then it counts once everything has ended. */
  mayComeBeside(): boolean {
    return this.heldUp.size > 0 || this.chargedTwice.size > 0;
  }

  /**
   * One of two charges under a forgotten key of which the PSP has never told us a word that is durable, in a notice or
   * through an event of the payment: nobody can give back what nobody can know of. Nor can anybody where one of them was
   * ended by our own reference, and no word has come of which.
   */
  isUnknowable(state: PaymentState, { attemptId, pspReference }: Charge): boolean {
    if (!this.chargedTwice.has(attemptId) || isLate(state, pspReference)) return false;
    const attempts = state?.attempts ?? [];
    if (attempts.some((attempt) => attempt.pspReference === pspReference)) return false;
    const isEndedUnnamed = attempts.some(
      ({ id, status, pspReference: name }) => id === attemptId && status === 'voided' && name === null,
    );
    return isEndedUnnamed || !this.told.has(pspReference);
  }

  /** Ended by our own reference before the PSP's was known: that nothing is held any more is told, the name is not. */
  isVoidedUnseen(state: PaymentState, charge: Charge): boolean {
    return (
      this.givenBack.has(charge.pspReference) &&
      this.takenOf(charge) === 0n &&
      state?.attempts.find(({ id }) => id === charge.attemptId)?.status === 'voided'
    );
  }

  /** What a PSP has really taken of a charge. */
  takenOf({ captured, amountMinor, pspReference }: Charge): bigint {
    const minor = captured ? amountMinor : (this.taken.get(pspReference) ?? 0n);
    return this.fallen.size === 0 ? minor : minor - (this.fallen.get(pspReference) ?? 0n);
  }

  /** Known to be no sale, and still to be given back: what the scheme took back its buyer has. */
  isOwed(state: PaymentState, charge: Charge): boolean {
    const { pspReference } = charge;
    return isLate(state, pspReference) && !(this.fallen.has(pspReference) && this.takenOf(charge) <= 0n);
  }
}

/** Recorded as a charge that has no sale. */
export const isLate = (state: PaymentState, pspReference: string): boolean =>
  state?.lateSuccesses.some((late) => late.pspReference === pspReference) ?? false;
