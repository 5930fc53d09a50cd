import type Stripe from 'stripe';
import { DISPUTE_FEE } from './dispute-json';
import { Driven } from './driven-by-sdk';
import { RESULTS_AFTER_MS } from '../results-after.fixture';

let driven: Driven;
beforeAll(async () => {
  driven = await Driven.start();
});
beforeEach(() => driven.control('POST', 'reset'));
afterAll(() => driven.simulator.stop());

const disputedBy = (payment_method: string) =>
  driven.charge('k', { payment_method, metadata: { attempt: 'att_1' } });
const pass = () => driven.advance(RESULTS_AFTER_MS);
const disputeRows = async () => (await driven.truth()).filter(({ kind }) => kind === 'dispute');
const told = async (): Promise<readonly Stripe.Event[]> =>
  (await driven.stripe.events.list({ limit: 100 })).data
    .filter(({ type }) => type.startsWith('charge.dispute.'))
    .toReversed();
const types = (events: readonly Stripe.Event[]) =>
  events.map(({ type }) => type.slice('charge.dispute.'.length));

const TAKEN = ['created', 'funds_withdrawn'];

it.each<[string, readonly string[], readonly string[], string]>([
  ['pm_card_createDispute', TAKEN, [], 'pending'],
  ['pm_card_createDisputeProductNotReceived', TAKEN, [], 'pending'],
  ['pm_card_createDisputeWon', TAKEN, ['funds_reinstated', 'closed'], 'failed'],
  ['pm_card_createDisputeLost', TAKEN, ['closed'], 'succeeded'],
  ['pm_card_createDisputeInquiry', ['created'], [], 'pending'],
  ['pm_card_createDisputeInquiryClosed', ['created'], ['closed'], 'canceled'],
])(
  '%s is disputed a while after the money was taken, and ends by its script',
  async (token, begin, end, status) => {
    await disputedBy(token);
    expect(await told()).toEqual([]);
    expect(await disputeRows()).toEqual([]);
    await pass();
    expect(types(await told())).toEqual(begin);
    expect(await disputeRows()).toMatchObject([{ our_reference: 'att_1', amount: 1099, status: 'pending' }]);
    await pass();
    await pass();
    expect(types(await told())).toEqual([...begin, ...end]);
    expect(await disputeRows()).toMatchObject([{ status }]);
  },
);

it('tells each step also when the clock is moved over all of them at once', async () => {
  await disputedBy('pm_card_createDisputeWon');
  await driven.advance(10 * RESULTS_AFTER_MS);
  expect(types(await told())).toEqual([...TAKEN, 'funds_reinstated', 'closed']);
});

it('shows the dispute as Stripe does: of the charge, with what it did to the balance, and nothing of ours', async () => {
  const paid = await disputedBy('pm_card_createDisputeWon');
  await pass();
  await pass();
  const [created, withdrawn, reinstated, closed] = (await told()).map(
    ({ data }) => data.object as unknown as Stripe.Dispute,
  );
  expect(created).toMatchObject({
    object: 'dispute',
    amount: 1099,
    charge: paid.latest_charge,
    payment_intent: paid.id,
    status: 'needs_response',
    reason: 'fraudulent',
    metadata: {},
  });
  expect(withdrawn?.balance_transactions).toMatchObject([{ amount: -1099, fee: DISPUTE_FEE }]);
  expect(reinstated?.balance_transactions).toMatchObject([
    { amount: -1099 },
    { amount: 1099, fee: -DISPUTE_FEE },
  ]);
  expect(closed?.status).toBe('won');
});

it('an inquiry takes nothing', async () => {
  await disputedBy('pm_card_createDisputeInquiry');
  await pass();
  const [created] = (await told()).map(({ data }) => data.object as unknown as Stripe.Dispute);
  expect(created).toMatchObject({ status: 'warning_needs_response', balance_transactions: [] });
});

it.each([
  ['open', 'pm_card_createDispute', 1, 'charge_disputed'],
  ['lost', 'pm_card_createDisputeLost', 2, 'charge_disputed'],
  ['won', 'pm_card_createDisputeWon', 2, 'succeeded'],
  ['an inquiry', 'pm_card_createDisputeInquiry', 1, 'succeeded'],
])('a refund of a charge whose dispute is %s', async (_name, token, passes, end) => {
  const { id: payment_intent } = await disputedBy(token);
  for (let n = 0; n < passes; n += 1) await pass();
  const ended = await driven.stripe.refunds.create({ payment_intent }).then(
    ({ status }) => status,
    (error: unknown) => (error as Stripe.errors.StripeError).code,
  );
  expect(ended).toBe(end);
});

it('of what was held, nothing is disputed before it is captured, and then what was captured', async () => {
  const held = await driven.charge('k', {
    payment_method: 'pm_card_createDispute',
    capture_method: 'manual',
  });
  await pass();
  expect(await told()).toEqual([]);
  await driven.stripe.paymentIntents.capture(held.id, { amount_to_capture: 500 });
  await pass();
  expect(await disputeRows()).toMatchObject([{ amount: 500 }]);
});
