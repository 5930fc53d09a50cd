import { disputeIdOf } from '../kernel/ids';
import { nothing, record, refuse } from '../kernel/decision';
import type { DisputeFact, DisputeStage } from '../psp/news';
import type { PaymentDecision } from './attempt.decider';
import type { Dispute, SeenFact } from './dispute';
import { evolveDisputes, movesMoney, standOf } from './dispute';
import type { DisputeOpened } from './dispute.events';
import type { Attempt, Payment } from './payment';
import { findAttempt } from './payment';
import type { RecordDisputeFact } from './payment.commands';
import type { PaymentEvent } from './payment.events';

/** Words that may be the first about a dispute; before any other one of these is taken as said. */
const OPENINGS: Readonly<Partial<Record<DisputeStage, DisputeOpened['kind']>>> = {
  inquiry_opened: 'inquiry',
  inquiry_closed: 'inquiry',
  opened: 'chargeback',
};

/** Below every rank of a PSP: a word that nobody has said, and that follows from another one. */
const IMPLIED_RANK = -1;

/**
 * One more word of a PSP about a dispute. Where the money is and how it was decided follow from all words, in the order
 * in which they were true: so whatever comes late or twice leaves the same, and the books with it.
 */
export function recordDisputeFact({ attemptId, fact }: RecordDisputeFact, payment: Payment): PaymentDecision {
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined) return refuse({ code: 'attempt_not_found', attemptId });
  const id = disputeIdOf(attempt.psp, fact.disputeReference);
  const known = payment.disputes.find((dispute) => dispute.id === id);
  if (known !== undefined) return record1(laterWord(attempt, known, fact));
  const opening = opened(attempt, id, fact);
  const [dispute] = evolveDisputes([], opening, fact.occurredAt);
  const more = dispute === undefined ? undefined : laterWord(attempt, dispute, fact);
  return record(opening, ...(more === undefined ? [] : [more]));
}

const record1 = (event: PaymentEvent | undefined): PaymentDecision =>
  event === undefined ? nothing('it says nothing that was not known') : record(event);

type Opening = Extract<PaymentEvent, { type: 'DisputeOpened' }>;

function opened(attempt: Attempt, disputeId: string, fact: DisputeFact): Opening {
  const isSaid = fact.stage === 'opened' || fact.stage === 'inquiry_opened';
  const kind = OPENINGS[fact.stage] ?? 'chargeback';
  const said = isSaid
    ? saidOf(fact)
    : {
        ...saidOf(fact),
        stage: kind === 'inquiry' ? ('inquiry_opened' as const) : ('opened' as const),
        rank: IMPLIED_RANK,
        // comes with the word that was said
        feeMinor: 0n,
      };
  return {
    type: 'DisputeOpened',
    data: {
      disputeId,
      attemptId: attempt.id,
      psp: attempt.psp,
      ...said,
      reference: fact.disputeReference,
      kind,
      amountMinor: fact.amountMinor,
      currency: fact.currency,
      reason: fact.reason,
      networkReasonCode: fact.networkReasonCode,
    },
  };
}

const saidOf = ({ stage, occurredAt, rank, fee, currency, evidenceDueBy }: DisputeFact) => ({
  stage,
  occurredAt,
  rank,
  feeMinor: fee?.amountMinor ?? 0n,
  feeCurrency: fee?.currency ?? currency,
  evidenceDueBy,
});

const isSame = (a: SeenFact, b: SeenFact): boolean =>
  a.stage === b.stage && a.rank === b.rank && Date.parse(a.occurredAt) === Date.parse(b.occurredAt);

function laterWord(attempt: Attempt, dispute: Dispute, fact: DisputeFact): PaymentEvent | undefined {
  if (dispute.facts.some((seen) => isSame(seen, fact))) return undefined;
  const before = standOf(dispute.facts);
  const after = standOf([...dispute.facts, fact]);
  const { id: disputeId, amountMinor, currency } = dispute;
  const data = { disputeId, attemptId: attempt.id, psp: attempt.psp, ...saidOf(fact) };
  if (after.isOut && !before.isOut) {
    const taken = { amountMinor: fact.amountMinor, currency: fact.currency };
    return { type: 'DisputeFundsWithdrawn', data: { ...data, ...taken } };
  }
  const isDecided = after.status !== before.status;
  if ((before.isOut && !after.isOut) || (isDecided && after.status === 'won')) {
    return { type: 'DisputeWon', data: { ...data, amountMinor: dispute.withdrawnMinor, currency } };
  }
  if (isDecided && after.status === 'lost') {
    return { type: 'DisputeLost', data: { ...data, amountMinor, currency } };
  }
  const { reason, networkReasonCode } = fact;
  const tells = movesMoney(fact.stage) || fact.stage === 'lost' || data.feeMinor !== 0n;
  const isNew =
    after.last === fact &&
    (isDecided || (fact.evidenceDueBy ?? dispute.evidenceDueBy) !== dispute.evidenceDueBy);
  if (!tells && !isNew) return undefined;
  return { type: 'DisputeUpdated', data: { ...data, reason, networkReasonCode } };
}
