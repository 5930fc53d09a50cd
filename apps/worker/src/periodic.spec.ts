import { createLogger } from '@tender/nest';
import { periodically } from './periodic';

const logger = createLogger('test', 'silent');
const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
};

describe('periodic work', () => {
  it('goes on after a round that failed', async () => {
    let rounds = 0;
    const work = periodically({
      name: 'work',
      everyMs: 1,
      logger,
      round: () => {
        rounds += 1;
        return rounds === 1 ? Promise.reject(new Error('once')) : Promise.resolve();
      },
    });
    await until(() => rounds > 2);
    await work.stop();
    expect(rounds).toBeGreaterThan(2);
  });

  it('never overlaps, and stops after the round under way', async () => {
    let running = 0;
    let most = 0;
    let rounds = 0;
    const work = periodically({
      name: 'work',
      everyMs: 0,
      logger,
      round: async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        running -= 1;
        rounds += 1;
      },
    });
    await until(() => rounds > 3);
    await work.stop();
    const atStop = rounds;
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([most, running, rounds]).toEqual([1, 0, atStop]);
  });
});
