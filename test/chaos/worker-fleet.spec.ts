import { ApiClient } from '../stack/api-client';
import { LocalStack, newDataDirectory, type ProcessName, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { PspTruth } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';
import { type Order, payUntilTold } from '../stack/stubborn-client';

const VISA = { currency: 'USD', payment_method: 'pm_card_visa' };
const FLEET: readonly ProcessName[] = ['worker', 'worker-2', 'worker-3'];
const PAYMENTS_PER_S = 10;
const LOAD_S = 15;
const KILL_EVERY_S = 3;
/** All of them, and one again, however long a slow machine takes to start the next. */
const KILLS_AT_LEAST = FLEET.length + 1;
/** A reply that comes while its worker is dead is what this is about, so the PSP takes its time: some are always under way. */
const PSP_LATENCY = '300,1200';
const TEST_TIMEOUT_MS = 240_000;

let stack: LocalStack;
let api: ApiClient;
let psp: PspTruth;

beforeAll(async () => {
  stack = await LocalStack.start(newDataDirectory(), {
    TENDER_WORKERS: String(FLEET.length),
    SIM_LATENCY: PSP_LATENCY,
  });
  api = new ApiClient(stack.running.apiUrl);
  psp = new PspTruth(stack.running.stripeUrl);
}, STACK_HOOK_TIMEOUT_MS);
afterAll(() => stack.destroy(), STACK_HOOK_TIMEOUT_MS);

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));

/** Kills the members of the fleet in turn, each once it is back from the last time, while customers come. */
async function killInTurn(isOver: () => boolean): Promise<number> {
  let kills = 0;
  while (!isOver() || kills < KILLS_AT_LEAST) {
    await pause(KILL_EVERY_S * 1_000);
    const victim = FLEET[kills % FLEET.length] ?? 'worker';
    while (stack.running.processes[victim] === undefined) await pause(20);
    const before = stack.pidOf(victim);
    stack.kill(victim);
    kills += 1;
    while ((stack.running.processes[victim] ?? before) === before) await pause(20);
  }
  return kills;
}

describe('a fleet of three workers, one of them killed every few seconds under load', () => {
  it(
    'tells each order its outcome, and charges it once',
    async () => {
      const orders: Promise<Order>[] = [];
      let over = false;
      const killing = killInTurn(() => over);
      const startedAt = performance.now();
      for (let index = 0; index < PAYMENTS_PER_S * LOAD_S; index += 1) {
        await pause(Math.max(0, startedAt + (index * 1_000) / PAYMENTS_PER_S - performance.now()));
        orders.push(payUntilTold(api, `fleet-${index}`, { ...VISA, amount: 100 + index }));
      }
      // every further kill would only put off those who wait for what a dead worker had begun
      over = true;
      const [told, kills] = await Promise.all([Promise.all(orders), killing]);
      expect(kills).toBeGreaterThanOrEqual(KILLS_AT_LEAST);

      const charges = await psp.charges();
      expect(charges).toHaveLength(told.length);
      const byAttempt = new Map(charges.map((row) => [row.our_reference, row]));
      for (const { key, body, answer } of told) {
        const { attempts, status, amount_captured } = answer.payment();
        expect([key, status, amount_captured, attempts.length]).toStrictEqual([
          key,
          'succeeded',
          body.amount,
          1,
        ]);
        expect(byAttempt.get(attempts[0]?.id ?? '')).toMatchObject({
          amount: body.amount,
          status: 'succeeded',
        });
        expect((await api.pay(key, body)).text).toBe(answer.text);
      }
      const recorded = new RecordedEvents(stack.running.eventStoreUrl);
      expect((await recorded.streams()).size).toBe(told.length);
      await recorded.close();
    },
    TEST_TIMEOUT_MS,
  );
});

describe('an API with workers', () => {
  it('is ready while one of them lives', async () => {
    for (const name of FLEET.slice(1)) stack.kill(name);
    const reply = await fetch(`${stack.running.apiUrl}/health/ready`);
    expect(reply.status).toBe(200);
  });
});
