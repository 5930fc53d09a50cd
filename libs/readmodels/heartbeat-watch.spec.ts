import { EventEmitter } from 'node:events';
import { ReadStoreLost, watchHeartbeats, type HeartbeatWatch } from './heartbeat-watch';

const LOOK_EVERY_MS = 1_000;
const STUCK_AFTER_LOOKS = 5;
const SERVER = { connectionId: '10.0.0.7:27017' };

describe('the watch over the driver’s heartbeats', () => {
  let client: EventEmitter;
  let watch: HeartbeatWatch;
  let lost: unknown;

  const looks = async (count: number): Promise<unknown> => {
    await jest.advanceTimersByTimeAsync(count * LOOK_EVERY_MS);
    return lost;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    lost = undefined;
    client = new EventEmitter();
    watch = watchHeartbeats(client, { stuckAfterLooks: STUCK_AFTER_LOOKS, lookEveryMs: LOOK_EVERY_MS });
    watch.failed.catch((error: unknown) => (lost = error));
  });

  afterEach(() => {
    watch.stop();
    jest.useRealTimers();
  });

  it('waits as long as a heartbeat may take, and no longer', async () => {
    client.emit('serverHeartbeatStarted', SERVER);
    expect(await looks(STUCK_AFTER_LOOKS)).toBeUndefined();
    expect(await looks(1)).toBeInstanceOf(ReadStoreLost);
  });

  it.each(['serverHeartbeatSucceeded', 'serverHeartbeatFailed'])(
    'is content with a heartbeat that ends (%s), and counts the next one anew',
    async (ended) => {
      for (let beat = 0; beat < 3; beat += 1) {
        client.emit('serverHeartbeatStarted', SERVER);
        await looks(STUCK_AFTER_LOOKS);
        client.emit(ended, SERVER);
      }
      expect(await looks(STUCK_AFTER_LOOKS * 2)).toBeUndefined();
    },
  );

  it('asks nothing of a server that has left', async () => {
    client.emit('serverHeartbeatStarted', SERVER);
    client.emit('serverClosed', { address: SERVER.connectionId });
    expect(await looks(STUCK_AFTER_LOOKS * 2)).toBeUndefined();
  });
});
