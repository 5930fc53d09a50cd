import type {
  IdentifyOutcome,
  NoticeFields,
  NoticeSubject,
  NoticeTranslator,
  PaymentCommand,
  PspNews,
  RefundCommand,
} from '@tender/domain';
import {
  attemptIdOf,
  EVENT_CATALOG,
  partsOfRefundReference,
  refundReferenceOf,
  requestIdOf,
} from '@tender/domain';
import { createCodec, createMemoryEventLog, type RecordedEvent } from '@tender/eventstore';
import {
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  refunded,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import fc from 'fast-check';
import { paymentCommands } from '../payment/payment-commands';
import { loadPayment, paymentStream } from '../payment/payment-stream';
import { refundCommands } from '../refund/refund-commands';
import { loadRefund, refundStream } from '../refund/refund-stream';
import { WebhookDriver, type NoticeReader, type NoticeResult } from './webhook-driver';
import { webhookCommands, WEBHOOK_PREFIX, webhookStream } from './webhook-stream';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const AT = '2026-03-01T12:00:05.000Z';

/** Notices that say in so many words what they mean. */
interface Told {
  readonly attempt: string | null;
  readonly news: string;
}

const SAYINGS: Readonly<Record<string, PspNews>> = {
  authorized: { kind: 'authorization', outcome: outcomes.authorized },
  declined: { kind: 'authorization', outcome: outcomes.declined },
  captured: {
    kind: 'operation',
    operation: 'capture',
    pspReference: 'pi_1',
    rank: 1,
    outcome: { kind: 'succeeded', pspReference: 'pi_1', amountMinor: 1099n, occurredAt: AT },
  },
  canceled: {
    kind: 'operation',
    operation: 'cancel',
    pspReference: 'pi_1',
    rank: 1,
    outcome: { kind: 'succeeded', pspReference: 'pi_1', amountMinor: null, occurredAt: AT },
  },
  expired: { kind: 'expired', pspReference: 'pi_1', occurredAt: AT },
  disputed: {
    kind: 'dispute',
    fact: {
      disputeReference: 'du_1',
      stage: 'opened',
      amountMinor: 1099n,
      currency: 'USD',
      fee: null,
      reason: 'fraudulent',
      networkReasonCode: null,
      evidenceDueBy: null,
      occurredAt: AT,
      rank: 2,
    },
  },
  nothing: { kind: 'ignored', because: 'it is not read' },
};

const operationId = refundReferenceOf(sampleRefundId(), 1);
const CHARGES: Readonly<Record<string, IdentifyOutcome>> = {
  pi_1: { kind: 'ours', attemptId: SAMPLE_ATTEMPT_ID },
  pi_2: { kind: 'foreign' },
};

/** An attempt's id, a charge's reference, or a try's of a refund. */
function subjectNamed(name: string): NoticeSubject {
  const refund = partsOfRefundReference(name);
  if (refund !== undefined) return { kind: 'refund', refundId: refund.refundId, operationId: name };
  return name.startsWith('pi_')
    ? { kind: 'charge', pspReference: name }
    : { kind: 'attempt', attemptId: name };
}

const plainWords: NoticeTranslator = {
  psp: 'stripe',
  subjectOf: ({ attempt }) => (attempt === null ? null : subjectNamed(attempt as string)),
  translateRefund: ({ news }) =>
    news === 'refunded'
      ? { kind: 'refund', pspReference: 'psp_refund_1', outcome: refunded(), rank: 1 }
      : { kind: 'ignored', because: 'it is not read' },
  translate: ({ news }) => SAYINGS[String(news)] ?? { kind: 'ignored', because: 'unknown word' },
};

function setUp() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const deps = { log, clock, chance: seededChance(1) };
  const commands = paymentCommands(deps);
  const refunds = refundCommands(deps);
  const inbox = webhookCommands(deps);
  const results: NoticeResult[] = [];
  const reader: NoticeReader = {
    translator: plainWords,
    settlesAfterMs: 0,
    identify: ({ pspReference }) =>
      Promise.resolve(CHARGES[pspReference] ?? { kind: 'unavailable', detail: 'nobody answers' }),
  };
  const driver = new WebhookDriver({
    log,
    commands,
    refunds,
    readers: { stripe: reader, adyen: reader },
    chance: deps.chance,
    report: (_, result) => results.push(result),
  });
  let ids = 0;
  const context = () => ({
    commandId: `c-${(ids += 1)}`,
    correlationId: 'c',
    causationId: 'c',
    actor: 'test',
  });
  return {
    log,
    driver,
    results,
    send: (command: PaymentCommand) => commands.handle(STREAM, command, context()),
    sendRefund: (command: RefundCommand) =>
      refunds.handle(refundStream(sampleRefundId()), command, context()),
    /** The stored event of a notice. */
    async notice(told: Told, psp: 'stripe' | 'adyen' = 'stripe'): Promise<RecordedEvent> {
      const noticeId = `${told.news} of ${told.attempt}`;
      const data = { psp, noticeId, fields: { ...told } as NoticeFields, bodySha256: '00' };
      await inbox.handle(webhookStream(psp, noticeId), { type: 'ReceiveNotice', data }, context());
      const [event] = await log.readStream(webhookStream(psp, noticeId));
      if (event === undefined) throw new Error('the notice is not stored');
      return event;
    },
    payment: async () => (await loadPayment(log, STREAM))?.payment,
  };
}

const about = (news: string, attempt: string | null = SAMPLE_ATTEMPT_ID): Told => ({ attempt, news });

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
      'is about no payment of ours',
      about('authorized', attemptIdOf('00000000-0000-4000-8000-000000000000', 1)),
      'stripe',
      { what: 'foreign', because: 'no_payment' },
    ],
    [
      'is about an attempt that we never made',
      about('authorized', attemptIdOf(SAMPLE_PAYMENT_ID, 2)),
      'stripe',
      { what: 'foreign', because: 'no_payment' },
    ],
    ['comes from another PSP', about('authorized'), 'adyen', { what: 'foreign', because: 'another_psp' }],
    ['is not read', about('nothing'), 'stripe', { what: 'ignored', because: 'it is not read' }],
  ])('that %s changes nothing, and is counted by why', async (_, told, psp, result) => {
    const { driver, send, notice, payment, results } = setUp();
    await send(initiate());
    const before = await payment();
    await driver.handle(await notice(told, psp));
    expect(results).toStrictEqual([result]);
    expect(await payment()).toStrictEqual(before);
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
      { what: 'foreign', because: 'no_refund' },
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
    const event = await notice(told, psp);
    const recorded = log.store.size;
    await driver.handle(event);
    expect(results).toStrictEqual([result]);
    expect(log.store.size).toBe(recorded);
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

  it('whose payment cannot be told is for another try', async () => {
    const { driver, send, notice, log, payment, results } = setUp();
    await send(initiate());
    const event = await notice(about('declined'));
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

it.each(STORIES)('$name ends the same, however often and in whatever order it is told', async (story) => {
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
