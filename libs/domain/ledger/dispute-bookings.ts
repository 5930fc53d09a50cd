import type { DisputeEvent } from '../payment/dispute.events';
import {
  DISPUTE_FEE_CHARGED,
  DISPUTE_FUNDS_WITHDRAWN,
  DISPUTE_LOSS_UNDONE,
  DISPUTE_LOST,
  DISPUTE_LOST_OWED,
  DISPUTE_OWED_AGAIN,
  DISPUTE_WON,
} from './dispute.templates';
import type { Booking } from './event-booking';
import { settledMinor } from './settled-charge';
import type { BookedDispute, PaymentBooks } from './stream-books';
import type { Posting } from './template';
import { post } from './template';

type DataOf<Type extends DisputeEvent['type']> = Extract<DisputeEvent, { type: Type }>['data'];

/** A dispute’s words may be heard in any order; the payment tells them so that what is lost is always out first. */
export const DISPUTE_BOOKINGS: {
  readonly [Type in DisputeEvent['type']]: Booking<DataOf<Type>, PaymentBooks>;
} = {
  DisputeOpened: {
    ...onlyItsFee('an inquiry, or a claim: no money has moved'),
    remembers: (data, books) =>
      withDispute(books, { ...disputeIn(books, data), paymentReference: data.paymentReference }),
  },
  DisputeUpdated: onlyItsFee('a word that moves no money'),
  DisputeFundsWithdrawn: {
    by: [DISPUTE_FUNDS_WITHDRAWN],
    because: 'always',
    posts: (data) => {
      const { psp, disputeId: dispute, amountMinor: disputed, currency } = data;
      return [
        post(DISPUTE_FUNDS_WITHDRAWN, { psp, pspAccount: psp, dispute, currency, disputed, ...feeOf(data) }),
      ];
    },
    remembers: (data, books) => {
      const { amountMinor, currency } = data;
      const known = disputeIn(books, data);
      const withdrawnMinor = known.withdrawnMinor + amountMinor;
      return withDispute(books, { ...known, withdrawnMinor, currency });
    },
  },
  DisputeWon: {
    by: [DISPUTE_OWED_AGAIN, DISPUTE_LOSS_UNDONE, DISPUTE_WON],
    because:
      'where money comes back, or a fee; of what was lost, as much is undone first: what had settled a debt is owed again',
    posts: (data, books) => {
      const { psp, disputeId: dispute, attemptId: record, amountMinor: disputed, currency } = data;
      const owedMinor = -settledBy(data, books, DISPUTE_BOOKINGS.DisputeWon.remembers(data, books));
      const undoneMinor = lossUndoneBy(data, books) - owedMinor;
      return [
        post(DISPUTE_OWED_AGAIN, { psp, dispute, record, currency, disputed: owedMinor }),
        post(DISPUTE_LOSS_UNDONE, { psp, dispute, currency, disputed: undoneMinor }),
        post(DISPUTE_WON, { psp, pspAccount: psp, dispute, currency, disputed, ...feeOf(data) }),
      ];
    },
    remembers: (data, books) => {
      const known = disputeIn(books, data);
      const withdrawnMinor = known.withdrawnMinor - data.amountMinor;
      const lostMinor = known.lostMinor - lossUndoneBy(data, books);
      return withDispute(books, { ...known, withdrawnMinor, lostMinor });
    },
  },
  DisputeLost: {
    by: [DISPUTE_LOST_OWED, DISPUTE_LOST, DISPUTE_FEE_CHARGED],
    because:
      'always: what is lost is out, and was posted so before; of a charge that is owed it settles the debt',
    posts: (data, books) => {
      const { withdrawnMinor, lostMinor, currency } = disputeIn(books, data);
      const { psp, disputeId: dispute, attemptId: record } = data;
      const owedMinor = settledBy(data, books, DISPUTE_BOOKINGS.DisputeLost.remembers(data, books));
      const disputed = withdrawnMinor - lostMinor - owedMinor;
      return [
        post(DISPUTE_LOST_OWED, { psp, dispute, record, currency, disputed: owedMinor }),
        post(DISPUTE_LOST, { psp, dispute, currency, disputed }),
        ...feeCharged(data),
      ];
    },
    remembers: (data, books) => {
      const known = disputeIn(books, data);
      return withDispute(books, { ...known, lostMinor: known.withdrawnMinor });
    },
  },
};

/** How much more of a debt is settled by a word; below zero: less. */
function settledBy(word: OfDispute, before: PaymentBooks, after: PaymentBooks): bigint {
  const { attemptId, paymentReference: pspReference } = disputeIn(before, word);
  const charge = { attemptId, pspReference };
  return settledMinor(after, charge) - settledMinor(before, charge);
}

/** What comes back was no loss. Of a dispute that was won in part, the rest stays one. */
function lossUndoneBy(data: DataOf<'DisputeWon'>, books: PaymentBooks): bigint {
  const { lostMinor } = disputeIn(books, data);
  return lostMinor < data.amountMinor ? lostMinor : data.amountMinor;
}

function onlyItsFee(because: string): Booking<WithFee, PaymentBooks> {
  return {
    by: [DISPUTE_FEE_CHARGED],
    because: `only a fee, if one comes with it: ${because}`,
    posts: feeCharged,
    remembers: (_, books) => books,
  };
}

type WithFee = Pick<DataOf<'DisputeUpdated'>, 'psp' | 'feeMinor' | 'feeCurrency'>;

const feeOf = ({ feeMinor: fee, feeCurrency }: WithFee) => ({ fee, feeCurrency });

function feeCharged(data: WithFee): Posting[] {
  const { psp } = data;
  return [post(DISPUTE_FEE_CHARGED, { psp, pspAccount: psp, ...feeOf(data) })];
}

type OfDispute = { readonly disputeId: string; readonly attemptId: string; readonly currency: string };

const disputeIn = (
  { disputes }: PaymentBooks,
  { disputeId: id, attemptId, currency }: OfDispute,
): BookedDispute =>
  disputes.find((one) => one.id === id) ?? {
    id,
    attemptId,
    paymentReference: null,
    withdrawnMinor: 0n,
    lostMinor: 0n,
    currency,
  };

const withDispute = (books: PaymentBooks, dispute: BookedDispute): PaymentBooks => ({
  ...books,
  disputes: [...books.disputes.filter(({ id }) => id !== dispute.id), dispute],
});
