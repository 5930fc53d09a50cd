import { settle, VirtualClock } from '@tender/testing';
import { Changes } from './changes';

const WAIT_MS = 500;

describe('waiting for a change', () => {
  it('leaves nothing behind, however often nothing changes', async () => {
    const [clock, changes] = [new VirtualClock(), new Changes()];
    for (let round = 0; round < 100; round += 1) {
      const waited = changes.nextWithin(clock, WAIT_MS);
      expect(changes.size).toBe(1);
      await clock.advance(WAIT_MS);
      await waited;
      expect(changes.size).toBe(0);
    }
  });

  it('ends when something changes, and takes its timer with it', async () => {
    const [clock, changes] = [new VirtualClock(), new Changes()];
    let timers = 0;
    const counting = {
      now: () => clock.now(),
      after: (ms: number, run: () => void) => {
        timers += 1;
        const cancel = clock.after(ms, run);
        return () => {
          timers -= 1;
          cancel();
        };
      },
    };
    let ended = 0;
    for (let waits = 0; waits < 3; waits += 1)
      void changes.nextWithin(counting, WAIT_MS).then(() => (ended += 1));
    void changes.next().then(() => (ended += 1));
    await settle();
    expect([ended, timers]).toEqual([0, 3]);
    changes.tell();
    await settle();
    expect([ended, timers, changes.size]).toEqual([4, 0, 0]);
  });
});
