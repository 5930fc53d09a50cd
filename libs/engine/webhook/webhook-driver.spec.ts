import type { PaymentCommand } from '@tender/domain';
import { attemptIdOf, refundReferenceOf, requestIdOf } from '@tender/domain';
import {
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
} from '@tender/testing';
import fc from 'fast-check';
import { loadRefund, refundStream } from '../refund/refund-stream';
import { about, operationId, setUp, STREAM, type Told } from './plain-notices.fixture';
import { type NoticeResult } from './webhook-driver';
import { WEBHOOK_PREFIX, webhookStream } from './webhook-stream';

describe('a stored notice', () => {
  it('tells the payment what a lost reply would have told, by the name of the PSP', async () => {
    const { driver, send, notice, payment, results, log } = setUp();
    await send(initiate({ captureMethod: 'manual' }));
    const event = await notice(about('authorized'));
    await driver.handle(event);
    expect(results).toStrictEqual([{ what: 'applied' }]);
    expect(await payment()).toMatchObject({ status: 'requires_capture', authorizedMinor: 1099n });
    const recorded = (await log.readStream(STREAM)).at(-1);
    expect(recorded?.metadata).toMatchObject({
      actor: 'psp:stripe',
      causationId: event.id,
      correlationId: SAMPLE_PAYMENT_ID,
    });
  });

  it('handled again records nothing', async () => {
    const { driver, send, notice, results, log } = setUp();
    await send(initiate());
    const event = await notice(about('declined'));
    await driver.handle(event);
    const recorded = log.store.size;
    await driver.handle(event);
    expect(log.store.size).toBe(recorded);
    expect(results).toStrictEqual([{ what: 'applied' }, { what: 'known' }]);
  });

  it.each<[string, Told, 'stripe' | 'adyen', NoticeResult]>([
    ['names no attempt', about('authorized', null), 'stripe', { what: 'foreign', because: 'no_attempt' }],
    [
      'names somebody else’s',
      about('authorized', 'order-77'),
      'stripe',
      { what: 'foreign', because: 'no_attempt' },
    ],
    [
      'is about no payment that we know yet',
      about('authorized', attemptIdOf('00000000-0000-4000-8000-000000000000', 1)),
      'stripe',
      { what: 'parked', because: 'no_payment' },
    ],
    [
      'is about an attempt that we have not made yet',
      about('authorized', attemptIdOf(SAMPLE_PAYMENT_ID, 2)),
      'stripe',
      { what: 'parked', because: 'no_payment' },
    ],
    ['comes from another PSP', about('authorized'), 'adyen', { what: 'foreign', because: 'another_psp' }],
    ['is not read', about('nothing'), 'stripe', { what: 'ignored', because: 'it is not read' }],
    [
      'tells of money that nobody here can place',
      about('money gone', 'pi_1'),
      'stripe',
      { what: 'ignored', because: 'nobody has asked for it', needsPerson: true },
    ],
  ])('that %s changes nothing; why is counted, and recorded once', async (_, told, psp, result) => {
    const { driver, send, notice, payment, results, asideOf } = setUp();
    await send(initiate());
    const before = await payment();
    const event = await notice(told, psp);
    await driver.handle(event);
    await driver.handle(event);
    expect(results).toStrictEqual([result, result]);
    expect(await payment()).toStrictEqual(before);
    const because = 'because' in result ? result.because : '';
    expect(await asideOf(event)).toStrictEqual([
      { type: 'WebhookNoticeSetAside', data: { as: result.what, because } },
    ]);
  });

  it('of money that the payment has no place for is a person’s, also where it is read again', async () => {
    const { driver, send, notice, results, asideOf } = setUp();
    await send(initiate({ captureMethod: 'manual' }));
    await driver.handle(await notice(about('authorized')));
    const event = await notice(about('captured too much'));
    await driver.handle(event);
    await driver.reread(event.stream);
    const aside = { as: 'ignored', because: 'it is of more than was held, or does not say of how much' };
    const unplaced = { what: aside.as, because: aside.because, needsPerson: true };
    expect(results.slice(1)).toStrictEqual([unplaced, unplaced]);
    expect(await asideOf(event)).toStrictEqual([{ type: 'WebhookNoticeSetAside', data: aside }]);
  });

  it('of a refund tells the refund, by the name of the PSP', async () => {
    const { driver, sendRefund, notice, results, log } = setUp();
    await sendRefund(initiateRefund());
    const event = await notice(about('refunded', operationId));
    await driver.handle(event);
    await driver.handle(event);
    expect(results).toStrictEqual([{ what: 'applied' }, { what: 'known' }]);
    const stream = refundStream(sampleRefundId());
    expect((await loadRefund(log, stream))?.refund.status).toBe('succeeded');
    const recorded = (await log.readStream(stream)).at(-1);
    expect(recorded?.metadata).toMatchObject({ actor: 'psp:stripe', correlationId: SAMPLE_PAYMENT_ID });
  });

  it.each<[string, Told, 'stripe' | 'adyen', NoticeResult]>([
    [
      'is of another try',
      about('refunded', refundReferenceOf(sampleRefundId(), 2)),
      'stripe',
      { what: 'parked', because: 'no_refund' },
    ],
    [
      'comes from another PSP',
      about('refunded', operationId),
      'adyen',
      { what: 'foreign', because: 'another_psp' },
    ],
    ['is not read', about('nothing', operationId), 'stripe', { what: 'ignored', because: 'it is not read' }],
  ])('of a refund that %s changes nothing', async (_, told, psp, result) => {
    const { driver, sendRefund, notice, results, log } = setUp();
    await sendRefund(initiateRefund());
    const before = (await log.readStream(refundStream(sampleRefundId()))).length;
    await driver.handle(await notice(told, psp));
    expect(results).toStrictEqual([result]);
    expect(await log.readStream(refundStream(sampleRefundId()))).toHaveLength(before);
  });

  it('that names a charge alone is about whose the PSP says it is', async () => {
    const { driver, send, notice, payment, results } = setUp();
    await send(initiate());
    await send(recordOutcome(outcomes.captured));
    await driver.handle(await notice(about('disputed', 'pi_1')));
    await driver.handle(await notice(about('disputed', 'pi_2')));
    expect(results).toStrictEqual([{ what: 'applied' }, { what: 'foreign', because: 'no_attempt' }]);
    expect((await payment())?.disputes).toMatchObject([{ status: 'open', reference: 'du_1' }]);
    const unsaid = driver.handle(await notice(about('disputed', 'pi_3')));
    await expect(unsaid).rejects.toThrow('nobody answers');
  });

  it('among many of one payment at once costs no read of its own', async () => {
    const { driver, send, notice, log, results, forget } = setUp();
    await send(initiate());
    forget(STREAM);
    const told = [...Array.from({ length: 100 }, (_, at) => `word ${at}`), 'declined'];
    const notices = await Promise.all(told.map((word) => notice(about(word))));
    const reads = jest.spyOn(log, 'readStream');
    await Promise.all(notices.map((event) => driver.handle(event)));
    expect(results.filter(({ what }) => what === 'ignored')).toHaveLength(100);
    expect(results).toContainEqual({ what: 'applied' });
    expect(reads.mock.calls.filter(([stream]) => stream === STREAM)).toHaveLength(2);
  });

  it('whose payment cannot be told is for another try', async () => {
    const { driver, send, notice, log, payment, results, forget } = setUp();
    await send(initiate());
    const event = await notice(about('declined'));
    forget(STREAM);
    jest.spyOn(log, 'readStream').mockRejectedValueOnce(new Error('the store is away'));
    await expect(driver.handle(event)).rejects.toThrow('the store is away');
    expect(results).toStrictEqual([]);
    await driver.handle(event);
    expect(await payment()).toMatchObject({ status: 'failed' });
  });
});

/** What merchant and replies have done before the notices come, and what the notices say. */
const STORIES: readonly {
  readonly name: string;
  readonly before: readonly PaymentCommand[];
  readonly told: readonly string[];
  readonly end: object;
}[] = [
  {
    name: 'a capture whose reply was lost',
    before: [
      initiate({ captureMethod: 'manual' }),
      recordOutcome(outcomes.authorized),
      {
        type: 'RequestCapture',
        data: {
          requestId: requestIdOf(SAMPLE_PAYMENT_ID, 'capture', 'key'),
          fingerprint: 'f',
          amountMinor: null,
        },
      },
    ],
    told: ['authorized', 'captured'],
    end: { status: 'succeeded', capturedMinor: 1099n },
  },
  {
    name: 'a cancel whose reply was lost',
    before: [
      initiate({ captureMethod: 'manual' }),
      recordOutcome(outcomes.authorized),
      {
        type: 'RequestCancel',
        data: { requestId: requestIdOf(SAMPLE_PAYMENT_ID, 'cancel', 'key'), fingerprint: 'f', reason: null },
      },
    ],
    told: ['authorized', 'canceled'],
    end: { status: 'canceled', capturedMinor: 0n },
  },
  {
    name: 'an attempt whose reply was lost, and that was never captured',
    before: [initiate({ captureMethod: 'manual' }), recordOutcome(outcomes.authorized)],
    told: ['authorized', 'expired', 'nothing'],
    end: { status: 'canceled', capturedMinor: 0n },
  },
  {
    name: 'a decline whose reply was lost',
    before: [initiate(), recordOutcome(outcomes.unknown)],
    told: ['declined', 'nothing'],
    end: { status: 'failed', capturedMinor: 0n },
  },
];

it.each(STORIES)('lesson 31: $name ends the same, however often and in any order', async (story) => {
  const orders = fc
    .array(fc.constantFrom(...story.told), { maxLength: 6 })
    .chain((copies) =>
      fc.shuffledSubarray([...story.told, ...copies], { minLength: story.told.length + copies.length }),
    );
  await fc.assert(
    fc.asyncProperty(orders, async (order) => {
      const { driver, send, notice, payment } = setUp();
      for (const command of story.before) await send(command);
      for (const news of order) await driver.handle(await notice(about(news)));
      expect(await payment()).toMatchObject(story.end);
    }),
    { numRuns: 50 },
  );
});

it('has a stream of its own, whatever characters its id has', () => {
  expect(webhookStream('adyen', 'A/ß:1'.repeat(200))).toMatch(/^webhook-adyen_[0-9a-f]{64}$/);
  expect(webhookStream('adyen', 'x')).not.toBe(webhookStream('stripe', 'x'));
  expect(webhookStream('stripe', 'x').startsWith(WEBHOOK_PREFIX)).toBe(true);
});
