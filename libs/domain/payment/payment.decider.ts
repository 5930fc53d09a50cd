import type { Decider } from '../kernel/decider';
import type { Decision } from '../kernel/decision';
import { nothing, record, refuse } from '../kernel/decision';
import type { AuthorizeOutcome, LookupOutcome } from '../psp/outcome';
import { asAsked, concluded, lateSuccess, notSent } from './attempt-conclusion';
import { attemptStarted } from './attempt-start';
import type {
  AttemptOutcomeUnknown,
  EvidenceRecorded,
  PaymentEvent,
  PaymentInitiated,
} from './payment.events';
import type { Attempt, Payment, PaymentState, Search } from './payment.state';
import { evolvePayment, findAttempt, isOpen } from './payment.state';

/** Look-ups that must miss, each after the settling time, before "never received" is proven. */
export const NOT_FOUND_PROOFS = 2;

export type PaymentCommand =
  | { readonly type: 'InitiatePayment'; readonly data: InitiatePayment }
  | { readonly type: 'RecordAttemptOutcome'; readonly data: RecordAttemptOutcome }
  | { readonly type: 'RecordLookup'; readonly data: RecordLookup };

export interface InitiatePayment {
  readonly initiated: PaymentInitiated;
}

/** The answer to a call: the first send, or the same request with the same key again. */
export interface RecordAttemptOutcome {
  readonly attemptId: string;
  readonly outcome: AuthorizeOutcome;
  /**
   * Whether this was certainly the first time that the request left. After a crash or a redelivery it may not
   * be, and then "this send was refused" says nothing about an earlier one.
   */
  readonly surelyFirstSend: boolean;
  /** When the answer came, RFC 3339. */
  readonly heardAt: string;
}

export interface RecordLookup {
  readonly attemptId: string;
  readonly answer: LookupOutcome;
  /** When the PSP was asked, RFC 3339. */
  readonly askedAt: string;
  /** How long after a send the look-up may still miss it, ms. */
  readonly settlesAfterMs: number;
}

export type PaymentRefusal =
  | { readonly code: 'idempotency_key_reused' }
  | { readonly code: 'attempt_not_found'; readonly attemptId: string };

export const paymentDecider: Decider<PaymentState, PaymentCommand, PaymentEvent, PaymentRefusal> = {
  initial: null,
  evolve: evolvePayment,
  decide(command, state) {
    switch (command.type) {
      case 'InitiatePayment':
        return initiate(command.data, state);
      case 'RecordAttemptOutcome':
        return recordOutcome(command.data, state);
      case 'RecordLookup':
        return recordLookup(command.data, state);
    }
  },
};

type PaymentDecision = Decision<PaymentEvent, PaymentRefusal>;

function initiate({ initiated }: InitiatePayment, state: PaymentState): PaymentDecision {
  if (state !== null) {
    return state.fingerprint === initiated.fingerprint
      ? nothing('the same request under the same key was recorded before')
      : refuse({ code: 'idempotency_key_reused' });
  }
  const [first] = initiated.candidates;
  if (first === undefined) throw new Error('a payment without a route is refused before it is recorded');
  return record({ type: 'PaymentInitiated', data: initiated }, attemptStarted(initiated, first, 1));
}

function recordOutcome(command: RecordAttemptOutcome, state: PaymentState): PaymentDecision {
  const found = openAttempt(state, command.attemptId, command.outcome);
  if (found.kind !== 'open') return found;
  const { payment, attempt } = found;
  const outcome = asAsked(payment, command.outcome);
  switch (outcome.kind) {
    case 'approved':
    case 'declined':
    case 'action_required':
      return concluded(payment, attempt, outcome, command.heardAt);
    case 'not_sent':
      return attempt.status === 'started' && command.surelyFirstSend
        ? record(...notSent(payment, attempt, outcome, command.heardAt))
        : unresolved(
            attempt,
            'crashed_before_reply',
            `a later send was not sent: ${outcome.why}`,
            null,
            false,
          );
    case 'pending':
      return unresolved(attempt, 'pending_at_psp', '', outcome.pspReference, false);
    case 'unknown':
      return unresolved(attempt, outcome.why, outcome.detail, outcome.pspReference, outcome.keyBurnt);
  }
}

/** The first time this opens the search; later it is one more rung climbed in vain. */
function unresolved(
  attempt: Attempt,
  why: AttemptOutcomeUnknown['why'],
  detail: string,
  pspReference: string | null,
  keyBurnt: boolean,
): PaymentDecision {
  const attemptId = attempt.id;
  if (attempt.search === null) {
    return record({
      type: 'AttemptOutcomeUnknown',
      data: { attemptId, why, detail, pspReference, keyBurnt },
    });
  }
  return record({
    type: 'EvidenceRecorded',
    data: {
      attemptId,
      rung: 'same_key',
      answer: 'still_unknown',
      detail: `${why} ${detail}`.trim(),
      pspReference,
      keyBurnt,
    },
  });
}

function recordLookup(command: RecordLookup, state: PaymentState): PaymentDecision {
  const { answer } = command;
  const found = openAttempt(state, command.attemptId, answer.kind === 'found' ? answer.outcome : undefined);
  if (found.kind !== 'open') return found;
  const { payment, attempt } = found;
  if (attempt.search === null) return nothing('nobody is searching for this attempt');
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
  const settled = Date.parse(command.askedAt) - Date.parse(search.lastSentAt) >= command.settlesAfterMs;
  if (!settled) return record(looked(attempt, 'not_found_too_early', ''));
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
  data: { attemptId: id, rung: 'lookup', answer, detail, pspReference, keyBurnt: false },
});

/**
 * The attempt that news is about, if it is still open. News about a closed attempt changes nothing, except a
 * success where we had said "not charged": that is money we hold without a sale, and it is recorded as such.
 */
function openAttempt(
  state: PaymentState,
  attemptId: string,
  outcome: AuthorizeOutcome | undefined,
): PaymentDecision | { readonly kind: 'open'; readonly payment: Payment; readonly attempt: Attempt } {
  const attempt = state === null ? undefined : findAttempt(state, attemptId);
  if (state === null || attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  if (isOpen(attempt)) return { kind: 'open', payment: state, attempt };
  const saidNotCharged = attempt.status === 'declined' || attempt.status === 'not_sent';
  if (outcome?.kind !== 'approved' || !saidNotCharged)
    return nothing(`the attempt has ended: ${attempt.status}`);
  if (state.lateSuccesses.includes(outcome.pspReference)) return nothing('this late success is recorded');
  return record(lateSuccess(state, attempt, outcome));
}
