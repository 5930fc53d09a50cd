import { nothing, record, refuse } from '../kernel/decision';
import { isLaterFact, RESULT_RANK } from '../psp/fact-order';
import { KEY_SAFE_FOR_MS } from '../psp/key-time';
import { FACT_RANK } from '../psp/news';
import type { Refund } from './refund';
import { currentTry, isOpenRefund } from './refund';
import { failed, succeeded } from './refund-conclusion';
import type { RefundDecision, ResolveRefund } from './refund.commands';
import type { RefundEvent } from './refund.events';

/**
 * The last rung of a refund's ladder: a person. Told of a try that nothing else tells the end of; it has the same effect as
 * the PSP's own word. What was surely not given back, and is owed, is tried again or given up like any other.
 */
export function resolveRefund(command: ResolveRefund, refund: Refund): RefundDecision {
  const { requestId, fingerprint, number } = command;
  const before = refund.resolutions.find((one) => one.requestId === requestId);
  if (before !== undefined) {
    return before.fingerprint === fingerprint
      ? nothing('the same request under the same key was recorded before')
      : refuse({ code: 'idempotency_key_reused' });
  }
  if (!mayBeTold(refund, command) || number !== currentTry(refund).number)
    return refuse({ code: 'not_resolvable' });
  if (isOpenRefund(refund) && goesOn(refund, command)) return refuse({ code: 'operation_in_progress' });
  return record(...followed(refund, command), resolved(refund, command));
}

/** What has ended needs nobody's word, with one exception: that what was given came back may never be told by the PSP. */
const mayBeTold = (refund: Refund, { found }: ResolveRefund): boolean =>
  isOpenRefund(refund) || (refund.status === 'succeeded' && found === 'returned');

/** As of operations: the first answer is to come, or the same key may be sent again and would do it after all. */
function goesOn(refund: Refund, { found, toldAt }: ResolveRefund): boolean {
  const { search, startedAt } = currentTry(refund);
  if (search === null) return true;
  if (found !== 'not_done' || search.keyBurnt) return false;
  return Date.parse(toldAt) - Date.parse(startedAt) < KEY_SAFE_FOR_MS[refund.psp];
}

function followed(refund: Refund, command: ResolveRefund): readonly RefundEvent[] {
  if (command.found === 'returned') return cameBack(refund, command);
  // whatever the PSP says of it after all is a later word
  const occurredAt = command.occurredAt ?? currentTry(refund).startedAt;
  const { pspReference: known } = currentTry(refund);
  if (command.found === 'done') {
    const { pspReference } = command;
    const { amountMinor } = refund;
    const fact = { kind: 'succeeded', pspReference, amountMinor, occurredAt } as const;
    return succeeded(refund, fact, RESULT_RANK);
  }
  const fact = {
    why: 'refused',
    debited: false,
    detail: 'an operator found that it was not done',
    pspReference: command.pspReference ?? known,
    occurredAt,
  } as const;
  return failed(refund, fact, RESULT_RANK);
}

/**
 * Dated by the time it was told where nobody knows better, or it is said to be older than the debit: it had come back by
 * then, and a PSP that tells of the debit after all tells of what was before.
 */
function cameBack(
  refund: Refund,
  { pspReference, occurredAt, toldAt }: Extract<ResolveRefund, { found: 'returned' }>,
): readonly RefundEvent[] {
  const { fact: debit } = currentTry(refund);
  const rank = FACT_RANK.failed;
  const isAfterDebit = occurredAt !== null && (debit === null || isLaterFact({ occurredAt, rank }, debit));
  const fact = {
    why: 'returned',
    debited: true,
    detail: 'an operator found that the money came back',
    pspReference,
    occurredAt: isAfterDebit ? occurredAt : toldAt,
  } as const;
  return failed(refund, fact, rank);
}

/** Comes last, as of operations. */
function resolved(refund: Refund, command: ResolveRefund): RefundEvent {
  const { number, found, pspReference, requestId, fingerprint, freeText } = command;
  const data = { refundId: refund.id, number, found, pspReference, requestId, fingerprint, freeText };
  return { type: 'RefundResolved', data };
}
