import { apiOnMemory } from '../../spec/api-on-memory';
import { GUARDED_PREFIX } from './access';

/** Buyers have no key. */
const OPEN_ON_PURPOSE = ['/v1/return/{token}'];
const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

describe('access', () => {
  it('is asked for on every route below /v1 that is not open on purpose', async () => {
    const on = await apiOnMemory();
    const routes: string = on.api.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
    expect(routes).toContain(GUARDED_PREFIX);
    const { paths } = (await on.get('/openapi.json')).json<{
      paths: Record<string, Record<string, unknown>>;
    }>();
    const guarded = Object.entries(paths).filter(([path]) => path.startsWith(GUARDED_PREFIX));
    expect(guarded.length).toBeGreaterThan(0);
    for (const [path, methods] of guarded) {
      for (const method of Object.keys(methods)) {
        const answer = await on.api.app.inject({ method: method.toUpperCase() as 'GET', url: path });
        const expected = OPEN_ON_PURPOSE.includes(path) ? 404 : 401;
        expect(`${method} ${path} ${answer.statusCode}`).toBe(`${method} ${path} ${expected}`);
      }
    }
    await on.close();
  });

  it('ends at the limits of the key, and says when to come again', async () => {
    const on = await apiOnMemory({ keyLimits: { requestsPerSecond: 2, requestsInFlight: 100 } });
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push((await on.get('/v1/payments')).statusCode);
    const limited = await on.post(VISA);
    expect(statuses).toStrictEqual([200, 200, 429]);
    expect([limited.statusCode, limited.headers['retry-after']]).toStrictEqual([429, '1']);
    await on.close();
  });

  it('without a key ends at the limits of the route, and at no other route’s', async () => {
    const on = await apiOnMemory({ openLimits: { requestsPerSecond: 2, requestsInFlight: 100 } });
    const statusOf = async (url: string): Promise<number> =>
      (await on.api.app.inject({ method: 'POST', url })).statusCode;
    const statuses = [];
    for (let index = 0; index < 3; index += 1) statuses.push(await statusOf('/webhooks/stripe'));
    expect(statuses).toStrictEqual([401, 401, 429]);
    expect(await statusOf('/webhooks/adyen')).toBe(400);
    expect((await on.get('/v1/payments')).statusCode).toBe(200);
    await on.close();
  });

  it('counts requests in flight, and forgets them when they are answered', async () => {
    const on = await apiOnMemory({ keyLimits: { requestsPerSecond: 1_000, requestsInFlight: 2 } });
    const waiting = [1, 2].map(() =>
      on.post({ ...VISA, payment_method: 'pm_card_silent' }, { prefer: 'wait=1' }),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await on.get('/v1/payments')).statusCode).toBe(429);
    expect((await Promise.all(waiting)).map(({ statusCode }) => statusCode)).toStrictEqual([202, 202]);
    expect((await on.get('/v1/payments')).statusCode).toBe(200);
    await on.close();
  });
});
