import type { NoticeFields, PspName } from '@tender/domain';
import { EVENT_CATALOG } from '@tender/domain';
import {
  loadPayment,
  MAX_REPLAY_FAILURES,
  paymentCommands,
  paymentStream,
  webhookCommands,
  webhookStream,
} from '@tender/engine';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import type { NoticeGateway } from '@tender/nest';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { EXIT } from '../exit-codes';
import { replayWebhooks, type ReplayWebhooksOptions } from './replay-webhooks';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const AT_S = Date.parse('2026-03-01T12:00:01.000Z') / 1_000;
const MINUTE_MS = 60_000;

const event = (type: string, object: object): NoticeFields => ({
  type,
  created: AT_S,
  data: { object },
});
const SUCCEEDED = event('payment_intent.succeeded', {
  id: 'pi_1',
  object: 'payment_intent',
  status: 'succeeded',
  amount: 1099,
  amount_received: 1099,
  currency: 'usd',
  created: AT_S,
  latest_charge: 'ch_1',
  metadata: { attempt: SAMPLE_ATTEMPT_ID },
});
const DISPUTED = event('charge.dispute.created', {
  id: 'du_1',
  object: 'dispute',
  amount: 1099,
  currency: 'usd',
  payment_intent: 'pi_1',
  reason: 'fraudulent',
  status: 'needs_response',
  balance_transactions: [],
  metadata: {},
});
const DREAMT_OF = event('payment_intent.dreamt_of', { metadata: { attempt: SAMPLE_ATTEMPT_ID } });

const ASKABLE: NoticeGateway = {
  lookupSettlesAfterMs: 0,
  identify: () => Promise.resolve({ kind: 'ours', attemptId: SAMPLE_ATTEMPT_ID }),
};

/** A payment, and an inbox that nobody has read. */
async function setUp() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const deps = { log, clock, chance: seededChance(1) };
  let ids = 0;
  const context = () => ({
    commandId: `c-${(ids += 1)}`,
    correlationId: 'c',
    causationId: 'c',
    actor: 'test',
  });
  const payments = paymentCommands(deps);
  await payments.handle(STREAM, initiate(), context());
  const replay = async (
    options: Partial<ReplayWebhooksOptions> = {},
    byPsp: Partial<Record<PspName, NoticeGateway>> = {},
  ) => {
    const said: string[] = [];
    const terminal = { out: (text: string) => said.push(text), aside: () => undefined, isWatched: false };
    const parked = { park: () => Promise.resolve(), release: () => Promise.resolve() };
    const work = { psp: undefined, fromMs: undefined, toMs: undefined, json: true, stopped: () => false };
    const code = await replayWebhooks({ log, parked, byPsp, clock }, terminal, { ...work, ...options });
    return { code, text: said.join('\n') };
  };
  return {
    log,
    clock,
    replay,
    /** What a replay says for programs. */
    told: async (...args: Parameters<typeof replay>) => {
      const { code, text } = await replay(...args);
      return { code, ...(JSON.parse(text) as { read: number; by_result: object; failed: object[] }) };
    },
    capture: () => payments.handle(STREAM, recordOutcome(outcomes.captured), context()),
    async receive(noticeId: string, fields: NoticeFields, psp: PspName = 'stripe'): Promise<void> {
      const data = { psp, noticeId, fields, bodySha256: '00' };
      await webhookCommands(deps).handle(
        webhookStream(psp, noticeId),
        { type: 'ReceiveNotice', data },
        context(),
      );
    },
    payment: async () => (await loadPayment(log, STREAM))?.payment,
    typesOfPayment: async () => (await log.readStream(STREAM)).map(({ type }) => type),
  };
}

describe('a replay of notices', () => {
  it('tells payments what they do not know, and changes nothing the second time', async () => {
    const { log, told, receive, payment } = await setUp();
    await receive('evt_1', SUCCEEDED);
    await receive('evt_2', DREAMT_OF);
    const counts = { parked: 0, foreign: 0, ignored: 1 };
    expect(await told()).toMatchObject({
      code: EXIT.ok,
      complete: true,
      read: 2,
      by_result: { applied: 1, known: 0, ...counts },
      failed: [],
    });
    expect(await payment()).toMatchObject({ status: 'succeeded' });
    const { size } = log.store;
    expect(await told()).toMatchObject({ code: EXIT.ok, by_result: { applied: 0, known: 1, ...counts } });
    expect(log.store.size).toBe(size);
  });

  it('at once with others tells once', async () => {
    const { told, receive, typesOfPayment } = await setUp();
    await receive('evt_1', SUCCEEDED);
    const all = await Promise.all([1, 2, 3].map(() => told()));
    expect(all.map(({ code, failed }) => [code, failed])).toStrictEqual(all.map(() => [EXIT.ok, []]));
    expect((await typesOfPayment()).filter((type) => type === 'PaymentCaptured')).toHaveLength(1);
  });

  it('reads those of one PSP, from a time on and before a time, and no other', async () => {
    const { clock, told, receive } = await setUp();
    const firstMs = clock.now();
    await receive('evt_1', DREAMT_OF);
    await receive('1', { eventCode: 'AUTHORISATION' }, 'adyen');
    await clock.advance(MINUTE_MS);
    const laterMs = clock.now();
    await receive('evt_2', DREAMT_OF);
    const read = async (options: Partial<ReplayWebhooksOptions>) => (await told(options)).read;
    expect(await read({})).toBe(3);
    expect(await read({ psp: 'adyen' })).toBe(1);
    expect(await read({ fromMs: laterMs })).toBe(1);
    expect(await read({ fromMs: laterMs + 1 })).toBe(0);
    expect(await read({ toMs: laterMs })).toBe(2);
    expect(await read({ toMs: laterMs + 1 })).toBe(3);
    expect(await read({ fromMs: firstMs, toMs: laterMs, psp: 'stripe' })).toBe(1);
  });

  it('names a dispute that only Stripe can say whose it is, goes on, and reads it with a key', async () => {
    const { told, replay, receive, capture, payment } = await setUp();
    await capture();
    await receive('evt_1', DISPUTED);
    await receive('evt_2', DREAMT_OF);
    const stream = webhookStream('stripe', 'evt_1');
    expect(await told()).toMatchObject({
      code: EXIT.incomplete,
      read: 2,
      by_result: { ignored: 1 },
      failed: [{ stream }],
    });
    const { text } = await replay({ json: false });
    expect(text).toMatch(/^2 notices read again\n +1 ignored/);
    expect(text).toContain(`unread: ${stream}: `);
    expect(text).toContain('no gateway is configured');
    expect(await told({}, { stripe: ASKABLE })).toMatchObject({ code: EXIT.ok, by_result: { applied: 1 } });
    expect((await payment())?.disputes).toMatchObject([{ reference: 'du_1' }]);
  });

  it('ends where somebody stops it, and says so', async () => {
    const { replay, receive } = await setUp();
    await receive('evt_1', DREAMT_OF);
    const { code, text } = await replay({ stopped: () => true, json: false });
    expect([code, text]).toStrictEqual([EXIT.interrupted, '0 notices read again; it ended early']);
  });

  it('gives up where nothing can be read any more', async () => {
    const { told, receive } = await setUp();
    for (let index = 0; index <= MAX_REPLAY_FAILURES; index += 1) await receive(`evt_${index}`, DISPUTED);
    const { code, read, failed, ...rest } = await told();
    expect([code, read, failed.length]).toStrictEqual([
      EXIT.incomplete,
      MAX_REPLAY_FAILURES,
      MAX_REPLAY_FAILURES,
    ]);
    expect(rest).toMatchObject({ complete: false });
  });
});
