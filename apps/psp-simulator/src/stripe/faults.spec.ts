import { FAULT_KINDS } from '../faults';
import { Driven, errorOf, sdkFor } from './driven-by-sdk';

/** What the client of one charge saw, what the PSP holds afterwards, and what the same request gets when sent again. */
interface Case {
  readonly fault: string;
  readonly seen: { readonly statusCode?: number; readonly code?: string };
  readonly charged: 0 | 1;
  readonly again: 'replayed' | 'executed' | 500;
}

const RESET = 'SEEN_ECONNRESET';
const cases: readonly Case[] = [
  { fault: 'timeout_before', seen: { code: 'SEEN_ETIMEDOUT' }, charged: 0, again: 'executed' },
  { fault: 'timeout_after_commit', seen: { code: 'SEEN_ETIMEDOUT' }, charged: 1, again: 'replayed' },
  { fault: 'reset_before', seen: { code: RESET }, charged: 0, again: 'executed' },
  { fault: 'reset_after_commit', seen: { code: RESET }, charged: 1, again: 'replayed' },
  { fault: '500_after_commit', seen: { statusCode: 500 }, charged: 1, again: 500 },
  { fault: '500_stored_not_executed', seen: { statusCode: 500 }, charged: 0, again: 500 },
  { fault: '500_not_executed', seen: { statusCode: 500 }, charged: 0, again: 'executed' },
  { fault: '429', seen: { statusCode: 429, code: 'rate_limit' }, charged: 0, again: 'executed' },
  {
    fault: '429_lock_timeout',
    seen: { statusCode: 429, code: 'lock_timeout' },
    charged: 0,
    again: 'executed',
  },
  { fault: '409', seen: { statusCode: 409, code: 'idempotency_key_in_use' }, charged: 0, again: 'executed' },
];

describe('the fault script', () => {
  let driven: Driven;
  beforeAll(async () => {
    driven = await Driven.start({ seed: 7 });
  });
  beforeEach(() => driven.control('POST', 'reset'));
  afterAll(() => driven.simulator.stop());

  const chargeRows = async (): Promise<number> => (await driven.truth()).length;

  it.each(cases)('$fault: the client is left with it, the truth is apart', async (one) => {
    await driven.failNext('authorize', one.fault);
    const error = await errorOf(driven.charge('k'));
    const { code } = (error.detail ?? error) as unknown as { code?: string };
    expect({ statusCode: error.statusCode, code: error.code ?? code }).toMatchObject(one.seen);
    expect(await chargeRows()).toBe(one.charged);
    expect(await driven.faultCounts()).toEqual({ [one.fault]: 1 });

    const again = await driven.charge('k').then(
      (intent) => (intent.lastResponse.headers['idempotent-replayed'] === 'true' ? 'replayed' : 'executed'),
      (late: unknown) => (late as { statusCode: number }).statusCode,
    );
    expect(again).toBe(one.again);
    expect(await chargeRows()).toBe(again === 500 ? one.charged : 1);
  });

  it('slow executes only after the delay: a client that gave up and looks finds nothing yet', async () => {
    await driven.failNext('authorize', 'slow:3000');
    driven.patience.endsSoon();
    expect((await errorOf(driven.charge('late'))).detail).toMatchObject({ code: 'SEEN_ETIMEDOUT' });
    expect((await driven.stripe.paymentIntents.list()).data).toEqual([]);
    let rows = 0;
    while (rows === 0) rows = await chargeRows();
    expect(rows).toBe(1);
    expect((await driven.charge('late')).lastResponse.headers['idempotent-replayed']).toBe('true');
  });

  it('stale hides what was created of late from a list, not from a lookup', async () => {
    const intent = await driven.charge('new');
    await driven.failNext('list', 'stale:60000');
    expect((await driven.stripe.paymentIntents.list()).data).toEqual([]);
    expect((await driven.stripe.paymentIntents.list()).data).toHaveLength(1);
    expect((await driven.stripe.paymentIntents.retrieve(intent.id)).status).toBe('succeeded');
  });

  it('strikes the named operation only, as often as told', async () => {
    await driven.failNext('capture', '429', 2);
    const held = await driven.charge('hold', { capture_method: 'manual' });
    const capture = (): Promise<{ status: string }> => driven.stripe.paymentIntents.capture(held.id);
    expect((await errorOf(capture())).statusCode).toBe(429);
    expect((await errorOf(capture())).statusCode).toBe(429);
    expect((await capture()).status).toBe('succeeded');
  });

  it('knows a create without a charge, an update, a cancel and a lookup by name', async () => {
    const { paymentIntents } = driven.stripe;
    const intent = await paymentIntents.create({ amount: 100, currency: 'eur' });
    const calls: [string, () => Promise<unknown>][] = [
      ['create', () => paymentIntents.create({ amount: 100, currency: 'eur' })],
      ['update', () => paymentIntents.update(intent.id, { description: 'x' })],
      ['authorize', () => paymentIntents.confirm(intent.id, { payment_method: 'pm_card_visa' })],
      ['cancel', () => paymentIntents.cancel(intent.id)],
      ['lookup', () => paymentIntents.retrieve(intent.id)],
      ['list', () => paymentIntents.list()],
      ['any', () => paymentIntents.list()],
    ];
    for (const [op, call] of calls) {
      await driven.failNext(op, '429');
      expect([op, (await errorOf(call())).statusCode]).toEqual([op, 429]);
    }
  });

  it('is asked for by one request in a header, every time, or in metadata, once a key', async () => {
    const { paymentIntents } = driven.stripe;
    const params = { amount: 100, currency: 'usd', payment_method: 'pm_card_visa', confirm: true };
    const withHeader = (): Promise<unknown> =>
      paymentIntents.create(params, { idempotencyKey: 'h', headers: { 'X-Sim-Fault': '500_not_executed' } });
    expect((await errorOf(withHeader())).statusCode).toBe(500);
    expect((await errorOf(withHeader())).statusCode).toBe(500);

    const marked = { metadata: { sim_fault: 'reset_before', attempt: 'att_1' } };
    expect((await errorOf(driven.charge('m', marked))).detail).toMatchObject({ code: RESET });
    const sent = await driven.charge('m', marked);
    expect(sent.metadata).toEqual({ attempt: 'att_1' });
  });

  it('repeats its choices for the same seed and differs for another', async () => {
    const outcomes = async (seed: number): Promise<number[]> => {
      await driven.control('PUT', 'faults', { seed, rates: { '429': 0.3, '500_not_executed': 0.3 } });
      const codes: number[] = [];
      for (let n = 0; n < 30; n += 1) {
        const call = driven.stripe.paymentIntents.list({ limit: 1 });
        codes.push(
          await call.then(
            () => 200,
            (error: unknown) => (error as { statusCode: number }).statusCode,
          ),
        );
      }
      return codes;
    };
    const first = await outcomes(42);
    expect(await outcomes(42)).toEqual(first);
    expect(await outcomes(43)).not.toEqual(first);
    expect(new Set(first)).toEqual(new Set([200, 429, 500]));
  });

  it('keeps its rates to the operations that it names', async () => {
    await driven.control('PUT', 'faults', { rates: { '429': 1 }, ops: ['authorize'] });
    expect((await driven.stripe.paymentIntents.list()).data).toEqual([]);
    expect((await errorOf(driven.charge('k'))).statusCode).toBe(429);
  });

  it('shows the script and keeps the counts when it is replaced, until a reset', async () => {
    await driven.failNext('authorize', '429', 3);
    await errorOf(driven.charge('k'));
    expect(await driven.control('GET', 'faults')).toMatchObject({
      next: [{ op: 'authorize', fault: '429', times: 2 }],
      counts: { '429': 1 },
    });
    await driven.control('PUT', 'faults', {});
    expect(await driven.control('GET', 'faults')).toMatchObject({
      next: [],
      rates: {},
      counts: { '429': 1 },
    });
    await driven.control('POST', 'reset');
    expect(await driven.faultCounts()).toEqual({});
  });

  it.each([
    [{ rates: { nonsense: 0.5 } }],
    [{ rates: { '429': 1.5 } }],
    [{ rates: { '429': 0.6, '409': 0.6 } }],
    [{ next: [{ op: 'authorize', fault: 'slow' }] }],
    [{ next: [{ op: 'authorize', fault: '429:100' }] }],
    [{ next: [{ op: 'authorize', fault: '429', times: 0 }] }],
    [{ next: [{ op: 'connect', fault: '429' }] }],
    [{ seed: 'x' }],
    [{ next: 'all' }],
  ])('refuses the script %j and keeps the one it had', async (script) => {
    await driven.failNext('authorize', '409');
    await expect(driven.control('PUT', 'faults', script)).rejects.toThrow('message');
    expect(await driven.control('GET', 'faults')).toMatchObject({ next: [{ fault: '409' }] });
  });

  it('has a test for each of its faults', () => {
    const tested = [...cases.map((one) => one.fault), 'refused', 'slow', 'stale'];
    expect(tested.toSorted()).toEqual([...FAULT_KINDS].toSorted());
  });
});

describe('a refused connection', () => {
  let driven: Driven;
  beforeEach(async () => {
    driven = await Driven.start();
  });
  afterEach(() => driven.simulator.stop());

  /** A new client: the old one may not have noticed yet that its connections are gone. */
  const freshlySeen = async (): Promise<unknown> =>
    (await errorOf(sdkFor(driven.simulator.port).paymentIntents.list())).detail;

  it('is cut unread, and the port stays closed for a while', async () => {
    await driven.failNext('authorize', 'refused:300');
    expect((await errorOf(driven.charge('k'))).detail).toMatchObject({ code: RESET });
    expect(await freshlySeen()).toMatchObject({ code: 'SEEN_ECONNREFUSED' });
    await untilAccepted(driven);
    expect(await driven.truth()).toEqual([]);
    expect(await driven.faultCounts()).toEqual({ refused: 1 });
    expect((await driven.charge('k')).status).toBe('succeeded');
  });

  it('can be ordered for the port at once, so that not one request is read', async () => {
    await driven.control('PUT', 'faults', { next: [{ op: 'connect', fault: 'refused:300' }] });
    expect(await freshlySeen()).toMatchObject({ code: 'SEEN_ECONNREFUSED' });
    await untilAccepted(driven);
    expect(await driven.faultCounts()).toEqual({ refused: 1 });
  });
});

/** The port opens again by itself; a fresh client, because the old one may still hold a dead connection. */
async function untilAccepted(driven: Driven): Promise<void> {
  for (;;) {
    try {
      await sdkFor(driven.simulator.port).paymentIntents.list();
      return;
    } catch {
      // still closed
    }
  }
}
