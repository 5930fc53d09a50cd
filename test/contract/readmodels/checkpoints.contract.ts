import { Checkpoints, Heartbeats, Leases, type StoredLease } from '@tender/readmodels';
import type { OpenServer } from './open-server';

const at = (commit: bigint, prepare = commit) => ({ commit, prepare });

function taken(lease: StoredLease | undefined): StoredLease {
  if (lease === undefined) throw new Error('nobody else wanted it');
  return lease;
}

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
    it('ages by the clock until the next beat, each name by itself', async () => {
      let nowMs = 1_000_000;
      const hearts = new Heartbeats(await opened().freshStore(), () => nowMs);
      expect(await hearts.ages('worker/')).toEqual([]);
      await hearts.beat('worker/a', { pid: 7, live: true });
      nowMs += 1234;
      await hearts.beat('worker/b');
      await hearts.beat('workers');
      expect(await hearts.ages('worker/')).toEqual([
        { name: 'worker/b', ageMs: 0 },
        { name: 'worker/a', ageMs: 1234 },
      ]);
      expect(await hearts.details('worker/a')).toEqual({ pid: 7, live: true });
      await hearts.beat('worker/a');
      expect(await hearts.ages('worker/a')).toEqual([{ name: 'worker/a', ageMs: 0 }]);
      expect(await hearts.details('worker/a')).toEqual({});
    });

    it('can be forgotten', async () => {
      const hearts = new Heartbeats(await opened().freshStore());
      await hearts.beat('worker/a');
      await hearts.forget('worker/a');
      await hearts.forget('worker/never');
      expect(await hearts.ages('worker/')).toEqual([]);
    });

    it('of a process whose clock is ahead is new, not from the future', async () => {
      const store = await opened().freshStore();
      await new Heartbeats(store, () => 5000).beat('worker/a');
      expect(await new Heartbeats(store, () => 4000).ages('worker/')).toMatchObject([{ ageMs: 0 }]);
    });
  });

  describe('a lease', () => {
    it('goes to one of many who want it, each time with a greater token', async () => {
      const leases = new Leases(await opened().freshStore());
      let seen = await leases.find('projector');
      expect(seen).toBeUndefined();
      for (let token = 1n; token <= 3n; token += 1n) {
        const wanted = Array.from({ length: 8 }, (_, index) => leases.take('projector', seen, `w${index}`));
        const winners = (await Promise.all(wanted)).filter((lease) => lease !== undefined);
        expect(winners.map((lease) => lease.token)).toEqual([token]);
        seen = await leases.find('projector');
        expect(seen).toEqual(winners[0]);
      }
    });

    it('shows signs of life of its holder, and cannot be taken as it was before the last one', async () => {
      const leases = new Leases(await opened().freshStore());
      const lease = taken(await leases.take('projector', undefined, 'a'));
      expect(await leases.beat(lease)).toBe(true);
      expect(await leases.find('projector')).toMatchObject({ holder: 'a', beats: 1n });
      expect(await leases.take('projector', lease, 'b')).toBeUndefined();
    });

    it('is lost to whoever takes it: the old holder neither beats nor gives up what is not its own', async () => {
      const leases = new Leases(await opened().freshStore());
      const old = taken(await leases.take('projector', undefined, 'a'));
      const next = taken(await leases.take('projector', old, 'b'));
      expect(await leases.beat(old)).toBe(false);
      await leases.giveUp(old);
      expect(await leases.find('projector')).toEqual(next);
      await leases.giveUp(next);
      expect(await leases.find('projector')).toMatchObject({ holder: null, token: 2n });
    });
  });
}
