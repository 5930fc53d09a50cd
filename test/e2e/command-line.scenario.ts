import { randomUUID } from 'node:crypto';
import { ApiClient, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { KeptTender } from '../stack/kept-tender/kept-tender';
import { runTender, type EndedProgram } from '../stack/tender-program';

let stack: LocalStack;
let api: ApiClient;
let kept: KeptTender;

beforeAll(async () => {
  stack = await sharedStack();
  api = new ApiClient(stack.running.apiUrl);
  kept = new KeptTender(stack.dataPath);
}, STACK_HOOK_TIMEOUT_MS);
afterAll(() => kept.end());

const tender = (...args: readonly string[]): Promise<EndedProgram> => runTender(stack.dataPath, args);

const pay = async (): Promise<PaymentJson> => {
  const body = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
  return (await api.pay(`cli-${randomUUID()}`, body, { Prefer: 'wait=30' })).payment();
};

const LOOK_EVERY_MS = 100;
const pause = (): Promise<void> => new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));

describe('tender', () => {
  it('finds the local stack by its data, and tells a payment’s story', async () => {
    const { id } = await pay();
    const { exitCode, out, aside } = await tender('audit', id);
    expect([exitCode, aside]).toStrictEqual([0, '']);
    for (const type of ['PaymentInitiated', 'AttemptStarted', 'AttemptAuthorized', 'PaymentCaptured']) {
      expect(out).toContain(type);
    }
  });

  it('tells in JSON the events that the API tells', async () => {
    const { id } = await pay();
    const { out } = await kept.run('audit', id, '--json');
    const { data } = (await api.get(`/v1/payments/${id}/events`)).json() as { data: object[] };
    const { events } = JSON.parse(out) as { events: object[] };
    expect(events).toHaveLength(data.length);
    data.forEach((event, index) => {
      expect(events[index]).toMatchObject(event);
    });
  });

  it('replays a payment to what the API answered then', async () => {
    const payment = await pay();
    const { out } = await kept.run('replay', payment.id, '--to', String(payment.revision), '--json');
    expect((JSON.parse(out) as { payment: object }).payment).toStrictEqual(payment);
    const before = await kept.run('replay', payment.id, '--to', '1', '--json');
    expect((JSON.parse(before.out) as { payment: object }).payment).toMatchObject({ status: 'processing' });
  });

  it('reads notices again beside the workers: what was told once is known the second time', async () => {
    await pay();
    const replayed = async (...args: readonly string[]) => {
      const { exitCode, out } = await kept.run('webhooks', 'replay', '--psp', 'stripe', '--json', ...args);
      return { exitCode, ...(JSON.parse(out) as { read: number; by_result: object; failed: object[] }) };
    };
    while ((await replayed()).read === 0) await pause();
    const to = new Date().toISOString();
    const first = await replayed('--to', to);
    const second = await replayed('--to', to);
    expect(first).toMatchObject({ exitCode: 0, failed: [] });
    expect(second).toMatchObject({ exitCode: 0, read: first.read, by_result: { applied: 0 }, failed: [] });
  });

  it.each([
    [['--help'], 0],
    [['nonsense'], 2],
    [['audit', 'nonsense'], 2],
    [['audit', `pay_${'0'.repeat(32)}`], 4],
  ])('%j ends with %d', async (args, exitCode) => {
    expect((await tender(...args)).exitCode).toBe(exitCode);
  });
});
