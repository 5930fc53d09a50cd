import type { Decider } from '../kernel/decider';
import { nothing, record, refuse } from '../kernel/decision';
import { MAX_REFUND_TRIES } from '../kernel/ids';
import { hasSettled, NOT_FOUND_PROOFS } from '../payment/search';
import { isLaterFact, RESULT_RANK } from '../psp/fact-order';
import type { RefundOutcome } from '../psp/outcome';
import type { Refund, RefundState } from './refund';
import { currentTry, isOpenRefund, isOwedStill, nextTryOf } from './refund';
import {
  abandoned,
  accepted,
  attemptStarted,
  failed,
  givenTwice,
  reissued,
  searched,
  succeeded,
  unknown,
} from './refund-conclusion';
import { resolveRefund } from './refund-resolution';
import type {
  InitiateRefund,
  RecordRefundLookup,
  RecordRefundNews,
  RecordRefundOutcome,
  RefundCommand,
  RefundDecision,
  RefundRefusal,
  RetryRefund,
} from './refund.commands';
import type { RefundEvent } from './refund.events';
import { evolveRefund } from './refund.state';

export const refundDecider: Decider<RefundState, RefundCommand, RefundEvent, RefundRefusal> = {
  initial: null,
  evolve: evolveRefund,
  decide(command, state) {
    if (command.type === 'InitiateRefund') return initiate(command.data, state);
    return state === null ? refuse({ code: 'refund_not_found' }) : decideLater(command, state);
  },
};

function initiate({ initiated }: InitiateRefund, state: RefundState): RefundDecision {
  if (state !== null) {
    return state.fingerprint === initiated.fingerprint
      ? nothing('the refund has begun before')
      : refuse({ code: 'idempotency_key_reused' });
  }
  return record(
    { type: 'RefundInitiated', data: initiated },
    attemptStarted({ ...initiated, id: initiated.refundId, paymentReference: initiated.pspReference }, 1),
  );
}

type LaterCommand = Exclude<RefundCommand, { type: 'InitiateRefund' }>;

function decideLater(command: LaterCommand, refund: Refund): RefundDecision {
  switch (command.type) {
    case 'RecordRefundOutcome':
      return judged(refund, { ...command.data, rank: RESULT_RANK, heardBy: 'reply' });
    case 'RecordRefundNews':
      return judged(refund, { ...command.data, heardBy: 'webhook' });
    case 'RecordRefundLookup':
      return looked(refund, command.data);
    case 'RetryRefund':
      return retry(refund, command.data);
    case 'ResolveRefund':
      return resolveRefund(command.data, refund);
    case 'AbandonRefund':
      return abandon(refund, command.data.reason);
  }
}

type Heard = (RecordRefundOutcome | RecordRefundNews) & {
  readonly rank: number;
  readonly heardBy: 'reply' | 'lookup' | 'webhook';
};

function judged(refund: Refund, heard: Heard): RefundDecision {
  if (heard.number !== currentTry(refund).number) return ofEarlierTry(refund, heard);
  const outcome = asAsked(refund, heard.outcome);
  switch (outcome.kind) {
    case 'succeeded':
      return refund.status === 'succeeded'
        ? nothing('it has succeeded already')
        : ifLater(refund, { ...outcome, rank: heard.rank }, () => succeeded(refund, outcome, heard.rank));
    case 'failed':
      return refund.status === 'failed' || refund.status === 'abandoned'
        ? nothing('it has failed already')
        : ifLater(refund, { ...outcome, rank: heard.rank }, () => failed(refund, outcome, heard.rank));
    case 'pending':
      return pending(refund, outcome.pspReference, heard);
    case 'not_sent': {
      const detail = `${outcome.why} ${outcome.detail}`.trim();
      if (outcome.why === 'currency_not_supported' && isOpenRefund(refund)) {
        // the same amount is refused each time, before it leaves
        const { heardAt: occurredAt, rank } = heard;
        const refused = { why: 'refused', debited: false, detail, pspReference: null, occurredAt } as const;
        return record(...failed(refund, refused, rank));
      }
      return unresolved(refund, heard, { why: 'not_sent', detail, pspReference: null, keyBurnt: false });
    }
    case 'unknown':
      return unresolved(refund, heard, outcome);
  }
}

/** Of two facts about one try the later one decides, whichever was heard first. */
function ifLater(
  refund: Refund,
  fact: { readonly occurredAt: string; readonly rank: number },
  events: () => readonly RefundEvent[],
): RefundDecision {
  const { fact: known } = currentTry(refund);
  return known === null || isLaterFact(fact, known) ? record(...events()) : nothing('a later fact is known');
}

/** A refund of another amount is not what was asked, and not a refusal either. */
function asAsked({ amountMinor: asked }: Refund, outcome: RefundOutcome): RefundOutcome {
  if (outcome.kind !== 'succeeded' || outcome.amountMinor === asked) return outcome;
  const { amountMinor, pspReference } = outcome;
  const detail = `${amountMinor} instead of ${asked}`;
  return { kind: 'unknown', why: 'amount_mismatch', detail, pspReference, keyBurnt: false };
}

/**
 * A try that ended before the one that counts changes nothing any more, except by money: what had surely not been paid,
 * and now was, has been given twice.
 */
function ofEarlierTry(refund: Refund, { number, outcome, rank }: Heard): RefundDecision {
  const earlier = refund.tries.find((one) => one.number === number);
  if (earlier === undefined) return nothing('no such try was made');
  if (outcome.kind !== 'succeeded') return nothing('a later try counts');
  const { occurredAt, pspReference } = outcome;
  const isKnown = earlier.fact !== null && !isLaterFact({ occurredAt, rank }, earlier.fact);
  if (isKnown || refund.givenTwice.includes(number)) return nothing('this is known of the earlier try');
  return record(givenTwice(refund, number, pspReference));
}

function pending(refund: Refund, pspReference: string, heard: Heard): RefundDecision {
  if (!isOpenRefund(refund)) return nothing(`the refund has ended: ${refund.status}`);
  const { accepted: isAccepted } = currentTry(refund);
  if (!isAccepted) return record(accepted(refund, pspReference, heard.heardAt));
  return heard.heardBy === 'lookup'
    ? record(searched(refund, 'lookup', 'still_unknown', 'pending', pspReference))
    : nothing('the PSP says nothing that was not known');
}

const RUNG = { reply: 'same_key', lookup: 'lookup', webhook: 'webhook' } as const;

/** The first time this opens the search; later it is one more rung climbed in vain, or one more word of the PSP. */
function unresolved(
  refund: Refund,
  { heardBy }: Heard,
  doubt: Omit<Extract<RefundEvent, { type: 'RefundOutcomeUnknown' }>['data'], 'refundId' | 'number'>,
): RefundDecision {
  if (!isOpenRefund(refund)) return nothing(`the refund has ended: ${refund.status}`);
  if (currentTry(refund).search === null) {
    // the reply is on its way, and tells more
    return heardBy === 'webhook' && doubt.pspReference === null
      ? nothing('nothing is decided, and an answer is still to come')
      : record(unknown(refund, doubt));
  }
  if (heardBy === 'webhook') return nothing('the PSP says nothing that was not known');
  const { why, detail, pspReference, keyBurnt } = doubt;
  const words = `${why} ${detail}`.trim();
  return record(searched(refund, RUNG[heardBy], 'still_unknown', words, pspReference, keyBurnt));
}

function looked(refund: Refund, command: RecordRefundLookup): RefundDecision {
  const { number, answer, askedAt } = command;
  const { search, number: current } = currentTry(refund);
  if (number !== current || search === null || !isOpenRefund(refund)) {
    return nothing('nobody is searching for this try');
  }
  switch (answer.kind) {
    case 'found': {
      const { outcome } = answer;
      return judged(refund, { number, outcome, rank: RESULT_RANK, heardAt: askedAt, heardBy: 'lookup' });
    }
    case 'unavailable':
      return record(searched(refund, 'lookup', 'unavailable', answer.detail));
    case 'not_found':
      return missed(refund, command);
  }
}

/**
 * "Not found" is proof only twice, and only once the PSP has had time to show what it got; and never of what it has
 * accepted. What never arrived is sent again: under its own key for as long as that may be, since a send that was held up
 * somewhere is then the same request, whenever it arrives. Only what this key can do no more gets another one.
 */
function missed(
  refund: Refund,
  { askedAt, settlesAfterMs, keySafeForMs }: RecordRefundLookup,
): RefundDecision {
  const { search, accepted: isAccepted, number, startedAt } = currentTry(refund);
  if (search === null || isAccepted) {
    return record(searched(refund, 'lookup', 'still_unknown', 'it was accepted, and is not found'));
  }
  if (!hasSettled(search, askedAt, settlesAfterMs)) {
    return record(searched(refund, 'lookup', 'not_found_too_early', ''));
  }
  const miss = searched(refund, 'lookup', 'not_found', '');
  const keyMayBeSent = !search.keyBurnt && Date.parse(askedAt) - Date.parse(startedAt) < keySafeForMs;
  const isProof = search.notFound + 1 >= NOT_FOUND_PROOFS && number < MAX_REFUND_TRIES;
  return isProof && !keyMayBeSent ? record(miss, attemptStarted(refund, number + 1)) : record(miss);
}

function retry(refund: Refund, { requestId, number }: RetryRefund): RefundDecision {
  if (refund.retries.some((one) => one.requestId === requestId))
    return nothing('the same request was recorded before');
  if (!isOwedStill(refund) || number !== nextTryOf(refund)) return refuse({ code: 'not_retryable' });
  if (number > MAX_REFUND_TRIES) return refuse({ code: 'too_many_tries' });
  return record(reissued(refund, number, requestId), attemptStarted(refund, number));
}

function abandon(refund: Refund, reason: string | null): RefundDecision {
  if (refund.status === 'abandoned') return nothing('it was given up before');
  return isOwedStill(refund) ? record(abandoned(refund, reason)) : refuse({ code: 'not_abandonable' });
}
