import {
  BANK_CREDIT_MATCHED,
  DEDUCTION_EXPLAINED,
  DEDUCTION_FOUND,
  ORPHAN_ATTRIBUTED,
  ORPHAN_RECORDED,
  PSP_PARTIAL_CAPTURE_RECORDED,
  PSP_PAYOUT_CREATED,
  PSP_RESERVE_HELD,
  PSP_RESERVE_RELEASED,
  SUSPENSE_REFUNDED,
  post,
} from '@tender/domain';
import type { Example, ExampleBooks } from './example-books';
import {
  begun,
  charged,
  currency,
  money,
  psp,
  pspAccount,
  refundRecorded,
  sold,
  exampleBooks,
} from './example-books';
import { currencies, marketplace } from './marketplace-examples';

/** Every case that the books are made for, with amounts: the page of the ledger and its totals are made of these. */
export function ledgerExamples(): readonly Example[] {
  const books = exampleBooks();
  for (const tell of [refunds, sales, disputes, unexplained, marketplace, currencies]) tell(books);
  return books.examples;
}

function refunds(books: ExampleBooks): void {
  const { payment, refund, later, example } = books;
  example(
    'A partial refund of a captured payment',
    '100.00 are authorised, captured and paid out; 30.00 of them are given back. The PSP’s fee of 3.20 stays with it.',
    () => {
      begun(books, 'p1', 10_000n, 'manual');
      payment('p1', 'AttemptAuthorized', { amountMinor: 10_000n }, 'the issuer holds the amount');
      payment('p1', 'PaymentCaptured', { amountMinor: 10_000n }, 'the hold ends, and the PSP owes the money');
      charged(books, 'p1', 10_000n, 320n);
      payment('p1', 'RefundReserved', { refundId: 'r1', amountMinor: 3_000n });
      refund('r1', 'RefundInitiated', { paymentId: 'p1', amountMinor: 3_000n });
      refund('r1', 'RefundAccepted', {}, 'the PSP has accepted the refund: it is owed to the buyer');
      refundRecorded(books, 're_r1-1', 3_000n);
      refund('r1', 'RefundSucceeded', {});
      payment('p1', 'RefundSettled', { refundId: 'r1', amountMinor: 3_000n });
      later(
        'PspPayoutCreated',
        'the PSP pays the balance out',
        post(PSP_PAYOUT_CREATED, { ...money, pspAccount, payout: 'po1', paidOut: 6_680n }),
      );
      later(
        'BankCreditMatched',
        'the bank shows it',
        post(BANK_CREDIT_MATCHED, { ...money, bankAccount: 'main', payout: 'po1', paidOut: 6_680n }),
      );
    },
  );
  example(
    'A full refund that comes back, and is made again',
    'The fee of 1.75 stays with the PSP. The buyer’s bank sends the money back; a second try reaches him.',
    () => {
      sold(books, 'p2', 5_000n, 175n);
      refund('r2', 'RefundInitiated', { paymentId: 'p2', amountMinor: 5_000n });
      refund('r2', 'RefundAccepted', {}, 'accepted');
      refundRecorded(books, 're_r2-1', 5_000n);
      refund(
        'r2',
        'RefundFailed',
        { when: 'after_debit', reservation: 'kept' },
        'it came back to the PSP’s balance: owed still',
      );
      refund('r2', 'RefundReissued', { number: 2 });
      refund('r2', 'RefundAccepted', { number: 2 }, 'the second try is accepted');
      refundRecorded(books, 're_r2-2', 5_000n);
    },
  );
  example(
    'A refund that fails before the PSP pays it, and is given up',
    'The buyer agrees to do without.',
    () => {
      refund('r3', 'RefundInitiated', { paymentId: 'p1', amountMinor: 1_000n });
      refund('r3', 'RefundAccepted', {}, 'accepted');
      refund(
        'r3',
        'RefundFailed',
        { when: 'before_debit', reservation: 'kept' },
        'it failed, and the PSP never paid it: owed still',
      );
      refund('r3', 'RefundAbandoned', {}, 'an operator gives it up');
    },
  );
}

function sales(books: ExampleBooks): void {
  const { payment, later, example } = books;
  example(
    'A partial capture',
    '70.00 of 100.00 are taken. Stripe records the whole and then, in a second row, what was not captured.',
    () => {
      begun(books, 'p3', 10_000n, 'manual');
      payment('p3', 'AttemptAuthorized', { amountMinor: 10_000n }, 'the issuer holds the amount');
      payment('p3', 'PaymentCaptured', { amountMinor: 7_000n }, 'the whole hold ends');
      charged(books, 'p3', 10_000n, 233n);
      later(
        'PspEntryRecorded',
        'the second row',
        post(PSP_PARTIAL_CAPTURE_RECORDED, { ...money, pspAccount, attempt: 'att_p3', notCaptured: 3_000n }),
      );
    },
  );
  example('An authorisation that is voided', 'Nothing is posted: a hold is a promise.', () => {
    begun(books, 'p4', 2_000n, 'manual');
    payment('p4', 'AttemptAuthorized', { amountMinor: 2_000n }, 'the issuer holds the amount');
    payment('p4', 'AttemptVoided', {}, 'it holds nothing any more');
    payment('p4', 'PaymentCanceled', { because: 'requested' });
  });
  example(
    'An outcome that is unknown, and then found',
    'The doubt is told in the memo, and nothing is posted until there is proof.',
    () => {
      begun(books, 'p6', 8_000n, 'automatic');
      payment('p6', 'AttemptOutcomeUnknown', { why: 'timeout' }, 'nobody knows');
      payment('p6', 'PaymentCaptured', { amountMinor: 8_000n }, 'a look-up finds it captured');
      charged(books, 'p6', 8_000n, 262n);
    },
  );
  example(
    'A capture that the PSP proves never to have been',
    'Or that the scheme takes back: the sale is undone.',
    () => {
      begun(books, 'p8', 1_200n, 'automatic');
      payment('p8', 'PaymentCaptured', { amountMinor: 1_200n }, 'captured');
      payment('p8', 'CaptureReversed', { amountMinor: 1_200n }, 'taken back');
    },
  );
  example(
    'A charge that surfaces after the payment had failed',
    'It is somebody else’s money until it is given back; this PSP waives its fee.',
    () => {
      begun(books, 'p9', 2_500n, 'automatic');
      payment('p9', 'AttemptDeclined', {});
      payment('p9', 'PaymentFailed', {});
      payment(
        'p9',
        'LateSuccessFound',
        { amountMinor: 2_500n, captured: true },
        'the PSP has taken money without a sale',
      );
      payment('p9', 'ReversalStarted', { operationId: 'att_p9-reversal-1', amountMinor: 2_500n });
      charged(books, 'p9', 2_500n, 0n);
      payment(
        'p9',
        'ChargeReversed',
        { operationId: 'att_p9-reversal-1', amountMinor: 2_500n, captured: true },
        'the PSP gives it back',
      );
      refundRecorded(books, 'att_p9-reversal-1', 2_500n);
    },
  );
  example(
    'A charge that surfaces, falls back, is taken again and falls back',
    'The scheme takes it back before the PSP gives it back: there is nothing to give, until it is taken once more.',
    () => {
      begun(books, 'p11', 1_500n, 'automatic');
      const late = { amountMinor: 1_500n };
      payment(
        'p11',
        'LateSuccessFound',
        { ...late, captured: true },
        'the PSP has taken money without a sale',
      );
      payment('p11', 'ReversalStarted', { ...late, operationId: 'att_p11-reversal-1' });
      payment('p11', 'LateSuccessFellBack', { ...late, rank: 2 }, 'the scheme takes it back');
      payment('p11', 'ChargeReversed', {
        operationId: 'att_p11-reversal-1',
        amountMinor: 1_500n,
        captured: true,
      });
      payment(
        'p11',
        'LateSuccessTakenAgain',
        { ...late, rank: 3 },
        'the PSP has it again, and has said that it gave it back: it is owed',
      );
      payment('p11', 'LateSuccessFellBack', { ...late, rank: 4 }, 'the scheme takes it back for good');
    },
  );
  example(
    'A second hold beside the sale',
    'The PSP forgot a key and charged again: that hold is let go alone, and that of the sale stays until its merchant ends it.',
    () => {
      begun(books, 'p13', 2_500n, 'manual');
      payment('p13', 'AttemptAuthorized', { amountMinor: 2_500n }, 'the issuer holds the money of the sale');
      const second = { amountMinor: 2_500n, pspReference: 'pi_p13_again' };
      const operationId = 'att_p13-reversal-1';
      payment('p13', 'LateSuccessFound', { ...second, captured: false }, 'it holds as much once more');
      payment('p13', 'ReversalStarted', { ...second, operationId });
      payment('p13', 'ChargeReversed', { ...second, operationId, captured: false }, 'the second is let go');
      payment(
        'p13',
        'AttemptVoided',
        { operationId: 'att_p13-cancel-1' },
        'the first, when its merchant cancels',
      );
    },
  );
  example(
    'A hold that surfaces after the payment had failed',
    'No money has moved: the hold is told in the memo until it is let go.',
    () => {
      begun(books, 'p10', 2_500n, 'manual');
      payment('p10', 'AttemptDeclined', {});
      payment(
        'p10',
        'LateSuccessFound',
        { amountMinor: 2_500n, captured: false },
        'the issuer holds money that nobody will take',
      );
      payment('p10', 'ReversalStarted', { operationId: 'att_p10-reversal-1', amountMinor: 2_500n });
      payment(
        'p10',
        'ChargeReversed',
        { operationId: 'att_p10-reversal-1', amountMinor: 2_500n, captured: false },
        'it is let go',
      );
    },
  );
}

function disputes(books: ExampleBooks): void {
  const { payment, later, example } = books;
  const dispute = (disputeId: string) =>
    ({ disputeId, psp, amountMinor: 10_000n, currency, feeMinor: 0n, feeCurrency: currency }) as const;
  example(
    'A dispute that is won',
    'The PSP takes the money and its fee of 15.00, and gives the money back.',
    () => {
      sold(books, 'p5', 10_000n, 320n);
      payment('p5', 'DisputeOpened', dispute('dp1'));
      payment(
        'p5',
        'DisputeFundsWithdrawn',
        { ...dispute('dp1'), feeMinor: 1_500n },
        'the PSP has taken it: a claim until it is decided',
      );
      payment('p5', 'DisputeWon', dispute('dp1'), 'the money is back, the fee is not');
    },
  );
  example('A dispute that is lost', 'A second one about the same charge; the merchant bears it.', () => {
    payment('p5', 'DisputeOpened', dispute('dp2'));
    payment('p5', 'DisputeFundsWithdrawn', { ...dispute('dp2'), feeMinor: 1_500n }, 'the PSP has taken it');
    payment('p5', 'DisputeLost', dispute('dp2'), 'lost');
  });
  example(
    'A charge without a sale whose dispute is lost, and won after all',
    'Its buyer gets it by his bank: nobody is owed it any more. When the money comes back, it is owed again and given back.',
    () => {
      begun(books, 'p14', 2_000n, 'automatic');
      const charge = { amountMinor: 2_000n, pspReference: 'pi_p14' };
      const operationId = 'att_p14-reversal-1';
      const claim = { ...dispute('dp3'), amountMinor: 2_000n };
      payment('p14', 'AttemptDeclined', {});
      payment(
        'p14',
        'LateSuccessFound',
        { ...charge, captured: true },
        'the PSP has taken money without a sale',
      );
      charged(books, 'p14', 2_000n, 0n);
      payment('p14', 'DisputeOpened', { ...claim, paymentReference: 'pi_p14' });
      payment('p14', 'DisputeFundsWithdrawn', claim, 'a bank claims it');
      payment('p14', 'DisputeLost', claim, 'the bank gets it: that settles the debt');
      payment('p14', 'DisputeWon', claim, 'decided otherwise: it is owed again');
      payment('p14', 'ReversalStarted', { ...charge, operationId });
      payment('p14', 'ChargeReversed', { ...charge, operationId, captured: true }, 'the PSP gives it back');
      refundRecorded(books, operationId, 2_000n);
    },
  );
  example('A reserve of the PSP', 'Held back, and released.', () => {
    const reserve = { ...money, pspAccount, hold: 'h1', reserved: 500n };
    later('PspReserveHeld', 'held back', post(PSP_RESERVE_HELD, reserve));
    later('PspReserveReleased', 'released', post(PSP_RESERVE_RELEASED, reserve));
  });
}

function unexplained(books: ExampleBooks): void {
  const { payment, later, example } = books;
  const orphan = (record: string, gross: bigint, fee: bigint): void => {
    later(
      'OrphanPspEntryFound',
      'the PSP’s record tells of a charge that we do not know',
      post(ORPHAN_RECORDED, { ...money, pspAccount, record, gross, fee }),
    );
  };
  example(
    'An unknown charge that is given back',
    'A receipt without an explanation is somebody else’s money.',
    () => {
      orphan('txn9', 5_000n, 175n);
      later(
        'OrphanRefunded',
        'given back to the payer',
        post(SUSPENSE_REFUNDED, { ...money, record: 'txn9', refund: 'r9', refunded: 5_000n }),
      );
      refundRecorded(books, 'r9', 5_000n);
    },
  );
  example(
    'An unknown charge whose sale is found',
    'The record came first, and the sale that it belongs to later.',
    () => {
      orphan('txn10', 3_000n, 117n);
      begun(books, 'p7', 3_000n, 'automatic');
      payment('p7', 'PaymentCaptured', { amountMinor: 3_000n }, 'the sale is told after all');
      later(
        'OrphanAttributed',
        'the record clears what the sale has opened',
        post(ORPHAN_ATTRIBUTED, { ...money, record: 'txn10', attempt: 'att_p7', gross: 3_000n }),
      );
    },
  );
  example(
    'A deduction that nobody explains',
    'A claim; 0.43 of it turn out to be a fee, 0.02 are written off.',
    () => {
      later(
        'OrphanPspEntryFound',
        'the PSP has taken something',
        post(DEDUCTION_FOUND, { ...money, pspAccount, record: 'txn11', deducted: 45n }),
      );
      later(
        'CaseResolved',
        'with a case and an approval',
        post(DEDUCTION_EXPLAINED, { ...money, record: 'txn11', fee: 43n, writtenOff: 2n }),
      );
    },
  );
}
