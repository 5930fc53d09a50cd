import type { PaymentJson } from '@tender/domain';
import type { AppendFault, MemoryFaults } from '@tender/eventstore';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory } from '../../spec/api-on-memory';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
const SILENT = { ...VISA, payment_method: 'pm_card_silent' };

/** The memory log's faults, changed as a test goes on. */
const faultsOf = (on: ApiOnMemory): { -readonly [Name in keyof MemoryFaults]: MemoryFaults[Name] } =>
  on.faults;

describe('a creation while the event store fails', () => {
  let on: ApiOnMemory;
  beforeEach(async () => {
    on = await apiOnMemory();
  });
  afterEach(() => on.close());

  it.each<AppendFault>(['lost', 'reply_lost', 'late'])(
    'is recorded once when the first append is %s',
    async (fault) => {
      const faults: AppendFault[] = [fault];
      faultsOf(on).append = () => faults.shift();
      const answer = await on.post(VISA);
      expect([answer.statusCode, answer.headers['idempotent-replayed']]).toStrictEqual([201, undefined]);
      expect(on.recorded()).toBe(4);
    },
  );

  it('that is never confirmed answers 503, and the same key may be sent again', async () => {
    const key = { 'idempotency-key': 'again', prefer: 'wait=0' };
    faultsOf(on).append = () => 'reply_lost';
    const unconfirmed = await on.post(VISA, key);
    expect([unconfirmed.statusCode, unconfirmed.json<{ code: string }>().code]).toStrictEqual([
      503,
      'unavailable',
    ]);
    expect(unconfirmed.headers['retry-after']).toBe('1');
    faultsOf(on).append = () => undefined;
    expect((await on.post(VISA, { ...key, prefer: 'wait=1' })).json<PaymentJson>().id).toMatch(/^pay_/);
    const [initiated, ...rest] = (
      await on.log.readAll({ after: 'start', prefixes: ['payment-'], maxCount: 100 })
    ).events;
    expect(initiated?.type).toBe('PaymentInitiated');
    expect(rest.filter(({ type }) => type === 'PaymentInitiated')).toStrictEqual([]);
  });

  it('answers 503 where the outcome cannot be read', async () => {
    faultsOf(on).read = () => 'failed';
    const answer = await on.post(SILENT, { prefer: 'wait=0' });
    expect([answer.statusCode, answer.headers['retry-after']]).toStrictEqual([503, '1']);
  });
});

describe('a process that is told to stop', () => {
  it('ends waits at once with the present state', async () => {
    const on = await apiOnMemory();
    const waiting = on.post(SILENT, { prefer: 'wait=3' });
    while (on.recorded() < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 20));
    on.api.endWaits();
    const answer = await waiting;
    expect([answer.statusCode, answer.json<PaymentJson>().status]).toStrictEqual([202, 'processing']);
    await on.close();
  });
});
