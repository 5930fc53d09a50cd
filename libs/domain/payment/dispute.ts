import type { Money } from '../money/money';
import { isLaterFact } from '../psp/fact-order';
import type { DisputeStage, FactOrder } from '../psp/news';
import type { PspName } from '../psp/outcome';
import type { DisputeEvent, DisputeOpened } from './dispute.events';

/**
 * `inquiry` the bank asks and takes nothing · `open` evidence may be handed in · `under_review` it is being read · `won` ·
 * `lost` · `closed` an inquiry that came to nothing.
 */
export type DisputeStatus = 'inquiry' | 'open' | 'under_review' | 'won' | 'lost' | 'closed';

/** A word of the PSP that was recorded, by what orders it among the others. */
export interface SeenFact extends FactOrder {
  readonly stage: DisputeStage;
}

/** One dispute of one charge, as its events tell it. Times are RFC 3339. */
export interface Dispute {
  readonly id: string;
  readonly reference: string;
  readonly psp: PspName;
  readonly attemptId: string;
  /** The PSP's id of the disputed payment, where it was told. */
  readonly paymentReference: string | null;
  readonly status: DisputeStatus;
  /** What is disputed, in the currency that the PSP tells it in. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** What the PSP has taken out of the balance and not put back. */
  readonly withdrawnMinor: bigint;
  readonly reason: string | null;
  readonly networkReasonCode: string | null;
  readonly evidenceDueBy: string | null;
  readonly facts: readonly SeenFact[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Where the disputed money is: nobody has taken it, or it was put back · taken · a part of it was put back. */
type Whereabouts = 'back' | 'out' | 'part';

/** What each word says of the money; null: nothing. */
const MONEY: Readonly<Record<DisputeStage, Whereabouts | null>> = {
  inquiry_opened: null,
  inquiry_closed: null,
  opened: null,
  under_review: null,
  funds_withdrawn: 'out',
  funds_reinstated: 'back',
  won: 'back',
  // what had been put back is taken again
  lost: 'out',
  lost_in_part: 'part',
};

const STATUS: Readonly<Record<DisputeStage, DisputeStatus>> = {
  inquiry_opened: 'inquiry',
  inquiry_closed: 'closed',
  opened: 'open',
  under_review: 'under_review',
  funds_withdrawn: 'open',
  funds_reinstated: 'won',
  won: 'won',
  lost: 'lost',
  lost_in_part: 'lost',
};

export const movesMoney = (stage: DisputeStage): boolean => MONEY[stage] !== null;

export const isSameFact = (a: SeenFact, b: SeenFact): boolean =>
  a.stage === b.stage && a.rank === b.rank && Date.parse(a.occurredAt) === Date.parse(b.occurredAt);

/** How a dispute stands by all that is known of it. */
export interface Standing {
  readonly status: DisputeStatus;
  readonly money: Whereabouts;
  /** Given up, and not won since: an appeal takes nothing of that back by itself. */
  readonly isLost: boolean;
  readonly last: SeenFact | undefined;
  readonly lastOfMoney: SeenFact | undefined;
}

/** Whatever the order in which the words were heard. */
export function standOf(facts: readonly SeenFact[]): Standing {
  const inOrder = facts.toSorted((a, b) => (isLaterFact(a, b) ? 1 : isLaterFact(b, a) ? -1 : 0));
  const ofMoney = inOrder.filter(({ stage }) => movesMoney(stage));
  const last = inOrder.at(-1);
  const lastOfMoney = ofMoney.at(-1);
  const decided = ofMoney.findLast(({ stage }) => stage !== 'funds_withdrawn');
  return {
    status: last === undefined ? 'open' : STATUS[last.stage],
    money: lastOfMoney === undefined ? 'back' : (MONEY[lastOfMoney.stage] ?? 'back'),
    isLost: decided !== undefined && STATUS[decided.stage] === 'lost',
    last,
    lastOfMoney,
  };
}

/** What the bank has got for good, as far as anybody knows; minor units of the dispute's currency. */
export const lostMinorOf = ({ facts, withdrawnMinor }: Dispute): bigint =>
  standOf(facts).isLost ? withdrawnMinor : 0n;

/** The disputes of a payment after one more event. */
export function evolveDisputes(
  disputes: readonly Dispute[],
  event: DisputeEvent,
  at: string,
): readonly Dispute[] {
  if (event.type === 'DisputeOpened') return [...disputes, opened(event.data, at)];
  return disputes.map((dispute) =>
    dispute.id === event.data.disputeId ? evolveDispute(dispute, event, at) : dispute,
  );
}

function opened(data: DisputeOpened, at: string): Dispute {
  const { disputeId, reference, psp, attemptId, amountMinor, currency, stage, occurredAt, rank } = data;
  const facts = [{ stage, occurredAt, rank }];
  return {
    id: disputeId,
    reference,
    psp,
    attemptId,
    paymentReference: data.paymentReference,
    status: standOf(facts).status,
    amountMinor,
    currency,
    withdrawnMinor: 0n,
    reason: data.reason,
    networkReasonCode: data.networkReasonCode,
    evidenceDueBy: data.evidenceDueBy,
    facts,
    createdAt: at,
    updatedAt: at,
  };
}

type LaterEvent = Exclude<DisputeEvent, { type: 'DisputeOpened' }>;

export function evolveDispute(dispute: Dispute, event: LaterEvent, at: string): Dispute {
  const { stage, occurredAt, rank, evidenceDueBy } = event.data;
  const fact = { stage, occurredAt, rank };
  const facts = dispute.facts.some((seen) => isSameFact(seen, fact))
    ? dispute.facts
    : [...dispute.facts, fact];
  const { status, last } = standOf(facts);
  const told = { ...dispute, facts, status, updatedAt: at };
  const due =
    last !== undefined && isSameFact(last, fact)
      ? { evidenceDueBy: evidenceDueBy ?? dispute.evidenceDueBy }
      : {};
  switch (event.type) {
    case 'DisputeFundsWithdrawn':
      return { ...told, ...due, ...takenBy(dispute, event.data) };
    case 'DisputeWon':
      return { ...told, ...due, withdrawnMinor: dispute.withdrawnMinor - event.data.amountMinor };
    case 'DisputeLost':
      return { ...told, ...due };
    case 'DisputeUpdated': {
      const { reason, networkReasonCode } = event.data;
      return {
        ...told,
        ...due,
        reason: reason ?? dispute.reason,
        networkReasonCode: networkReasonCode ?? dispute.networkReasonCode,
      };
    }
  }
}

type Taken = Pick<Dispute, 'amountMinor' | 'withdrawnMinor' | 'currency'>;

/** A bank may announce it in one currency and the PSP take it in another: it is of what was taken that the books are. */
const takenBy = (
  { amountMinor: disputedMinor, withdrawnMinor, currency: announced }: Dispute,
  { amountMinor, currency }: Money,
): Taken =>
  currency === announced
    ? { amountMinor: disputedMinor, withdrawnMinor: withdrawnMinor + amountMinor, currency }
    : { amountMinor, withdrawnMinor: amountMinor, currency };
