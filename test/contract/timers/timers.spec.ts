import { redisIsMissing, startPrivateRedis, type PrivateRedis } from '@tender/testing';
import { describeUnless } from '../../not-run';
import { openBull, openInProcess } from './fixture';
import { describeRedisFaults } from './redis-faults.contract';
import { describeTimers } from './timers.contract';

describeTimers('in process', openInProcess);

describeUnless(redisIsMissing(), 'with a Redis of our own', () => {
  let redis: PrivateRedis;

  beforeAll(async () => {
    redis = await startPrivateRedis();
  });

  afterAll(() => redis.stop());

  describeTimers('BullMQ', () => openBull(redis.url, () => redis.flush()));

  describe('processes and faults', () => {
    describeRedisFaults(() => redis);
  });
});
