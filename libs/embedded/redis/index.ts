export {
  askRedis,
  redisOnPath,
  RedisRefused,
  startRedis,
  type RedisOptions,
  type RunningRedis,
} from './redis-server';
