import { nothing, nothingForPerson, record, refuse } from '../kernel/decision';
import { RESULT_RANK } from '../psp/fact-order';
import type { OperationKind, OperationOutcome } from '../psp/outcome';
import type { PaymentDecision } from './attempt.decider';
import { beforeItsCapture, capturedBy, recordCaptureFact, takenAndReversed } from './capture-facts';
import { isAnotherCharge, lateSuccessMeant, mayBeOnCharge, recordLateSuccessFact } from './late-success';
import { endOfUnwanted, operationFailed, operationSucceeded } from './operation-conclusion';
import type { OperationOutcomeUnknown } from './operation.events';
import type { LateSuccess, Operation, Payment } from './payment';
import { findOperation, isOpenOperation, openOperationOf } from './payment';
import type {
  HeardBy,
  RecordOperationLookup,
  RecordOperationNews,
  RecordOperationOutcome,
} from './payment.commands';
import type { EvidenceRecorded, PaymentEvent } from './payment.events';
import { isTakenBeside, recordUnasked } from './unasked-operation';
import { hasSettled, NOT_FOUND_PROOFS } from './search';

/** The reply to a capture, a cancel or a reversal. */
export function recordOperationOutcome(command: RecordOperationOutcome, payment: Payment): PaymentDecision {
  const { operationId } = command;
  const operation = findOperation(payment, operationId);
  if (operation === undefined) return refuse({ code: 'operation_not_found', operationId });
  return judged(payment, operation, command, 'reply');
}

/**
 * A PSP's own word. It names the operation by the reference that the reply gave, or, where the reply was lost, by its kind
 * and its charge alone: one at most is open on a charge. A PSP without ids for operations gives the payment's, which names
 * none.
 */
export function recordOperationNews(command: RecordOperationNews, payment: Payment): PaymentDecision {
  const { attemptId, operation: kind } = command;
  const ofKind = payment.operations.filter(
    (one) =>
      one.attemptId === attemptId &&
      means(kind, one) &&
      mayBeOnCharge(payment, one, command.paymentReference),
  );
  const ownReference = (reference: string | null, { paymentReference }: Operation): string | null =>
    reference === paymentReference ? null : reference;
  const isNamed = (one: Operation): boolean => {
    const said = ownReference(command.pspReference, one);
    return said !== null && said === one.pspReference;
  };
  const mayBeMeant = (one: Operation): boolean =>
    isOpenOperation(one) &&
    (ownReference(command.pspReference, one) === null || ownReference(one.pspReference, one) === null);
  const meant = ofKind.find(isNamed) ?? ofKind.find(mayBeMeant);
  if (isTakenBeside(payment, command)) return nothingForPerson('a capture beside the one of the sale');
  const isOfSale = kind === 'capture' && !isAnotherCharge(payment, command);
  const capture = isOfSale ? capturedBy(payment, attemptId, meant) : undefined;
  if (capture !== undefined) return recordCaptureFact(payment, capture, command);
  if (meant === undefined) {
    const late = kind === 'capture' ? lateSuccessMeant(payment, command) : undefined;
    return late === undefined
      ? (recordUnasked(command, payment) ?? beforeItsCapture(payment, command))
      : withEndOfUnwanted(payment, late, recordLateSuccessFact(payment, late, command));
  }
  const back = cameBack(payment, meant, command);
  if (back !== undefined) return record(...back);
  const taken =
    kind === 'capture' && isOpenOperation(meant) ? takenAndReversed(payment, meant, command) : undefined;
  return taken === undefined ? judged(payment, meant, command, 'webhook') : record(...taken);
}

/** What fell back while nothing was under way to give it back. */
function withEndOfUnwanted(payment: Payment, late: LateSuccess, decision: PaymentDecision): PaymentDecision {
  const fell = decision.kind === 'record' && decision.events[0]?.type === 'LateSuccessFellBack';
  return fell && openOperationOf(payment, late.attemptId) === undefined
    ? record(
        ...decision.events,
        ...endOfUnwanted(payment, { attemptId: late.attemptId, paymentReference: late.pspReference }),
      )
    : decision;
}

/** What a reversal had given back came back: the charge has no sale, and is held once more. A void gave nothing. */
function cameBack(
  payment: Payment,
  operation: Operation,
  { outcome, rank, heardAt, settlesAfterMs }: RecordOperationNews,
): readonly PaymentEvent[] | undefined {
  const wasGiven = operation.kind === 'reversal' && operation.captured && operation.status === 'succeeded';
  if (!wasGiven || outcome.kind !== 'failed' || rank <= RESULT_RANK) return undefined;
  // refused because it was given: that is no way back
  if (outcome.why === 'already_canceled') return undefined;
  return operationFailed(payment, operation, outcome, { heardAt, settlesAfterMs });
}

/** Where nothing was taken, a PSP calls a reversal the cancel that it comes to. */
const means = (said: OperationKind, { kind, captured }: Operation): boolean =>
  kind === said || (said === 'cancel' && kind === 'reversal' && !captured);

interface Heard {
  readonly rank?: number;
  readonly paymentReference?: string | null;
  readonly outcome: OperationOutcome;
  readonly heardAt: string;
  readonly settlesAfterMs: number;
}

function judged(payment: Payment, operation: Operation, heard: Heard, heardBy: HeardBy): PaymentDecision {
  if (!isOpenOperation(operation)) return nothing(`the ${operation.kind} has ended: ${operation.status}`);
  const outcome = asAskedOf(operation, heard.outcome);
  switch (outcome.kind) {
    case 'succeeded':
      return record(...operationSucceeded(payment, operation, outcome, heard));
    case 'failed':
      return record(...operationFailed(payment, operation, outcome, heard));
    case 'pending': {
      const { pspReference } = outcome;
      return unresolved(operation, heardBy, {
        ...ON_ITS_WAY,
        why: 'pending_at_psp',
        detail: '',
        pspReference,
      });
    }
    case 'not_sent': {
      const detail = `${outcome.why} ${outcome.detail}`.trim();
      if (outcome.why === 'currency_not_supported') {
        // the same amount is refused each time, before it leaves
        const { heardAt: occurredAt } = heard;
        const refused = { why: 'refused', detail, pspReference: null, occurredAt } as const;
        return record(...operationFailed(payment, operation, refused, heard));
      }
      return unresolved(operation, heardBy, { ...ON_ITS_WAY, why: 'not_sent', detail, pspReference: null });
    }
    case 'unknown':
      return unresolved(operation, heardBy, outcome);
  }
}

const ON_ITS_WAY = { keyBurnt: false } as const;

/** A capture or a refund of another amount is not what was asked, and not a refusal either. */
function asAskedOf({ kind, amountMinor: asked }: Operation, outcome: OperationOutcome): OperationOutcome {
  if (kind === 'cancel') return outcome;
  const unknown = { kind: 'unknown', why: 'amount_mismatch', keyBurnt: false } as const;
  if (outcome.kind === 'succeeded') {
    const { amountMinor: done, pspReference } = outcome;
    // a void gives everything back and has no amount
    if (done === asked || (done === null && kind === 'reversal')) return outcome;
    return { ...unknown, detail: `${done ?? 'no amount'} instead of ${asked}`, pspReference };
  }
  if (outcome.kind === 'failed' && kind === 'capture' && outcome.why === 'already_captured') {
    return { ...unknown, detail: outcome.detail, pspReference: outcome.pspReference };
  }
  return outcome;
}

const UNKNOWN_EVENT = {
  capture: 'CaptureOutcomeUnknown',
  cancel: 'CancelOutcomeUnknown',
  reversal: 'ReversalOutcomeUnknown',
} as const satisfies Record<OperationKind, PaymentEvent['type']>;

/** The first time this opens the search; later it is one more rung climbed in vain, or one more word of the PSP. */
function unresolved(
  operation: Operation,
  heardBy: HeardBy,
  {
    why,
    detail,
    pspReference,
    keyBurnt,
  }: Pick<OperationOutcomeUnknown, 'why' | 'detail' | 'pspReference' | 'keyBurnt'>,
): PaymentDecision {
  const { id: operationId, attemptId, kind } = operation;
  if (operation.search === null) {
    return record({
      type: UNKNOWN_EVENT[kind],
      data: { operationId, attemptId, why, detail, pspReference, keyBurnt },
    });
  }
  if (heardBy === 'webhook') return nothing('the PSP says nothing that was not known');
  return record(searched(operation, 'same_key', 'still_unknown', `${why} ${detail}`, pspReference, keyBurnt));
}

export function recordOperationLookup(command: RecordOperationLookup, payment: Payment): PaymentDecision {
  const { operationId, answer, askedAt, settlesAfterMs } = command;
  const operation = findOperation(payment, operationId);
  if (operation === undefined) return refuse({ code: 'operation_not_found', operationId });
  if (!isOpenOperation(operation) || operation.search === null) {
    return nothing('nobody is searching for this operation');
  }
  switch (answer.kind) {
    case 'found': {
      const outcome = asAskedOf(operation, answer.outcome);
      if (outcome.kind === 'succeeded' || outcome.kind === 'failed') {
        return judged(payment, operation, { outcome, heardAt: askedAt, settlesAfterMs }, 'reply');
      }
      const reference = 'pspReference' in outcome ? outcome.pspReference : null;
      return record(searched(operation, 'lookup', 'still_unknown', outcome.kind, reference));
    }
    case 'unavailable':
      return record(searched(operation, 'lookup', 'unavailable', answer.detail));
    case 'not_found': {
      if (!hasSettled(operation.search, askedAt, settlesAfterMs)) {
        return record(searched(operation, 'lookup', 'not_found_too_early', ''));
      }
      const misses = operation.search.notFound + 1;
      const miss = searched(operation, 'lookup', 'not_found', '');
      if (misses < NOT_FOUND_PROOFS) return record(miss);
      const detail = `${misses} look-ups after the settling time`;
      const never = { why: 'never_received', detail, pspReference: null, occurredAt: askedAt } as const;
      return record(
        miss,
        ...operationFailed(payment, operation, never, { heardAt: askedAt, settlesAfterMs }),
      );
    }
  }
}

const searched = (
  { id: operationId, attemptId }: Operation,
  rung: EvidenceRecorded['rung'],
  answer: EvidenceRecorded['answer'],
  detail: string,
  pspReference: string | null = null,
  keyBurnt = false,
): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: { attemptId, operationId, rung, answer, detail: detail.trim(), pspReference, keyBurnt },
});
