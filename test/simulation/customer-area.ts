import type { OperationOutcome, OperationRequest, RefundOutcome } from '@tender/domain';
import type { Intent, PspBooks } from './psp-books';
import type { PspRefunds } from './psp-refunds';

/** How something that was asked for stands at its PSP, for good. */
export type Seen =
  | { readonly found: 'done'; readonly pspReference: string; readonly occurredAt: string }
  | { readonly found: 'not_done'; readonly pspReference: string | null };

/** … and a refund, whose money may have come back. */
export type SeenOfRefund =
  | Seen
  | { readonly found: 'returned'; readonly pspReference: string; readonly occurredAt: string };

/** A PSP's own pages: what a person sees there of our requests, and what he can do by hand. */
export class CustomerArea {
  private readonly operations = new Map<string, Seen>();
  /** By the PSP's reference of the charge. */
  private readonly byHand = new Map<string, Seen>();

  constructor(
    private readonly books: PspBooks,
    private readonly refunds: PspRefunds,
  ) {}

  /** A request was worked on, and this is its end. */
  shows({ operationId, kind, captured }: OperationRequest, outcome: OperationOutcome): void {
    if (outcome.kind === 'succeeded') {
      this.operations.set(operationId, { found: 'done', ...outcome });
    } else if (outcome.kind === 'failed') {
      const { why, pspReference, occurredAt } = outcome;
      // what had ended before has ended: that is all that was wanted
      const isEnded = why === 'already_canceled' || (why === 'expired' && !captured);
      this.operations.set(
        operationId,
        kind !== 'capture' && isEnded && pspReference !== null
          ? { found: 'done', pspReference, occurredAt }
          : { found: 'not_done', pspReference },
      );
    }
  }

  /** Of a request that never came there is nothing to see: it was not done. */
  ofOperation(operationId: string): Seen {
    return this.operations.get(operationId) ?? { found: 'not_done', pspReference: null };
  }

  /** Undefined: it is worked on. */
  ofRefund(operationId: string): SeenOfRefund | undefined {
    const outcome: RefundOutcome | undefined = this.refunds.outcomeOf(operationId);
    switch (outcome?.kind) {
      case undefined:
        return { found: 'not_done', pspReference: null };
      case 'succeeded':
        return { found: 'done', pspReference: outcome.pspReference, occurredAt: outcome.occurredAt };
      case 'failed': {
        const { pspReference, debited, occurredAt } = outcome;
        return debited && pspReference !== null
          ? { found: 'returned', pspReference, occurredAt }
          : { found: 'not_done', pspReference };
      }
      case 'pending':
      case 'not_sent':
      case 'unknown':
        return undefined;
    }
  }

  /** Whether the PSP keeps a charge that a person could have given back now. */
  isHeld(attemptId: string, reference: string | null): boolean {
    const intent = this.books.find(attemptId, reference);
    return intent !== undefined && this.books.mayBeGivenBack(intent);
  }

  /** A charge is given back without a request of ours. */
  giveBack(attemptId: string, reference: string | null): Seen {
    const intent = this.charge(attemptId, reference);
    const seen: Seen = { found: 'done', ...this.books.giveBackByHand(intent) };
    this.byHand.set(intent.reference, seen);
    return seen;
  }

  givenByHand(attemptId: string, reference: string | null): Seen | undefined {
    return this.byHand.get(this.charge(attemptId, reference).reference);
  }

  /** There is balance again: the next request will be done. */
  payIn(attemptId: string, reference: string | null): void {
    this.books.refusals.paidIn(this.charge(attemptId, reference).reference);
  }

  private charge(attemptId: string, reference: string | null): Intent {
    const intent = this.books.find(attemptId, reference);
    if (intent === undefined) throw new Error(`no charge ${reference ?? ''} of ${attemptId}`);
    return intent;
  }
}
