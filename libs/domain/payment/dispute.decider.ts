import { disputeIdOf } from '../kernel/ids';
import { nothing, record, refuse } from '../kernel/decision';
import type { DisputeFact, DisputeStage } from '../psp/news';
import type { PaymentDecision } from './attempt.decider';
import type { Dispute, Standing } from './dispute';
import { evolveDisputes, isSameFact, movesMoney, standOf } from './dispute';
import type { DisputeEvent, DisputeOpened, DisputeUpdated } from './dispute.events';
import { isSettledElsewhere } from './late-success';
import { endOfUnwanted } from './operation-conclusion';
import type { Attempt, Payment } from './payment';
import { findAttempt, openOperationOf } from './payment';
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
  if (known !== undefined) {
    const events = laterWords(attempt, known, fact);
    return events.length === 0
      ? nothing('it says nothing that was not known')
      : record(...events, ...endOfUnwantedBy(payment, known, events, fact));
  }
  const opening = opened(attempt, id, fact);
  const [dispute] = evolveDisputes([], opening, fact.occurredAt);
  if (dispute === undefined) throw new Error(`dispute ${id} was opened and is not there`);
  const events = laterWords(attempt, dispute, fact);
  return record(opening, ...events, ...endOfUnwantedBy(payment, dispute, events, fact));
}

/** A bank that gets all of what nobody wanted has brought about the end of its payment: nothing else is to be given back. */
function endOfUnwantedBy(
  payment: Payment,
  dispute: Dispute,
  events: readonly DisputeEvent[],
  { occurredAt }: DisputeFact,
): readonly PaymentEvent[] {
  const others = payment.disputes.filter(({ id }) => id !== dispute.id);
  const disputes = events.reduce<readonly Dispute[]>(
    (before, event) => evolveDisputes(before, event, occurredAt),
    [...others, dispute],
  );
  const isUnderWay = openOperationOf(payment, dispute.attemptId) !== undefined;
  return !isUnderWay && isSettledElsewhere({ ...payment, disputes }, dispute)
    ? endOfUnwanted(payment, dispute)
    : [];
}

type Opening = Extract<DisputeEvent, { type: 'DisputeOpened' }>;

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
      paymentReference: fact.paymentReference,
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

/** What the word changes: where the money is, how it was decided, or what else is told of it. */
function laterWords(attempt: Attempt, dispute: Dispute, fact: DisputeFact): readonly DisputeEvent[] {
  if (dispute.facts.some((seen) => isSameFact(seen, fact))) return [];
  const before = standOf(dispute.facts);
  const after = standOf([...dispute.facts, fact]);
  const isDecided = after.status !== before.status;
  const { takenMinor, backMinor, currency } = movedBy(dispute, fact, before, after);
  const data = { disputeId: dispute.id, attemptId: attempt.id, psp: attempt.psp, ...saidOf(fact) };
  const events: DisputeEvent[] = [];
  // a fee is told once
  const told = (): typeof data => (events.length === 0 ? data : { ...data, feeMinor: 0n });
  if (takenMinor > 0n) {
    events.push({
      type: 'DisputeFundsWithdrawn',
      data: { ...told(), amountMinor: takenMinor, currency },
    });
  }
  if (backMinor > 0n || (isDecided && after.status === 'won')) {
    const wasLost = before.isLost;
    events.push({ type: 'DisputeWon', data: { ...told(), amountMinor: backMinor, currency, wasLost } });
  }
  const outMinor = dispute.withdrawnMinor + takenMinor - backMinor;
  const lostMinor = outMinor - (before.isLost ? dispute.withdrawnMinor : 0n);
  if (after.isLost && (!before.isLost || lostMinor > 0n)) {
    events.push({ type: 'DisputeLost', data: { ...told(), amountMinor: lostMinor, currency } });
  }
  return events.length === 0 && isWorthTelling(dispute, fact, after, isDecided)
    ? [updated(data, fact)]
    : events;
}

interface Moved {
  readonly takenMinor: bigint;
  readonly backMinor: bigint;
  readonly currency: string;
}

/** What of the money has gone and come since the words before, as the latest word of all tells where it is. */
function movedBy(
  { withdrawnMinor, currency }: Dispute,
  fact: DisputeFact,
  before: Standing,
  after: Standing,
): Moved {
  const nothingMoved = { takenMinor: 0n, backMinor: 0n, currency };
  // won between a loss and a second chargeback: what is out is another taking, and no loss yet
  if (before.isLost && !after.isLost && after.money === 'out' && withdrawnMinor > 0n) {
    return { takenMinor: withdrawnMinor, backMinor: withdrawnMinor, currency };
  }
  if (after.lastOfMoney !== fact) return nothingMoved;
  // what is out in one currency is no part of what is told in another: all of it stays out until it comes back
  if (after.money !== 'back' && withdrawnMinor > 0n && fact.currency !== currency) return nothingMoved;
  switch (after.money) {
    case 'out': {
      const isOut = before.money === 'out';
      const takenMinor = fact.amountMinor - withdrawnMinor;
      return isOut || takenMinor <= 0n
        ? nothingMoved
        : { ...nothingMoved, takenMinor, currency: fact.currency };
    }
    case 'back':
      return { ...nothingMoved, backMinor: withdrawnMinor };
    case 'part': {
      // who puts a part back has taken all of it, told or not
      const takenMinor = withdrawnMinor === 0n ? fact.amountMinor : 0n;
      const leftMinor = fact.amountMinor - (fact.putBackMinor ?? 0n);
      const backMinor = withdrawnMinor + takenMinor - leftMinor;
      return {
        takenMinor,
        backMinor: backMinor > 0n ? backMinor : 0n,
        currency: takenMinor > 0n ? fact.currency : currency,
      };
    }
  }
}

/** Whether a word that changes neither money nor decision has to be kept: for the order of later ones, or for people. */
function isWorthTelling(dispute: Dispute, fact: DisputeFact, after: Standing, isDecided: boolean): boolean {
  if (movesMoney(fact.stage) || (fact.fee?.amountMinor ?? 0n) !== 0n) return true;
  const evidenceDueBy = fact.evidenceDueBy ?? dispute.evidenceDueBy;
  return after.last === fact && (isDecided || evidenceDueBy !== dispute.evidenceDueBy);
}

const updated = (
  data: Omit<DisputeUpdated, 'reason' | 'networkReasonCode'>,
  { reason, networkReasonCode }: DisputeFact,
): DisputeEvent => ({ type: 'DisputeUpdated', data: { ...data, reason, networkReasonCode } });
