import {
  allocate,
  DISPUTE_FUNDS_WITHDRAWN,
  DISPUTE_LOST_SELLER,
  FX_GAINED,
  HOLD_RELEASED,
  PAYMENT_CAPTURED_SPLIT,
  PSP_CHARGE_RECORDED_FX,
  REFUND_ACCEPTED_SPLIT,
  SELLER_DEBT_NETTED,
  SELLER_PAYOUT_PAID,
  SELLER_PAYOUT_REJECTED,
  SELLER_PAYOUT_RETURNED,
  SELLER_PAYOUT_SUBMITTED,
  post,
} from '@tender/domain';
import type { ExampleBooks } from './example-books';
import { begun, charged, currency, money, psp, pspAccount, refundRecorded } from './example-books';

export function marketplace(books: ExampleBooks): void {
  const { later, example } = books;
  const seller = (name: string, paidOut: bigint, sellerPayout: string) =>
    ({ ...money, pspAccount, seller: name, paidOut, sellerPayout, fee: 25n }) as const;
  const [feeOfA = 0n] = allocate(2_000n, [12_000n, 6_000n]);
  const feeLeft = 2_000n - feeOfA - 200n;
  const released = (payment: string, name: string, share: bigint, platformFee: bigint): void => {
    later(
      'HoldReleased',
      `${name} has delivered`,
      post(HOLD_RELEASED, { ...money, payment, seller: name, share, platformFee }),
    );
  };
  const split = (
    payment: string,
    platformFee: bigint,
    ...members: readonly { readonly seller: string; readonly share: bigint }[]
  ): void => {
    later(
      'PaymentCaptured',
      'captured, and split',
      post(PAYMENT_CAPTURED_SPLIT, { ...money, attempt: `att_${payment}`, payment, platformFee, members }),
    );
  };
  example(
    'A marketplace: two sellers, a refund, a payout that comes back',
    'An order of 200.00: 120.00 for A, 60.00 for B, 20.00 for the platform, whose fee is earned with the shares, divided by the largest remainder.',
    () => {
      split('m1', 2_000n, { seller: 'A', share: 12_000n }, { seller: 'B', share: 6_000n });
      charged(books, 'm1', 20_000n, 610n);
      released('m1', 'A', 12_000n, feeOfA);
      later('SellerPayoutSubmitted', 'A is paid', post(SELLER_PAYOUT_SUBMITTED, seller('A', 12_000n, 'so1')));
      later('SellerPayoutPaid', 'for a fee of 0.25', post(SELLER_PAYOUT_PAID, seller('A', 12_000n, 'so1')));
      later(
        'SellerPayoutReturned',
        'A’s bank sends it back',
        post(SELLER_PAYOUT_RETURNED, seller('A', 12_000n, 'so1')),
      );
      later('SellerPayoutSubmitted', 'once more', post(SELLER_PAYOUT_SUBMITTED, seller('A', 12_000n, 'so2')));
      later(
        'SellerPayoutRejected',
        'refused before it left',
        post(SELLER_PAYOUT_REJECTED, seller('A', 12_000n, 'so2')),
      );
      later(
        'RefundAccepted',
        'a refund of 20.00, borne by B and by the fee',
        post(REFUND_ACCEPTED_SPLIT, {
          ...money,
          payment: 'm1',
          refund: 'r20',
          platformFee: 200n,
          members: [{ seller: 'B', share: 1_800n }],
        }),
      );
      refundRecorded(books, 'r20', 2_000n);
      released('m1', 'B', 4_200n, feeLeft);
      later('SellerPayoutSubmitted', 'B is paid', post(SELLER_PAYOUT_SUBMITTED, seller('B', 4_200n, 'so3')));
      later('SellerPayoutPaid', 'for a fee of 0.25', post(SELLER_PAYOUT_PAID, seller('B', 4_200n, 'so3')));
    },
  );
  example(
    'A seller who bears a lost dispute',
    'B has been paid already, so it is his debt, and his next sale pays it.',
    () => {
      const dispute = { ...money, dispute: 'dp3' };
      later(
        'DisputeFundsWithdrawn',
        'the PSP has taken 30.00 and its fee',
        post(DISPUTE_FUNDS_WITHDRAWN, {
          ...dispute,
          pspAccount,
          disputed: 3_000n,
          fee: 1_500n,
          feeCurrency: currency,
        }),
      );
      later(
        'DisputeLost',
        'lost; B has nothing to take it from',
        post(DISPUTE_LOST_SELLER, { ...dispute, seller: 'B', available: 0n, owed: 3_000n }),
      );
      split('m2', 500n, { seller: 'B', share: 5_000n });
      charged(books, 'm2', 5_500n, 190n);
      released('m2', 'B', 5_000n, 500n);
      later(
        'SellerDebtNetted',
        'what he owes is taken from it',
        post(SELLER_DEBT_NETTED, { ...money, seller: 'B', netted: 3_000n }),
      );
    },
  );
}

export function currencies(books: ExampleBooks): void {
  const { payment, later, example } = books;
  example(
    'A charge in one currency that is settled in another',
    'EUR 100.00 settled as USD 108.20, less a fee of 3.44. Each currency balances for itself.',
    () => {
      begun(books, 'x1', 10_000n, 'automatic', 'EUR');
      payment('x1', 'PaymentCaptured', { amountMinor: 10_000n, currency: 'EUR' }, 'captured');
      later(
        'PspEntryRecorded',
        'settled at 1.082',
        post(PSP_CHARGE_RECORDED_FX, {
          psp,
          pspAccount,
          attempt: 'att_x1',
          payment: 'x1',
          currency: 'EUR',
          gross: 10_000n,
          settledCurrency: 'USD',
          settled: 10_820n,
          fee: 344n,
        }),
      );
      later(
        'PositionValued',
        'the month closes at 1.080: EUR 100.00 are worth USD 108.00',
        post(FX_GAINED, { ...money, payment: 'x1', gain: 20n }),
      );
    },
  );
}
