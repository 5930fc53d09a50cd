import {
  done,
  initiate,
  journalsOfStream,
  operationNews,
  operationReply,
  outcomes,
  recordedLast,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  sampleOperationId,
  tell,
} from '@tender/testing';
import { balancesOf, netOf } from '../ledger/trial-balance';
import { FACT_RANK } from '../psp/news';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';

const manual = initiate({ captureMethod: 'manual' });
const authorized = recordOutcome(outcomes.authorized);
const told = (...commands: PaymentCommand[]) => tell(commands, manual).payment;
/** `pi_1` is the payment's own reference, as at Stripe; `ref_9` an operation that nobody here has asked for, as at Adyen. */
const captured = (amountMinor = 1099n, reference = 'ref_9'): PaymentCommand =>
  operationNews('capture', done(amountMinor, reference), reference);
const decidedAfter = (past: readonly PaymentCommand[], said: PaymentCommand) =>
  paymentDecider.decide(said, told(...past));
const canceled = operationNews('cancel', done(null, 'ref_9'), 'ref_9');

describe('money that is held for the merchant', () => {
  it.each(['pi_1', 'ref_9'])('and was taken in the PSP’s own pages, is taken: %s', (reference) => {
    expect(recordedLast([authorized, captured(700n, reference)], manual)).toEqual(['PaymentCaptured']);
    const payment = told(authorized, captured(700n, reference));
    expect(payment).toMatchObject({ status: 'succeeded', capturedMinor: 700n });
    expect(recordedLast([authorized, captured(700n), captured(700n)], manual)).toEqual([]);
  });

  it('is in the books once it is taken, and held no more', () => {
    const { events } = tell([authorized, captured(700n)], manual);
    const open = balancesOf(journalsOfStream(events), 'account').filter((row) => netOf(row) !== 0n);
    expect(open.map((row) => [row.account, netOf(row)])).toEqual([
      ['1110', 700n],
      ['2100', -700n],
    ]);
  });

  it('and was let go in the PSP’s own pages, waits for nobody any more', () => {
    expect(recordedLast([authorized, canceled], manual)).toEqual(['AuthorizationExpired', 'PaymentCanceled']);
    expect(told(authorized, canceled).status).toBe('canceled');
    expect(recordedLast([authorized, canceled, canceled], manual)).toEqual([]);
  });

  it('is taken after all by a request that was proven never to have come through', () => {
    const never = operationReply(sampleOperationId('capture'), refused('never_received'));
    const past = [authorized, requestCapture(), never];
    expect(told(...past).status).toBe('requires_capture');
    expect(told(...past, captured(1099n, 'pi_1'))).toMatchObject({
      status: 'succeeded',
      capturedMinor: 1099n,
    });
  });

  it('is not taken once more by another word of the same, nor after its end', () => {
    const ours = operationReply(sampleOperationId('capture'), done());
    expect(recordedLast([authorized, requestCapture(), ours, captured()], manual)).toEqual([]);
    expect(recordedLast([authorized, canceled, captured()], manual)).toEqual([]);
  });

  it('is not taken by a word of more than is held, which is a person’s, nor by one of a failure', () => {
    expect(decidedAfter([authorized], captured(1100n))).toMatchObject({ kind: 'nothing', needsPerson: true });
    const failed = operationNews('capture', refused('refused', 'ref_9'), 'ref_9');
    expect(recordedLast([authorized, failed], manual)).toEqual([]);
  });
});

describe('a capture beside the one of the sale', () => {
  const ours = operationReply(sampleOperationId('capture'), done(500n, 'ref_1'));
  const beside = { kind: 'nothing', needsPerson: true };

  it.each([
    ['asked for here', [authorized, requestCapture(500n), ours]],
    ['asked for at the PSP', [authorized, captured(500n, 'ref_1')]],
  ])('%s has no place in a payment, so a person is told', (_, past) => {
    for (const amountMinor of [300n, 500n]) {
      expect(decidedAfter(past, captured(amountMinor, 'ref_2'))).toMatchObject(beside);
    }
  });

  it('is none where the same one is told again, or one of the two has no name of its own', () => {
    const past = [authorized, requestCapture(500n), ours];
    const unnamed = [
      authorized,
      requestCapture(500n),
      operationReply(sampleOperationId('capture'), done(500n, 'pi_1')),
    ];
    for (const [before, reference] of [
      [past, 'ref_1'],
      [past, 'pi_1'],
      [unnamed, 'ref_1'],
    ] as const) {
      expect(decidedAfter(before, captured(500n, reference))).not.toHaveProperty('needsPerson');
    }
  });

  it('is none where the scheme took the same one back, and it was taken once more under another name', () => {
    const again = operationNews('capture', done(500n, 'ref_2'), 'ref_2', FACT_RANK.done_again);
    const past = [authorized, captured(500n, 'ref_1'), again];
    expect(recordedLast(past, manual)).toEqual(['CaptureReversed', 'PaymentCaptured']);
    expect(decidedAfter(past, captured(500n, 'ref_2'))).not.toHaveProperty('needsPerson');
  });
});

describe('a word about money that nobody knows to be held yet', () => {
  const decided = (commands: readonly PaymentCommand[]) => decidedAfter(commands, captured());
  const tooEarly = { kind: 'refuse', refusal: { code: 'news_too_early' } };

  it('is told again, since it may be heard before the approval', () => {
    expect(decided([])).toEqual(tooEarly);
    expect(decided([recordOutcome(outcomes.unknown)])).toEqual(tooEarly);
  });

  it('waits while an operation of ours is open, whose end may be this very word', () => {
    const pending = operationReply(sampleOperationId('capture'), { kind: 'pending', pspReference: 'ref_1' });
    expect(decided([authorized, requestCapture(), pending])).toEqual(tooEarly);
    expect(decided([authorized, requestCancel()])).toEqual(tooEarly);
  });
});

it('with automatic capture a word about a capture is none of somebody else', () => {
  expect(recordedLast([recordOutcome(outcomes.captured), captured(700n)])).toEqual([]);
});
