import { randomUUID } from 'node:crypto';
import { ApiClient } from '../stack/api-client';
import { LocalStack, newDataDirectory, type ProcessName, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { PspTruth } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';
import { type Order, payUntilTold } from '../stack/stubborn-client';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const PAYMENTS_PER_S = 15;
/** So slow that several payments are under way whenever somebody is killed. */
const PSP_LATENCY = '150,600';
const LOAD_S = 15;
const TEST_TIMEOUT_MS = 180_000;

let stack: LocalStack;
let api: ApiClient;
let psp: PspTruth;

beforeAll(async () => {
  stack = await LocalStack.start(newDataDirectory(), { SIM_LATENCY: PSP_LATENCY });
  api = new ApiClient(stack.running.apiUrl);
  psp = new PspTruth(stack.running.stripeUrl);
}, STACK_HOOK_TIMEOUT_MS);
afterAll(() => stack.destroy(), STACK_HOOK_TIMEOUT_MS);

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

async function untilRestarted(name: ProcessName, old: number): Promise<void> {
  while ((stack.running.processes[name] ?? old) === old) await pause(20);
}

describe('a worker that is killed between the charge and its reply', () => {
  it.each([
    ['the reply is lost with it', 'timeout_after_commit', [1]],
    ['it had not reached the PSP yet', 'timeout_before', [0]],
    ['the PSP works on while nobody listens', 'slow:1500', [0, 1]],
  ])(
    '%s (%s): the next one finds out, and the payment succeeds with one charge',
    async (_, fault, mayBeCharged) => {
      const before = (await psp.charges()).length;
      await psp.failNext('authorize', fault);
      const key = `killed-${randomUUID()}`;
      const answering = payUntilTold(api, key, VISA);
      while ((await psp.faults()).counts[fault.split(':')[0] ?? ''] !== 1) await pause(10);
      expect(mayBeCharged).toContain((await psp.charges()).length - before);
      const old = stack.pidOf('worker');
      stack.kill('worker');
      await untilRestarted('worker', old);

      const { answer } = await answering;
      expect([answer.status, answer.payment().status]).toStrictEqual([201, 'succeeded']);
      expect(await psp.charges()).toHaveLength(before + 1);
      expect(await psp.chargesOf(answer.payment())).toMatchObject([
        { our_reference: answer.payment().attempts[0]?.id, amount: VISA.amount, status: 'succeeded' },
      ]);
      expect((await api.pay(key, VISA)).text).toBe(answer.text);
    },
    TEST_TIMEOUT_MS,
  );
});

describe('processes that are killed in turn under load', () => {
  it(
    'lose, double and change nothing: one payment and one charge a key, each answer repeated to the byte',
    async () => {
      const methods = ['pm_card_visa', 'pm_card_visa', 'pm_card_visa', 'pm_card_chargeDeclined'];
      const orders: Promise<Order>[] = [];
      const victims: ProcessName[] = ['worker', 'api', 'event-store', 'read-store', 'worker'];
      const total = PAYMENTS_PER_S * LOAD_S;
      const killEvery = Math.floor(total / (victims.length + 1));
      const before = await extent();
      const startedAt = performance.now();
      for (let index = 0; index < total; index += 1) {
        await pause(Math.max(0, startedAt + (index * 1_000) / PAYMENTS_PER_S - performance.now()));
        const body = { ...VISA, amount: 100 + index, payment_method: methods[index % methods.length] ?? '' };
        orders.push(payUntilTold(api, `load-${index}`, body));
        const victim = index % killEvery === killEvery - 1 ? victims.shift() : undefined;
        if (victim !== undefined) stack.kill(victim);
      }
      expect(victims).toStrictEqual([]);
      const told = await Promise.all(orders);

      await expectBooksToAgree(told, before);
      expect(told.filter(({ sends }) => sends > 1).length).toBeGreaterThan(0);
      expect(stack.output.match(/ is started again/g)?.length).toBeGreaterThanOrEqual(5);
    },
    TEST_TIMEOUT_MS,
  );
});

interface Extent {
  readonly streams: number;
  readonly charges: number;
}

async function extent(): Promise<Extent> {
  const recorded = new RecordedEvents(stack.running.eventStoreUrl);
  const { size } = await recorded.streams();
  await recorded.close();
  return { streams: size, charges: (await psp.charges()).length };
}

/** Each order against the streams, the PSP's truth, and what the merchant was told. */
async function expectBooksToAgree(told: readonly Order[], before: Extent): Promise<void> {
  expect(await extent()).toStrictEqual({
    streams: before.streams + told.length,
    charges: before.charges + told.length,
  });
  expect(new Set(told.map(({ answer }) => answer.payment().id)).size).toBe(told.length);

  const charges = await psp.charges();
  const byAttempt = new Map(charges.map((row) => [row.our_reference, row]));
  for (const { key, body, answer } of told) {
    const { attempts, amount, amount_captured, status } = answer.payment();
    const declined = body.payment_method === 'pm_card_chargeDeclined';
    expect([key, status]).toStrictEqual([key, declined ? 'failed' : 'succeeded']);
    expect([key, amount, amount_captured]).toStrictEqual([key, body.amount, declined ? 0 : body.amount]);
    expect(attempts).toHaveLength(1);
    expect(byAttempt.get(attempts[0]?.id ?? '')).toMatchObject({
      amount: body.amount,
      status: declined ? 'failed' : 'succeeded',
    });
  }
  for (const { key, body, answer } of told) {
    const again = await api.pay(key, body);
    expect([key, again.status, again.replayed, again.text]).toStrictEqual([key, 201, true, answer.text]);
    expect((await api.get(`/v1/payments/${answer.payment().id}`)).text).toBe(answer.text);
  }
  expect(await psp.charges()).toStrictEqual(charges);
}
