import { startStripeSimulator, type StripeSimulator } from './stripe/server';

describe('steering a simulator', () => {
  let simulator: StripeSimulator;
  beforeAll(async () => {
    simulator = await startStripeSimulator();
  });
  afterAll(() => simulator.stop());

  const call = async (
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: Record<string, unknown> }> => {
    const response = await fetch(`${simulator.url}/_sim/${path}`, {
      method,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };

  it('moves the clock forward by a span or to a time, never back', async () => {
    const before = (await call('GET', 'clock')).body.now_ms as number;
    const hour = 3_600_000;
    const advanced = (await call('POST', 'clock', { advance_ms: hour })).body.now_ms as number;
    expect(advanced).toBeGreaterThanOrEqual(before + hour);
    const target = advanced + 10 * hour;
    const moved = await call('POST', 'clock', { now: new Date(target).toISOString() });
    expect(moved.body.now_ms).toBeGreaterThanOrEqual(target);
    expect((await call('POST', 'clock', { now: before })).status).toBe(400);
    expect((await call('GET', 'clock')).body.now_ms).toBeGreaterThanOrEqual(target);
  });

  it.each([
    { advance_ms: -1 },
    { advance_ms: 'soon' },
    { now: 'noon' },
    {},
    { advance_ms: 1, now: 1 },
    '[1]',
    '{',
  ])('refuses to move the clock by %j', async (body) => {
    expect((await call('POST', 'clock', body)).status).toBe(400);
  });

  it('shows and changes the latency', async () => {
    const shape = { median_ms: 1, p99_ms: 4 };
    expect((await call('PUT', 'latency', shape)).status).toBe(200);
    expect((await call('GET', 'latency')).body).toEqual(shape);
    for (const wrong of [
      {},
      { median_ms: 5, p99_ms: 4 },
      { median_ms: -1, p99_ms: 4 },
      { median_ms: 1, p99_ms: 1e9 },
    ]) {
      expect((await call('PUT', 'latency', wrong)).status).toBe(400);
    }
    expect((await call('GET', 'latency')).body).toEqual(shape);
  });

  it('streams an empty truth as an empty array', async () => {
    expect((await call('GET', 'truth')).body).toEqual([]);
  });

  it('answers the PSP way, without access, where it has nothing to steer', async () => {
    expect((await call('GET', 'weather')).status).toBe(401);
    const page = await fetch(`${simulator.url}/_sim/3ds/pi_none`);
    expect(page.status).toBe(404);
  });
});
