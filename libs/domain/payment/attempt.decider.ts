import type { Decision } from '../kernel/decision';
import { nothing, record, refuse } from '../kernel/decision';
import type { AuthorizeOutcome } from '../psp/outcome';
import { asAsked, concluded, lateSuccess, notSent } from './attempt-conclusion';
import type { Attempt, Payment, Search } from './payment';
import { findAttempt, isCanceling, isOpen, openOperationOf } from './payment';
import type {
  HeardBy,
  PaymentRefusal,
  RecordAttemptOutcome,
  RecordLookup,
  RecordResend,
  ReturnFromAction,
} from './payment.commands';
import type { AttemptOutcomeUnknown, EvidenceRecorded, PaymentEvent } from './payment.events';
import { hasSettled, NOT_FOUND_PROOFS } from './search';

export type PaymentDecision = Decision<PaymentEvent, PaymentRefusal>;

export function recordOutcome(command: RecordAttemptOutcome, payment: Payment): PaymentDecision {
  const found = openAttempt(payment, command.attemptId, command.outcome);
  if (found.kind !== 'open') return found;
  const { attempt } = found;
  const { heardBy } = command;
  if (isNoNews(command, attempt)) return nothing('nothing is decided, and an answer is still to come');
  if (isOldAction(command, attempt)) return nothing('the buyer came back from that');
  const outcome = asAsked(payment, command.outcome);
  switch (outcome.kind) {
    case 'approved':
    case 'declined':
    case 'action_required':
      return concluded(payment, attempt, outcome, command.heardAt);
    case 'not_sent':
      return attempt.status === 'started' && attempt.actionResult === null && command.surelyFirstSend
        ? record(...notSent(payment, attempt, outcome, command.heardAt))
        : unresolved(attempt, heardBy, {
            why: 'crashed_before_reply',
            detail: `a later send was not sent: ${outcome.why}`,
            pspReference: null,
            keyBurnt: false,
          });
    case 'pending':
      return unresolved(attempt, heardBy, {
        why: 'pending_at_psp',
        detail: '',
        pspReference: outcome.pspReference,
        keyBurnt: false,
      });
    case 'unknown':
      return unresolved(attempt, heardBy, outcome);
  }
}

/** While the buyer acts, or the reply is on its way, a word that decides nothing opens no search. */
const isNoNews = ({ outcome, heardBy }: RecordAttemptOutcome, { status }: Attempt): boolean =>
  (outcome.kind === 'pending' || outcome.kind === 'unknown' || outcome.kind === 'not_sent') &&
  (status === 'requires_action' || (status === 'started' && heardBy === 'webhook'));

/**
 * Whether a notice asks for what the buyer may have done by now. That he is to act once more is told by the answer to what
 * he brought, or by a look-up: a notice of the first time may be late, and he would be sent to a page that he came back from.
 */
const isOldAction = ({ outcome, heardBy }: RecordAttemptOutcome, { actionResult }: Attempt): boolean =>
  outcome.kind === 'action_required' && heardBy === 'webhook' && actionResult !== null;

/** The first time this opens the search; later it is one more rung climbed in vain, or one more word of the PSP. */
function unresolved(
  attempt: Attempt,
  heardBy: HeardBy,
  {
    why,
    detail,
    pspReference,
    keyBurnt,
  }: Pick<AttemptOutcomeUnknown, 'why' | 'detail' | 'pspReference' | 'keyBurnt'>,
): PaymentDecision {
  const attemptId = attempt.id;
  if (attempt.status !== 'outcome_unknown') {
    return record({
      type: 'AttemptOutcomeUnknown',
      data: { attemptId, why, detail, pspReference, keyBurnt },
    });
  }
  if (heardBy === 'webhook' && (pspReference === null || pspReference === attempt.pspReference)) {
    return nothing('the PSP says nothing that was not known');
  }
  return record({
    type: 'EvidenceRecorded',
    data: {
      attemptId,
      operationId: null,
      rung: heardBy === 'webhook' ? 'webhook' : 'same_key',
      answer: 'still_unknown',
      detail: `${why} ${detail}`.trim(),
      pspReference,
      keyBurnt,
    },
  });
}

/**
 * Recorded before the request leaves, and only while the attempt is in doubt: so whoever proves by look-ups that it was
 * never received, and asks another PSP, either comes first and this request does not leave, or has to look again after it.
 */
export function recordResend({ attemptId }: RecordResend, payment: Payment): PaymentDecision {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  if (attempt.status !== 'outcome_unknown' || isCanceling(payment))
    return nothing('nothing is to be sent again');
  return record({
    type: 'EvidenceRecorded',
    data: {
      attemptId,
      operationId: null,
      rung: 'same_key',
      answer: 'sending',
      detail: '',
      pspReference: null,
      keyBurnt: false,
    },
  });
}

export function recordLookup(command: RecordLookup, payment: Payment): PaymentDecision {
  const { answer } = command;
  const found = openAttempt(payment, command.attemptId, answer.kind === 'found' ? answer.outcome : undefined);
  if (found.kind !== 'open') return found;
  const { attempt } = found;
  if (attempt.status !== 'outcome_unknown' || attempt.search === null) {
    return nothing('nobody is searching for this attempt');
  }
  switch (answer.kind) {
    case 'found': {
      const outcome = asAsked(payment, answer.outcome);
      return outcome.kind === 'approved' || outcome.kind === 'declined' || outcome.kind === 'action_required'
        ? concluded(payment, attempt, outcome, command.askedAt)
        : record(
            looked(
              attempt,
              'still_unknown',
              outcome.kind,
              'pspReference' in outcome ? outcome.pspReference : null,
            ),
          );
    }
    case 'unavailable':
      return record(looked(attempt, 'unavailable', answer.detail));
    case 'not_found':
      return missed(payment, attempt, attempt.search, command);
  }
}

/** "Not found" is proof only twice, and only once the PSP has had time to show what it got. */
function missed(payment: Payment, attempt: Attempt, search: Search, command: RecordLookup): PaymentDecision {
  if (!hasSettled(search, command.askedAt, command.settlesAfterMs)) {
    return record(looked(attempt, 'not_found_too_early', ''));
  }
  const misses = search.notFound + 1;
  const miss = looked(attempt, 'not_found', '');
  if (misses < NOT_FOUND_PROOFS) return record(miss);
  const detail = `${misses} look-ups after the settling time`;
  return record(miss, ...notSent(payment, attempt, { why: 'never_received', detail }, command.askedAt));
}

const looked = (
  { id }: Attempt,
  answer: EvidenceRecorded['answer'],
  detail: string,
  pspReference: string | null = null,
): PaymentEvent => ({
  type: 'EvidenceRecorded',
  data: { attemptId: id, operationId: null, rung: 'lookup', answer, detail, pspReference, keyBurnt: false },
});

export function returnFromAction({ attemptId, result }: ReturnFromAction, payment: Payment): PaymentDecision {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  if (attempt.actionResult !== null) return nothing('the buyer came back before');
  if (attempt.status !== 'requires_action') return refuse({ code: 'no_action_expected' });
  // whoever ends the attempt asks the PSP by that; a charge that comes of the return is given back
  if (openOperationOf(payment, attemptId) !== undefined) return nothing('the attempt is being ended');
  return record({ type: 'ActionReturned', data: { attemptId, result } });
}

/**
 * The attempt that news is about, if it is still open. News about a closed attempt changes nothing, except a success where
 * we had said "not charged", or of another charge than its own: that is money we hold without a sale, and it is given back.
 */
function openAttempt(
  payment: Payment,
  attemptId: string,
  outcome: AuthorizeOutcome | undefined,
): PaymentDecision | { readonly kind: 'open'; readonly attempt: Attempt } {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  if (isOpen(attempt)) return { kind: 'open', attempt };
  if (outcome?.kind !== 'approved' || !isOtherThanSale(attempt, outcome.pspReference))
    return nothing(`the attempt has ended: ${attempt.status}`);
  if (payment.lateSuccesses.some(({ pspReference }) => pspReference === outcome.pspReference)) {
    return nothing('this late success is recorded');
  }
  // what was ended may have been this one, under another name: whether money was taken, its reversal tells
  const captured = outcome.captured && attempt.status !== 'voided';
  return record(...lateSuccess(payment, attempt, { ...outcome, captured }));
}

/**
 * A key protects one request for as long as its PSP remembers it: one that is forgotten early charges again, under another
 * reference. An attempt that was approved has the reference of that approval, and one that was voided the name of what was
 * voided; whatever else is approved of them is no sale of ours. What was voided without a name may have been this one.
 */
const isOtherThanSale = ({ status, pspReference }: Attempt, approved: string): boolean =>
  status === 'declined' || status === 'not_sent' || (pspReference !== null && pspReference !== approved);
