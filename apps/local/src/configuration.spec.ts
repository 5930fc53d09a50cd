import { MAX_WORKERS, readConfiguration } from './configuration';

it('has the fixed points of the local stack when nothing is said', () => {
  expect(readConfiguration({})).toMatchObject({
    host: '127.0.0.1',
    apiPort: 3000,
    stripePort: 4010,
    adyenPort: 4020,
    workers: 1,
    eventStoreUrl: undefined,
    mongoUri: undefined,
    redisUrl: undefined,
  });
});

it('takes what runs elsewhere by its address', () => {
  const given = {
    EVENTSTORE_URL: 'esdb://127.0.0.1:2113?tls=false',
    MONGODB_URI: 'mongodb://127.0.0.1:27017/tender',
    REDIS_URL: 'redis://127.0.0.1:6379',
  };
  expect(readConfiguration(given)).toMatchObject({
    eventStoreUrl: given.EVENTSTORE_URL,
    mongoUri: given.MONGODB_URI,
    redisUrl: given.REDIS_URL,
  });
});

it('runs one worker to as many as the limit', () => {
  const workers = (count: number): number => readConfiguration({ TENDER_WORKERS: String(count) }).workers;
  expect([workers(1), workers(MAX_WORKERS)]).toStrictEqual([1, MAX_WORKERS]);
  expect(() => workers(0)).toThrow(/TENDER_WORKERS/);
  expect(() => workers(MAX_WORKERS + 1)).toThrow(/TENDER_WORKERS/);
});
