import type { NoticeFields, PaymentCommand, PspName } from '@tender/domain';
import { balancesOf, EVENT_CATALOG, netOf, refundReferenceOf } from '@tender/domain';
import {
  loadPayment,
  loadRefund,
  paymentCommands,
  paymentStream,
  refundCommands,
  refundStream,
  WebhookDriver,
  webhookCommands,
  webhookStream,
  type NoticeResult,
} from '@tender/engine';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import { noticeReaders } from '@tender/nest';
import {
  initiate,
  initiateRefund,
  journalsOfStream,
  outcomes,
  recordOutcome,
  requestCancel,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
  VirtualClock,
} from '@tender/testing';

/*
 * What went wrong with webhooks in systems that people run, told by the PSPs' own notices as they are stored. Each test is
 * named after the lesson; the numbers are those of docs/lessons.md.
 */

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const AT_S = Date.parse('2026-03-01T12:00:01.000Z') / 1_000;
/** Accounts of the chart. */
const PSP_RECEIVABLE = '1110';
const DISPUTE_RECEIVABLE = '1150';
const REFUNDS_FAILED = '2015';
const PSP_FEES = '5100';
const CHARGEBACK_LOSSES = '5200';
const viaAdyen = initiate({
  candidates: [{ psp: 'adyen', token: 'adyen_card_ok', requestVersion: 1, reason: 'default order' }],
});

/** Two workers, as two processes are: with the same log and nothing else in common. */
function setUp() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const deps = { log, clock, chance: seededChance(1) };
  const results: NoticeResult[] = [];
  const identified = { kind: 'ours', attemptId: SAMPLE_ATTEMPT_ID } as const;
  const readers = noticeReaders({ byPsp: {} });
  const workerOf = () =>
    new WebhookDriver({
      ...deps,
      commands: paymentCommands(deps),
      refunds: refundCommands(deps),
      inbox: webhookCommands(deps),
      parked: { park: () => Promise.resolve(), release: () => Promise.resolve() },
      readers: {
        ...readers,
        stripe: { ...readers.stripe, identify: () => Promise.resolve(identified) },
      },
      report: (_, result) => results.push(result),
    });
  const workers = [workerOf(), workerOf()] as const;
  const payments = paymentCommands(deps);
  let ids = 0;
  const context = () => ({
    commandId: `c-${(ids += 1)}`,
    correlationId: 'c',
    causationId: 'c',
    actor: 'test',
  });
  const receive = (psp: PspName, noticeId: string, fields: NoticeFields) =>
    webhookCommands(deps).handle(
      webhookStream(psp, noticeId),
      { type: 'ReceiveNotice', data: { psp, noticeId, fields, bodySha256: '00' } },
      context(),
    );
  return {
    log,
    results,
    receive,
    send: (command: PaymentCommand) => payments.handle(STREAM, command, context()),
    async beginRefund() {
      await refundCommands(deps).handle(refundStream(sampleRefundId()), initiateRefund(), context());
    },
    /** The notice is stored, and read by both workers at once. */
    async tell(psp: PspName, noticeId: string, fields: NoticeFields): Promise<void> {
      await receive(psp, noticeId, fields);
      const [event] = await log.readStream(webhookStream(psp, noticeId));
      if (event === undefined) throw new Error('the notice is not stored');
      await Promise.all(workers.map((worker) => worker.handle(event)));
    },
    payment: async () => (await loadPayment(log, STREAM))?.payment,
    refund: async () => (await loadRefund(log, refundStream(sampleRefundId())))?.refund,
    typesIn: async (stream: string) => (await log.readStream(stream)).map(({ type }) => type),
    /** Debit less credit of an account, as a stream is booked. */
    async balanceOf(account: string, stream: string): Promise<bigint> {
      const events = (await log.readStream(stream)).map(({ type, data }) => ({ type, data }));
      return balancesOf(journalsOfStream(events, stream), 'account')
        .filter((row) => row.account === account)
        .reduce((sum, row) => sum + netOf(row), 0n);
    },
  };
}

const stripeEvent = (type: string, object: object, afterS = 1): NoticeFields => ({
  type,
  created: AT_S + afterS,
  data: { object },
});
const intent = (change: object = {}): object => ({
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 1099,
  amount_received: 1099,
  currency: 'usd',
  created: AT_S,
  latest_charge: 'ch_1',
  metadata: { attempt: SAMPLE_ATTEMPT_ID },
  ...change,
});
const dispute = (change: object = {}): object => ({
  id: 'du_1',
  object: 'dispute',
  amount: 1099,
  currency: 'usd',
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'needs_response',
  balance_transactions: [],
  metadata: {},
  ...change,
});
const refundObject = (change: object = {}): object => ({
  id: 're_1',
  object: 'refund',
  status: 'succeeded',
  amount: 400,
  currency: 'usd',
  balance_transaction: 'txn_1',
  created: AT_S + 1,
  metadata: { attempt: SAMPLE_ATTEMPT_ID, operation: refundReferenceOf(sampleRefundId(), 1) },
  ...change,
});
const adyenItem = (eventCode: string, change: object = {}): NoticeFields => ({
  merchantAccountCode: 'TenderECOM',
  eventCode,
  success: 'true',
  pspReference: 'NC6HT9CRT65ZGN82',
  originalReference: null,
  merchantReference: SAMPLE_ATTEMPT_ID,
  amount: { value: 1099, currency: 'USD' },
  eventDate: '2026-03-01T12:00:02+00:00',
  reason: null,
  paymentMethod: 'visa',
  additionalData: { cardSummary: '1111' },
  ...change,
});

describe('duplicates', () => {
  it('lesson 2: a dispute that is told twice at once is one dispute, and nobody fails', async () => {
    const { send, tell, payment, results } = setUp();
    await send(initiate());
    await send(recordOutcome(outcomes.captured));
    await Promise.all([
      tell('stripe', 'evt_1', stripeEvent('charge.dispute.created', dispute())),
      tell('stripe', 'evt_2', stripeEvent('charge.dispute.created', dispute())),
    ]);
    expect((await payment())?.disputes).toMatchObject([{ reference: 'du_1', status: 'open' }]);
    expect(results).toHaveLength(4);
  });

  it.each<[PspName, string, NoticeFields]>([
    ['stripe', 'a payment', stripeEvent('payment_intent.succeeded', intent())],
    ['stripe', 'a refund', stripeEvent('refund.updated', refundObject())],
    ['stripe', 'a dispute', stripeEvent('charge.dispute.created', dispute())],
    ['adyen', 'a payment', adyenItem('AUTHORISATION')],
    ['adyen', 'a dispute', adyenItem('CHARGEBACK', { originalReference: 'NC6HT9CRT65ZGN82' })],
  ])('lesson 2: a notice of %s about %s is one, before anybody asks what it says', async (psp, _, fields) => {
    const { log, receive, tell, results } = setUp();
    const answers = await Promise.all([1, 2].map(() => receive(psp, 'evt_1', fields)));
    expect(answers.map(({ kind }) => kind).sort()).toEqual(['nothing', 'recorded']);
    await tell(psp, 'evt_1', fields);
    expect(results.map(({ what }) => what)).toEqual(['parked', 'parked']);
    const types = (await log.readStream(webhookStream(psp, 'evt_1'))).map(({ type }) => type);
    expect(types).toEqual(['WebhookNoticeReceived', 'WebhookNoticeSetAside']);
  });

  it('lesson 22: one event that comes three times at once is stored once, and settles once', async () => {
    const { log, receive, send, tell, typesIn } = setUp();
    await send(initiate());
    const fields = stripeEvent('payment_intent.succeeded', intent());
    await Promise.all([1, 2, 3].map(() => receive('stripe', 'evt_1', fields)));
    await tell('stripe', 'evt_1', fields);
    expect(await log.readStream(webhookStream('stripe', 'evt_1'))).toHaveLength(1);
    expect((await typesIn(STREAM)).filter((type) => type === 'PaymentCaptured')).toHaveLength(1);
  });

  it('lesson 18: the webhook and the reply at once are one capture', async () => {
    const { send, tell, typesIn } = setUp();
    await send(initiate());
    await Promise.all([
      send(recordOutcome(outcomes.captured)),
      tell('stripe', 'evt_1', stripeEvent('payment_intent.succeeded', intent())),
    ]);
    const types = await typesIn(STREAM);
    expect(types.filter((type) => type === 'AttemptAuthorized')).toHaveLength(1);
    expect(types.filter((type) => type === 'PaymentCaptured')).toHaveLength(1);
  });
});

describe('late and out of order', () => {
  const approved = { ...outcomes.captured, pspReference: 'NC6HT9CRT65ZGN82' };

  it('lesson 23: a refusal with another reference, told after the success, changes nothing', async () => {
    const { send, tell, payment } = setUp();
    await send(viaAdyen);
    await send(recordOutcome(approved));
    const refused = { success: 'false', reason: 'Refused', pspReference: 'KNBFXHZ7KTZG5S82' };
    for (const eventDate of ['2026-03-01T12:00:00+00:00', '2026-03-01T12:10:00+00:00']) {
      await tell('adyen', eventDate, adyenItem('AUTHORISATION', { ...refused, eventDate }));
    }
    expect(await payment()).toMatchObject({ status: 'succeeded', capturedMinor: 1099n });
  });

  it('lesson 24: an offer that closes after the success takes nothing back', async () => {
    const { send, tell, payment, results } = setUp();
    await send(viaAdyen);
    await send(recordOutcome(approved));
    await tell('adyen', '1', adyenItem('OFFER_CLOSED', { eventDate: '2026-03-02T12:00:00+00:00' }));
    expect(await payment()).toMatchObject({ status: 'succeeded' });
    expect(results).toContainEqual({ what: 'ignored', because: 'OFFER_CLOSED is not read' });
  });

  it('lesson 21: what comes when all is over is known, and no error that the PSP has to repeat', async () => {
    const { send, tell, results } = setUp();
    await send(initiate());
    await send(recordOutcome(outcomes.declined));
    await tell(
      'stripe',
      'evt_1',
      stripeEvent(
        'payment_intent.payment_failed',
        intent({
          status: 'requires_payment_method',
          last_payment_error: { code: 'card_declined', decline_code: 'insufficient_funds' },
        }),
      ),
    );
    expect(results.map(({ what }) => what)).toEqual(['known', 'known']);
  });

  it('lesson 21: money that comes when the payment has failed is told, and on its way back', async () => {
    const { send, tell, typesIn, payment, results } = setUp();
    await send(initiate());
    await send(recordOutcome(outcomes.declined));
    await tell('stripe', 'evt_1', stripeEvent('payment_intent.succeeded', intent()));
    expect((await typesIn(STREAM)).slice(-2)).toEqual(['LateSuccessFound', 'ReversalStarted']);
    expect(await payment()).toMatchObject({ status: 'failed', capturedMinor: 0n });
    expect(results.map(({ what }) => what).sort()).toEqual(['applied', 'known']);
  });

  it('lesson 23: an approval of a payment that was canceled is let go', async () => {
    const { send, tell, typesIn, payment } = setUp();
    await send(viaAdyen);
    await send(requestCancel());
    await send(recordOutcome(outcomes.declined));
    expect(await payment()).toMatchObject({ status: 'canceled' });
    await tell('adyen', '1', adyenItem('AUTHORISATION'));
    expect((await typesIn(STREAM)).slice(-2)).toEqual(['LateSuccessFound', 'ReversalStarted']);
    expect(await payment()).toMatchObject({ status: 'canceled' });
  });

  it('lesson 23: a refusal of an earlier attempt, told again, says nothing of the one that is under way', async () => {
    const { send, tell, payment } = setUp();
    const stripe = { psp: 'stripe', token: 'pm_card_visa', requestVersion: 1, reason: 'after it' } as const;
    const adyen = {
      psp: 'adyen',
      token: 'adyen_card_ok',
      requestVersion: 1,
      reason: 'default order',
    } as const;
    await send(initiate({ candidates: [adyen, stripe] }));
    const refused = { success: 'false', reason: 'Refused' };
    await tell('adyen', '1', adyenItem('AUTHORISATION', refused));
    const later = { ...refused, pspReference: 'KNBFXHZ7KTZG5S82', eventDate: '2026-03-01T12:10:00+00:00' };
    await tell('adyen', '2', adyenItem('AUTHORISATION', later));
    expect((await payment())?.attempts).toMatchObject([{ status: 'declined' }, { status: 'started' }]);
  });
});

describe('what is taken back', () => {
  it('lesson 29: a refund that fails after it had succeeded is not effective any more', async () => {
    const { tell, beginRefund, refund, balanceOf } = setUp();
    await beginRefund();
    const stream = refundStream(sampleRefundId());
    await tell('stripe', 'evt_1', stripeEvent('refund.updated', refundObject()));
    expect(await refund()).toMatchObject({ status: 'succeeded' });
    expect(await balanceOf(REFUNDS_FAILED, stream)).toBe(0n);
    for (const id of ['evt_2', 'evt_3']) {
      await tell('stripe', id, stripeEvent('refund.failed', refundObject({ status: 'failed' }), 60));
    }
    expect(await refund()).toMatchObject({ status: 'failed' });
    expect(await balanceOf(REFUNDS_FAILED, stream)).toBe(-400n);
  });

  it('lesson 29: a dispute that is won is reflected, whichever of its events comes first', async () => {
    const events = [
      ['evt_1', stripeEvent('charge.dispute.created', dispute(), 10)],
      ['evt_2', stripeEvent('charge.dispute.funds_withdrawn', dispute(), 10)],
      ['evt_3', stripeEvent('charge.dispute.funds_reinstated', dispute({ status: 'won' }), 20)],
      ['evt_4', stripeEvent('charge.dispute.closed', dispute({ status: 'won' }), 20)],
    ] as const;
    for (const order of [events, events.toReversed()]) {
      const { send, tell, payment, balanceOf } = setUp();
      await send(initiate());
      await send(recordOutcome(outcomes.captured));
      for (const [id, fields] of order) await tell('stripe', id, fields);
      expect((await payment())?.disputes).toMatchObject([{ status: 'won' }]);
      expect(await balanceOf(DISPUTE_RECEIVABLE, STREAM)).toBe(0n);
      expect(await balanceOf(CHARGEBACK_LOSSES, STREAM)).toBe(0n);
    }
  });

  it('lesson 30: a payment is booked at once, although nobody knows its fee yet', async () => {
    const { send, tell, payment, balanceOf } = setUp();
    await send(initiate());
    const charge = { id: 'ch_1', object: 'charge', balance_transaction: null };
    await tell('stripe', 'evt_1', stripeEvent('payment_intent.succeeded', intent({ latest_charge: charge })));
    expect(await payment()).toMatchObject({ status: 'succeeded', capturedMinor: 1099n });
    expect(await balanceOf(PSP_RECEIVABLE, STREAM)).toBe(1099n);
    expect(await balanceOf(PSP_FEES, STREAM)).toBe(0n);
  });
});
