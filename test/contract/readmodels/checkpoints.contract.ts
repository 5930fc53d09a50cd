import { Checkpoints, Heartbeats } from '@tender/readmodels';
import type { OpenServer } from './open-server';

const at = (commit: bigint, prepare = commit) => ({ commit, prepare });

export function checkpoints(opened: () => OpenServer): void {
  describe('a checkpoint', () => {
    it('is unknown before the first save, and each name has its own', async () => {
      const saved = new Checkpoints(await opened().freshStore());
      expect(await saved.load('status')).toBeUndefined();
      await saved.save('status', at(5n, 4n));
      expect(await saved.load('status')).toEqual(at(5n, 4n));
      expect(await saved.load('ledger')).toBeUndefined();
    });

    it.each([
      ['an older commit', at(9n, 99n)],
      ['the same commit with an older prepare', at(10n, 8n)],
    ])('does not go back to %s', async (_, late) => {
      const saved = new Checkpoints(await opened().freshStore());
      await saved.save('status', at(10n, 9n));
      await saved.save('status', late);
      expect(await saved.load('status')).toEqual(at(10n, 9n));
      await saved.save('status', at(10n, 10n));
      expect(await saved.load('status')).toEqual(at(10n));
    });

    it('orders positions as numbers on both sides of 2^53', async () => {
      const saved = new Checkpoints(await opened().freshStore());
      await saved.save('status', at(2n ** 53n + 1n));
      await saved.save('status', at(2n ** 53n));
      expect(await saved.load('status')).toEqual(at(2n ** 53n + 1n));
      await saved.save('status', at(2n ** 63n - 1n));
      expect(await saved.load('status')).toEqual(at(2n ** 63n - 1n));
    });

    it('refuses a position that would wrap', async () => {
      const saved = new Checkpoints(await opened().freshStore());
      await expect(saved.save('status', at(2n ** 63n))).rejects.toThrow(RangeError);
      expect(await saved.load('status')).toBeUndefined();
    });

    it('ends at the furthest of many saves at once', async () => {
      const saved = new Checkpoints(await opened().freshStore());
      const places = Array.from({ length: 20 }, (_, index) => at(BigInt((index * 7) % 20)));
      await Promise.all(places.map((place) => saved.save('status', place)));
      expect(await saved.load('status')).toEqual(at(19n));
    });
  });

  describe('a heartbeat', () => {
    it('ages by the clock until the next beat', async () => {
      let nowMs = 1_000_000;
      const hearts = new Heartbeats(await opened().freshStore(), () => nowMs);
      expect(await hearts.age('worker')).toBeUndefined();
      await hearts.beat('worker', { pid: 7, live: true });
      nowMs += 1234;
      expect(await hearts.age('worker')).toBe(1234);
      expect(await hearts.details('worker')).toEqual({ pid: 7, live: true });
      await hearts.beat('worker');
      expect(await hearts.age('worker')).toBe(0);
      expect(await hearts.details('worker')).toEqual({});
    });

    it('of a process whose clock is ahead is new, not from the future', async () => {
      const store = await opened().freshStore();
      await new Heartbeats(store, () => 5000).beat('worker');
      expect(await new Heartbeats(store, () => 4000).age('worker')).toBe(0);
    });
  });
}
