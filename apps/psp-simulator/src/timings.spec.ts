import { startStripeSimulator } from './stripe/server';
import { Timings, type Timing } from './timings';

describe('timings', () => {
  it('forgets the oldest at the limit', () => {
    const timings = new Timings(2);
    for (const [index, key] of ['a', 'b', 'c'].entries()) timings.add(key, index);
    expect([...timings.all()].map(({ idempotency_key: key }) => key).toSorted()).toEqual(['b', 'c']);
  });

  it('tell of every request with a key how long it took, never less than its delay', async () => {
    const medianMs = 30;
    const simulator = await startStripeSimulator({ latency: { medianMs, p99Ms: medianMs } });
    try {
      const headers = {
        Authorization: 'Bearer sk_test_x',
        'Content-Type': 'application/x-www-form-urlencoded',
      };
      const send = (key: string): Promise<Response> =>
        fetch(`${simulator.url}/v1/payment_intents`, {
          method: 'POST',
          headers: { ...headers, 'Idempotency-Key': key },
          body: 'amount=1099&currency=usd&payment_method=pm_card_visa&confirm=true&allowed_payment_method_types[0]=card',
        });
      const before = performance.now();
      await (await send('one')).text();
      await (await send('one')).text();
      await (await send('two')).text();
      const elapsedMs = performance.now() - before;
      const timings = (await (await fetch(`${simulator.url}/_sim/timings`)).json()) as Timing[];
      expect(timings.map(({ idempotency_key: key }) => key)).toEqual(['one', 'one', 'two']);
      // a timer may fire within the millisecond before its time
      for (const { ms } of timings) expect(ms).toBeGreaterThan(medianMs - 1.5);
      expect(timings.reduce((sum, { ms }) => sum + ms, 0)).toBeLessThanOrEqual(elapsedMs);
    } finally {
      await simulator.stop();
    }
  });
});
