import { nothing, record, refuse } from '../kernel/decision';
import { KEY_SAFE_FOR_MS } from '../psp/key-time';
import type { PaymentDecision } from './attempt.decider';
import { isAtBanks } from './disputed-charge';
import { operationFailed, operationSucceeded } from './operation-conclusion';
import type { Operation, Payment } from './payment';
import { attemptOf, findOperation, isOpenOperation } from './payment';
import type { ResolveOperation } from './payment.commands';
import type { PaymentEvent } from './payment.events';
import { isUnreturned, reversedOnceMore } from './unreturned-charge';

/** Of what an operator tells, in Unicode code points: his name, what he saw and where, and the PSP's name of it. */
export const MAX_OPERATOR_CHARACTERS = 100;
export const MAX_EVIDENCE_CHARACTERS = 500;
export const MAX_PSP_REFERENCE_CHARACTERS = 100;

/**
 * The last rung of the ladder: a person. Told of an operation that nothing else tells the end of, or of a charge that the
 * PSP would not give back; it has the same effect as the PSP's own word. What was surely not given back is given back by
 * another request, under another key.
 */
export function resolveOperation(command: ResolveOperation, payment: Payment): PaymentDecision {
  const { operationId, requestId, fingerprint } = command;
  const before = payment.operations.find(({ resolution }) => resolution?.requestId === requestId);
  if (before !== undefined) {
    return before.resolution?.fingerprint === fingerprint
      ? nothing('the same request under the same key was recorded before')
      : refuse({ code: 'idempotency_key_reused' });
  }
  const operation = findOperation(payment, operationId);
  if (operation === undefined) return refuse({ code: 'operation_not_found', operationId });
  const isOpen = isOpenOperation(operation);
  if (!isOpen && !isUnreturned(payment, operation)) return refuse({ code: 'not_resolvable' });
  // known, and nothing would follow from it: while a bank has money of the charge it is not asked for
  if (!isOpen && command.found === 'not_done' && isAtBanks(payment, operation)) {
    return refuse({ code: 'not_resolvable' });
  }
  if (isOpen && goesOn(payment, operation, command)) return refuse({ code: 'operation_in_progress' });
  const followed =
    command.found === 'done' ? done(payment, operation, command) : notDone(payment, operation, command);
  return record(...followed, resolved(command, operation));
}

/**
 * Whether its request is still on its way: the first answer is to come, or, where it shall be said that nothing was done,
 * the same key may be sent again and would do it after all.
 */
function goesOn(payment: Payment, operation: Operation, { found, toldAt }: ResolveOperation): boolean {
  const { search, startedAt } = operation;
  if (search === null) return true;
  if (found === 'done' || search.keyBurnt) return false;
  const { psp } = attemptOf(payment, operation);
  return Date.parse(toldAt) - Date.parse(startedAt) < KEY_SAFE_FOR_MS[psp];
}

const done = (
  payment: Payment,
  operation: Operation,
  { pspReference, occurredAt, toldAt }: Extract<ResolveOperation, { found: 'done' }>,
): readonly PaymentEvent[] =>
  operationSucceeded(
    payment,
    operation,
    // whatever else the PSP says of it, such as that the scheme took it back, is a later word
    { pspReference, occurredAt: occurredAt ?? operation.startedAt },
    { heardAt: toldAt },
  );

function notDone(
  payment: Payment,
  operation: Operation,
  { pspReference, occurredAt, toldAt }: ResolveOperation,
): readonly PaymentEvent[] {
  const isAskedFor = operation.kind === 'reversal' && !isAtBanks(payment, operation);
  const again = isAskedFor ? [reversedOnceMore(payment, operation)] : [];
  if (!isOpenOperation(operation)) return again;
  const refused = {
    why: 'refused',
    detail: 'an operator found that it was not done',
    pspReference: pspReference ?? operation.pspReference,
    occurredAt: occurredAt ?? toldAt,
  } as const;
  // a search that has settled long ago: no look-up of ours counts any more
  return [...operationFailed(payment, operation, refused, { heardAt: toldAt, settlesAfterMs: 0 }), ...again];
}

/** Comes last: whoever waits for the request is told of what followed from it, too. */
function resolved(command: ResolveOperation, { id: operationId, attemptId }: Operation): PaymentEvent {
  const { found, pspReference, requestId, fingerprint, freeText } = command;
  const occurredAt = command.occurredAt ?? command.toldAt;
  return {
    type: 'OperationResolved',
    data: { operationId, attemptId, found, pspReference, occurredAt, requestId, fingerprint, freeText },
  };
}
