import { apiOnMemory } from '../../spec/api-on-memory';
import { ReadinessProbe } from './readiness';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

describe('health', () => {
  it('is live as long as the process answers, and ready when every check is up', async () => {
    const on = await apiOnMemory({ checks: { worker: () => Promise.resolve({ silent_ms: 3 }) } });
    expect((await on.get('/health/live')).json()).toStrictEqual({ status: 'live' });
    const ready = await on.get('/health/ready');
    expect([ready.statusCode, ready.json()]).toStrictEqual([
      200,
      { status: 'ready', checks: { worker: { silent_ms: 3, status: 'up' } } },
    ]);
    await on.close();
  });

  it('is not ready when one check is down, and says which', async () => {
    const on = await apiOnMemory({
      checks: { up: () => Promise.resolve(undefined), down: () => Promise.reject(new Error('no worker')) },
    });
    const ready = await on.get('/health/ready');
    expect([ready.statusCode, ready.json()]).toStrictEqual([
      503,
      {
        status: 'not_ready',
        checks: { up: { status: 'up' }, down: { status: 'down', reason: 'no worker' } },
      },
    ]);
    await on.close();
  });

  it('takes a check that does not answer in time for down', async () => {
    const probe = new ReadinessProbe({ stuck: () => new Promise(() => undefined) }, 5);
    expect((await probe.probe()).checks.stuck).toStrictEqual({
      status: 'down',
      reason: 'no answer within 5 ms',
    });
  });
});

describe('/metrics', () => {
  it('counts answers by route template and status, whatever paths are asked for', async () => {
    const on = await apiOnMemory();
    await on.post(VISA, { 'idempotency-key': 'a' });
    await on.post(VISA, { 'idempotency-key': 'a' });
    for (let index = 0; index < 20; index += 1) await on.get(`/nothing/${index}`);
    await on.get('/v1/payments/pay_x');
    const text = (await on.get('/metrics')).body;
    expect(text).toContain(
      'tender_http_request_duration_seconds_count{method="POST",route="/v1/payments",status="201"} 2',
    );
    expect(text).toContain(
      'tender_http_request_duration_seconds_count{method="GET",route="unmatched",status="404"} 20',
    );
    expect(text).toContain('route="/v1/payments/:id"');
    expect(text).toContain('tender_payment_answers_total{status="succeeded",replayed="false"} 1');
    expect(text).toContain('tender_payment_answers_total{status="succeeded",replayed="true"} 1');
    expect(text).not.toContain('nothing');
    await on.close();
  });
});
