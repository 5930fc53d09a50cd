import { randomUUID } from 'node:crypto';
import { ApiClient, type Json } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth } from '../stack/psp-truth';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

let stack: LocalStack;
let api: ApiClient;
let psp: PspTruth;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
  psp = new PspTruth(stack.running.stripeUrl);
}, STACK_HOOK_TIMEOUT_MS);
afterEach(() => psp.heal());

const newKey = (): string => `first-${randomUUID()}`;
const paid = async (more: Json = {}): Promise<ReturnType<typeof api.payment>> =>
  (await api.pay(newKey(), { ...VISA, ...more })).payment();

describe('a payment by card', () => {
  it('is answered 201 with exactly the object of the contract, once the PSP has the money', async () => {
    const sent = {
      ...VISA,
      customer_id: 'cus_77',
      description: 'Two books',
      statement_descriptor: 'TENDER SHOP',
      metadata: { order: 'A-17' },
    };
    const answer = await api.pay(newKey(), sent);
    expect(answer.status).toBe(201);
    expect(answer.replayed).toBe(false);
    const payment = answer.payment();
    expect(payment).toStrictEqual({
      object: 'payment',
      id: matching(/^pay_[0-9a-f]{32}$/),
      status: 'succeeded',
      amount: 1099,
      currency: 'USD',
      amount_capturable: 0,
      amount_captured: 1099,
      amount_refunded: 0,
      amount_refund_pending: 0,
      capture_method: 'automatic',
      payment_method: 'pm_card_visa',
      customer_id: 'cus_77',
      description: 'Two books',
      next_action: null,
      failure: null,
      attempts: [
        {
          id: matching(/^att_[0-9a-f]{34}$/),
          number: 1,
          psp: 'stripe',
          status: 'succeeded',
          psp_reference: matching(/^pi_/),
          decline: null,
          started_at: matching(TIME),
          finished_at: matching(TIME),
        },
      ],
      metadata: { order: 'A-17' },
      created_at: matching(TIME),
      updated_at: matching(TIME),
      revision: expect.any(Number) as number,
    });
    expect(await psp.chargesOf(payment)).toMatchObject([
      { reference: payment.attempts[0]?.psp_reference, amount: 1099, currency: 'USD', status: 'succeeded' },
    ]);
  });

  it('is read back as it was answered, at its Location', async () => {
    const answer = await api.pay(newKey(), VISA);
    const location = answer.headers.get('location') ?? '';
    expect(location).toBe(`/v1/payments/${answer.payment().id}`);
    expect((await api.get(location)).text).toBe(answer.text);
  });

  it('has its whole story in its events, in order', async () => {
    const payment = await paid();
    const events = (await api.get(`/v1/payments/${payment.id}/events`)).events();
    expect(events.map(({ type }) => type)).toStrictEqual([
      'PaymentInitiated',
      'AttemptStarted',
      'AttemptAuthorized',
      'PaymentCaptured',
    ]);
    expect(events.map(({ revision }) => revision)).toStrictEqual([0, 1, 2, 3]);
    expect(new Set(events.map(({ stream }) => stream)).size).toBe(1);
    expect(payment.revision).toBe(3);
  });

  it('is answered 202 at once to who does not wait, and found succeeded at the Location later', async () => {
    await psp.failNext('authorize', 'slow:1000');
    const answer = await api.pay(newKey(), VISA, { Prefer: 'wait=0' });
    expect(answer.status).toBe(202);
    expect(answer.payment()).toMatchObject({ status: 'processing', amount_captured: 0 });
    const location = answer.headers.get('location') ?? '';
    const { id } = answer.payment();
    expect(location).toBe(`/v1/payments/${id}`);
    const later = await api.paymentWhen(id, ({ status }) => status !== 'processing');
    expect(later.status).toBe('succeeded');
    expect(await psp.chargesOf(later)).toHaveLength(1);
  });

  it('that is declined is a recorded result with its reason, and nothing is charged', async () => {
    const answer = await api.pay(newKey(), {
      ...VISA,
      payment_method: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    });
    expect(answer.status).toBe(201);
    const payment = answer.payment();
    const reason = { code: 'insufficient_funds', category: 'soft_decline' };
    expect(payment).toMatchObject({ status: 'failed', amount_captured: 0, failure: reason });
    expect(payment.attempts).toMatchObject([{ status: 'declined', decline: reason }]);
    expect(await psp.chargesOf(payment)).toMatchObject([{ status: 'failed' }]);
  });

  it('that needs the buyer says where to send him', async () => {
    const payment = await paid({
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: 'https://shop.example/return',
    });
    expect(payment).toMatchObject({
      status: 'requires_action',
      amount_captured: 0,
      next_action: { type: 'redirect', url: matching(/^https?:\/\/\S+$/) },
      attempts: [{ status: 'requires_action' }],
    });
    expect((await fetch(payment.next_action?.url ?? '')).status).toBe(200);
    expect(await psp.chargesOf(payment)).toMatchObject([{ status: 'requires_action' }]);
  });

  it('to be captured by hand is authorised and not taken', async () => {
    const payment = await paid({ capture_method: 'manual' });
    expect(payment).toMatchObject({
      status: 'requires_capture',
      amount_capturable: 1099,
      amount_captured: 0,
      attempts: [{ status: 'authorized' }],
    });
    expect(await psp.chargesOf(payment)).toMatchObject([{ status: 'requires_capture' }]);
  });

  it('whose PSP accepts no connection was not sent: it failed, and nothing is charged', async () => {
    await psp.failNext('connect', 'refused:1500');
    const payment = await paid();
    expect(payment).toMatchObject({
      status: 'failed',
      amount_captured: 0,
      failure: { category: 'not_charged' },
      attempts: [{ status: 'not_sent', psp_reference: null }],
    });
    // the port is closed for a while: who asks too early is refused, too
    let charges: unknown;
    while (charges === undefined) charges = await psp.chargesOf(payment).catch(() => undefined);
    expect(charges).toStrictEqual([]);
  });
});

describe('the list of payments', () => {
  const customer = `cus_${randomUUID()}`;
  const AMOUNTS = [500, 400, 300, 200, 100];
  const list = async (query: Record<string, string>) => {
    const answer = await api.get(
      `/v1/payments?${new URLSearchParams({ customer_id: customer, ...query }).toString()}`,
    );
    expect(answer.status).toBe(200);
    return answer.list();
  };
  const amountsOf = async (query: Record<string, string>): Promise<number[]> =>
    (await list(query)).data.map(({ amount }) => amount);

  beforeAll(async () => {
    for (const amount of [...AMOUNTS].reverse()) {
      const declined = amount === 300 ? { payment_method: 'pm_card_chargeDeclined' } : {};
      await api.pay(newKey(), { ...VISA, amount, customer_id: customer, ...declined });
    }
    const projected = async (): Promise<boolean> => {
      const { data } = await list({});
      return data.length === AMOUNTS.length && data.every(({ status }) => status !== 'processing');
    };
    while (!(await projected())) await new Promise((wake) => setTimeout(wake, 20));
  });

  it('is newest first and ends with no cursor', async () => {
    expect(await list({})).toMatchObject({
      object: 'list',
      data: AMOUNTS.map((amount) => ({ object: 'payment', amount })),
      next_cursor: null,
    });
  });

  it('comes in pages that miss and repeat nothing', async () => {
    const seen: number[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await list({ limit: '2', ...(cursor === '' ? {} : { cursor }) });
      expect(page.data.length).toBeLessThanOrEqual(2);
      seen.push(...page.data.map(({ amount }) => amount));
      cursor = page.next_cursor;
    }
    expect(seen).toStrictEqual(AMOUNTS);
  });

  it('is filtered by status, PSP and time', async () => {
    expect(await amountsOf({ status: 'failed' })).toStrictEqual([300]);
    expect(await amountsOf({ status: 'succeeded', psp: 'stripe' })).toStrictEqual([500, 400, 200, 100]);
    expect(await amountsOf({ psp: 'adyen' })).toStrictEqual([]);
    const middle = (await list({})).data[2] as unknown as { created_at: string };
    expect(await amountsOf({ created_after: middle.created_at })).toStrictEqual([500, 400]);
    expect(await amountsOf({ created_before: middle.created_at })).toStrictEqual([200, 100]);
  });
});

describe('every answer', () => {
  it('carries a Request-Id of its own, whatever it says', async () => {
    const answers = await Promise.all([
      api.get('/health/live'),
      api.get('/health/ready'),
      api.get('/metrics'),
      api.get('/openapi.json'),
      api.get('/v1/payments'),
      api.get('/v1/payments/pay_unknown'),
      api.get('/v1/nothing'),
      api.get('/v1/payments', { Authorization: 'Bearer sk_wrong' }),
      api.pay(newKey(), VISA),
      api.pay(newKey(), '{'),
      api.raw('nonsense\r\n\r\n'),
    ]);
    const ids = answers.map(({ headers }) => headers.get('request-id'));
    for (const id of ids) expect(id).toMatch(REQUEST_ID);
    expect(new Set(ids).size).toBe(answers.length);
  });
});
