import { createHash, randomUUID } from 'node:crypto';
import { ApiClient } from '../stack/api-client';
import { LocalStack, newDataDirectory, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { PspTruth } from '../stack/psp-truth';
import { describeContainers } from './describe-containers';
import {
  CONTAINER_TIMEOUT_MS,
  type ContainerServer,
  startEventStoreContainer,
  startMongoContainer,
  startRedisContainer,
} from './servers';

const VISA = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };
/** The demo key is for embedded servers only. */
const API_KEY = `sk_test_${randomUUID()}`;
const KEYS = [
  {
    id: 'key_containers',
    merchant: 'containers',
    scopes: ['payments:write', 'payments:read'],
    sha256: createHash('sha256').update(API_KEY).digest('hex'),
  },
];

describeContainers('Tender on EventStoreDB, MongoDB and Redis', () => {
  const servers: ContainerServer[] = [];
  let stack: LocalStack;

  beforeAll(async () => {
    const [eventStore, mongo, redis] = await Promise.all([
      startEventStoreContainer(),
      startMongoContainer(),
      startRedisContainer(),
    ]);
    servers.push(eventStore, mongo, redis);
    stack = await LocalStack.start(newDataDirectory(), {
      EVENTSTORE_URL: eventStore.url,
      MONGODB_URI: mongo.url,
      REDIS_URL: redis.url,
      TENDER_API_KEYS: JSON.stringify(KEYS),
      PSP_CALL_TIMEOUT_MS: '1000',
    });
  }, CONTAINER_TIMEOUT_MS + STACK_HOOK_TIMEOUT_MS);
  afterAll(async () => {
    await stack.destroy();
    await Promise.all(servers.map((server) => server.stop()));
  }, CONTAINER_TIMEOUT_MS);

  it('charges once, answers the same bytes again, and lists the payment', async () => {
    const api = new ApiClient(stack.running.apiUrl, API_KEY);
    const answer = await api.pay('containers-1', VISA);
    expect([answer.status, answer.payment().status]).toStrictEqual([201, 'succeeded']);
    expect((await api.pay('containers-1', VISA)).text).toBe(answer.text);
    expect(await new PspTruth(stack.running.stripeUrl).chargesOf(answer.payment())).toHaveLength(1);
    let listed: readonly { id: string }[] = [];
    while (listed.length === 0) listed = (await api.get('/v1/payments')).list().data;
    expect(listed.map(({ id }) => id)).toStrictEqual([answer.payment().id]);
  });

  it(
    'finds out what became of a charge whose reply was lost',
    async () => {
      const api = new ApiClient(stack.running.apiUrl, API_KEY);
      const psp = new PspTruth(stack.running.stripeUrl);
      await psp.failNext('authorize', 'timeout_after_commit');
      const answer = await api.pay('containers-2', VISA, { Prefer: 'wait=30' });
      expect([answer.status, answer.payment().status]).toStrictEqual([201, 'succeeded']);
      expect(await psp.chargesOf(answer.payment())).toMatchObject([{ status: 'succeeded' }]);
    },
    STACK_HOOK_TIMEOUT_MS,
  );
});
