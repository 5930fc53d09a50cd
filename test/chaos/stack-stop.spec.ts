import { ApiClient } from '../stack/api-client';
import { LocalStack, newDataDirectory, type Running, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { PspTruth } from '../stack/psp-truth';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
/** The stack's own promise: whoever is not done by then is killed. */
const STOPPED_WITHIN_MS = 5_000;
const TEST_TIMEOUT_MS = 180_000;

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const survivors = ({ pid, processes }: Running): number[] =>
  [pid, ...Object.values(processes as Record<string, number>)].filter(isAlive);

/** In the order in which the stack says so. */
const stoppedIn = (output: string): string[] =>
  [...output.matchAll(/\] ([\w-]+) stopped$/gm)].map(([, name = '']) => name);

/** One after another on the same data. */
describe('the local stack', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.start(newDataDirectory());
  }, STACK_HOOK_TIMEOUT_MS);
  afterAll(() => stack.destroy(), STACK_HOOK_TIMEOUT_MS);

  it(
    'stops in order on Ctrl-C, under traffic, and the next start has all the data',
    async () => {
      const api = new ApiClient(stack.running.apiUrl);
      const first = await Promise.all(
        Array.from({ length: 20 }, (_, index) => api.pay(`kept-${index}`, VISA)),
      );
      expect(new Set(first.map(({ status }) => status))).toStrictEqual(new Set([201]));
      // somebody still waits for a PSP that takes its time
      await new PspTruth(stack.running.stripeUrl).failNext('authorize', 'slow:20000');
      const waiting = api.pay('kept-waiting', VISA, { Prefer: 'wait=30' });
      while ((await api.get('/v1/payments?status=processing')).list().data.length === 0);

      const { running } = stack;
      const { exitCode, tookMs } = await stack.interrupt();
      expect(exitCode).toBe(0);
      expect(tookMs).toBeLessThan(STOPPED_WITHIN_MS);
      expect(survivors(running)).toStrictEqual([]);
      const order = ['api', 'worker', 'psp-simulator', 'read-store', 'event-store'];
      const stopped = stoppedIn(stack.output);
      expect(stopped).toStrictEqual(order.filter((name) => stopped.includes(name)));
      expect(stopped).toEqual(expect.arrayContaining(['api', 'read-store', 'event-store']));
      // the present state is worth more than a connection that breaks
      expect((await waiting).status).toBe(202);

      const firstReadyMs = stack.readyAfterMs;
      stack = await LocalStack.start(stack.dataPath);
      console.log(
        `ready after ${seconds(firstReadyMs)} s on no data, ${seconds(stack.readyAfterMs)} s on data; stopped in ${seconds(tookMs)} s`,
      );
      const next = new ApiClient(stack.running.apiUrl);
      for (const [index, { text }] of first.entries()) {
        const again = await next.pay(`kept-${index}`, VISA);
        expect([again.status, again.replayed, again.text]).toStrictEqual([201, true, text]);
      }
      expect((await next.get('/v1/payments?limit=100')).list().data).toHaveLength(first.length + 1);
      const unfinished = await next.pay('kept-waiting', VISA, { Prefer: 'wait=30' });
      expect([unfinished.status, unfinished.payment().status]).toStrictEqual([201, 'succeeded']);
      expect(await new PspTruth(stack.running.stripeUrl).charges()).toHaveLength(first.length + 1);
    },
    TEST_TIMEOUT_MS,
  );

  it(
    'refuses a second stack on its data, and leaves nobody behind when it is killed',
    async () => {
      await expect(LocalStack.start(stack.dataPath)).rejects.toThrow(/another stack \(process \d+\) runs on/);
      const { running } = stack;
      process.kill(running.pid, 'SIGKILL');
      while (survivors(running).length > 0) await new Promise((wake) => setTimeout(wake, 20));
      stack = await LocalStack.start(stack.dataPath);
      const answer = await new ApiClient(stack.running.apiUrl).pay('after', VISA);
      expect(answer.payment().status).toBe('succeeded');
    },
    TEST_TIMEOUT_MS,
  );
});

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
