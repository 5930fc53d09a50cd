import { Driven, errorOf } from './driven-by-sdk';
import { RESULTS_AFTER_MS } from '../results-after.fixture';

let driven: Driven;
beforeAll(async () => {
  driven = await Driven.start();
});
beforeEach(() => driven.control('POST', 'reset'));
afterAll(() => driven.simulator.stop());

const refundRows = async () => (await driven.truth()).filter(({ kind }) => kind === 'refund');

it('gives back all that is left unless told how much, and says how much is gone', async () => {
  const paid = await driven.charge('k');
  const part = await driven.stripe.refunds.create(
    { payment_intent: paid.id, amount: 99, reason: 'duplicate', metadata: { refund: 're_ours_1' } },
    { idempotencyKey: 'r1' },
  );
  expect(part).toMatchObject({
    object: 'refund',
    amount: 99,
    currency: 'usd',
    status: 'succeeded',
    reason: 'duplicate',
    payment_intent: paid.id,
    charge: paid.latest_charge,
    metadata: { refund: 're_ours_1' },
  });
  const rest = await driven.stripe.refunds.create({ charge: paid.latest_charge as string });
  expect(rest.amount).toBe(1000);
  const after = await driven.stripe.paymentIntents.retrieve(paid.id, { expand: ['latest_charge'] });
  expect(after).toMatchObject({
    status: 'succeeded',
    latest_charge: { amount_refunded: 1099, refunded: true },
  });
  expect(await refundRows()).toMatchObject([
    {
      reference: paid.id,
      our_reference: 're_ours_1',
      idempotency_key: 'r1',
      amount: 99,
      status: 'succeeded',
    },
    { reference: paid.id, our_reference: null, amount: 1000, status: 'succeeded' },
  ]);
});

it('says what a refund did to the balance: a failure puts back what was taken', async () => {
  const { id: payment_intent } = await driven.charge('k', { payment_method: 'pm_card_refundFail' });
  const { id, balance_transaction, failure_balance_transaction } = await driven.stripe.refunds.create({
    payment_intent,
  });
  expect([typeof balance_transaction, failure_balance_transaction]).toEqual(['string', null]);
  await driven.advance(RESULTS_AFTER_MS);
  const failed = await driven.stripe.refunds.retrieve(id);
  expect(failed).toMatchObject({ status: 'failed', balance_transaction });
  expect(typeof failed.failure_balance_transaction).toBe('string');
});

it('refuses more than is left, and anything once nothing is', async () => {
  const paid = await driven.charge('k');
  const give = (amount?: number) =>
    driven.stripe.refunds.create({ payment_intent: paid.id, ...(amount !== undefined && { amount }) });
  const over = await errorOf(give(1100));
  expect(over).toMatchObject({ statusCode: 400, rawType: 'invalid_request_error', param: 'amount' });
  await give(1098);
  expect((await errorOf(give(2))).statusCode).toBe(400);
  await give(1);
  expect(await errorOf(give(1))).toMatchObject({ statusCode: 400, code: 'charge_already_refunded' });
  expect((await refundRows()).map(({ amount }) => amount)).toEqual([1098, 1]);
});

it('a partly captured payment gives back no more than was captured', async () => {
  const held = await driven.charge('k', { capture_method: 'manual' });
  expect((await errorOf(driven.stripe.refunds.create({ payment_intent: held.id }))).statusCode).toBe(400);
  await driven.stripe.paymentIntents.capture(held.id, { amount_to_capture: 600 });
  const over = driven.stripe.refunds.create({ payment_intent: held.id, amount: 601 });
  expect((await errorOf(over)).statusCode).toBe(400);
  expect((await driven.stripe.refunds.create({ payment_intent: held.id })).amount).toBe(600);
});

it.each([
  [{}, 400, 'parameter_missing'],
  [{ payment_intent: 'pi_none' }, 404, 'resource_missing'],
  [{ charge: 'ch_none' }, 404, 'resource_missing'],
  [{ payment_intent: 'pi_none', amount: 0 }, 400, 'parameter_invalid_integer'],
  [{ payment_intent: 'pi_none', shoe_size: 44 }, 400, 'parameter_unknown'],
])('refuses %j', async (params, statusCode, code) => {
  expect(await errorOf(driven.stripe.refunds.create(params))).toMatchObject({ statusCode, code });
});

it('the same key gives back once, whatever became of the answer', async () => {
  const paid = await driven.charge('k');
  const give = () =>
    driven.stripe.refunds.create({ payment_intent: paid.id, amount: 500 }, { idempotencyKey: 'r' });
  await driven.failNext('refund', 'reset_after_commit');
  await errorOf(give());
  const again = await give();
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true');
  expect(await refundRows()).toMatchObject([{ idempotency_key: 'r', amount: 500 }]);
  expect((await driven.stripe.refunds.retrieve(again.id)).amount).toBe(500);
  expect(await errorOf(driven.stripe.refunds.retrieve('re_none'))).toMatchObject({ statusCode: 404 });
});

it('lists the newest first, by payment and by charge, with cursors', async () => {
  const [one, other] = [await driven.charge('a'), await driven.charge('b')];
  const made: string[] = [];
  for (const [n, { id }] of [one, other, one, one].entries()) {
    made.unshift((await driven.stripe.refunds.create({ payment_intent: id, amount: n + 1 })).id);
  }
  const ids = async (params: object) => (await driven.stripe.refunds.list(params)).data.map(({ id }) => id);
  expect(await ids({})).toEqual(made);
  expect(await ids({ payment_intent: other.id })).toEqual([made[2]]);
  expect(await ids({ charge: one.latest_charge as string })).toEqual([made[0], made[1], made[3]]);
  const seen: string[] = [];
  for await (const { id } of driven.stripe.refunds.list({ limit: 2, payment_intent: one.id })) seen.push(id);
  expect(seen).toEqual([made[0], made[1], made[3]]);
  const unknown = await errorOf(driven.stripe.refunds.list({ starting_after: 're_none' }));
  expect(unknown).toMatchObject({ statusCode: 400, code: 'resource_missing' });
});

it('a refund that settles late is pending until then', async () => {
  const paid = await driven.charge('k', { payment_method: 'pm_card_pendingRefund' });
  const made = await driven.stripe.refunds.create({ payment_intent: paid.id });
  expect(made.status).toBe('pending');
  await driven.advance(RESULTS_AFTER_MS);
  expect((await driven.stripe.refunds.retrieve(made.id)).status).toBe('succeeded');
  expect(await refundRows()).toMatchObject([{ status: 'succeeded' }]);
  expect(await driven.happened()).toEqual([
    'payment_intent.succeeded',
    'refund.created',
    'charge.refunded',
    'refund.updated',
  ]);
});

it('a refund that fails late gives its amount back to the balance', async () => {
  const paid = await driven.charge('k', { payment_method: 'pm_card_refundFail' });
  const made = await driven.stripe.refunds.create({ payment_intent: paid.id });
  expect(made.status).toBe('succeeded');
  await driven.advance(RESULTS_AFTER_MS);
  expect(await driven.stripe.refunds.retrieve(made.id)).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
  });
  expect((await driven.happened()).slice(-2)).toEqual(['refund.updated', 'refund.failed']);
  expect((await driven.stripe.refunds.create({ payment_intent: paid.id })).amount).toBe(1099);
});

it('the truth counts refunds in ISO minor units, too', async () => {
  const paid = await driven.charge('k', { currency: 'isk', amount: 500 });
  await driven.stripe.refunds.create({ payment_intent: paid.id, amount: 300 });
  expect(await refundRows()).toMatchObject([{ amount: 3, currency: 'ISK' }]);
});
