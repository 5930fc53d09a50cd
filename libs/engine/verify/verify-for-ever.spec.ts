import { VirtualClock } from '@tender/testing';
import type { VerifiedPage } from './verification';
import {
  LONGEST_REST_MS,
  REST_BETWEEN_WALKS_MS,
  restAfter,
  SAVE_WALK_EVERY_MS,
  verifyForEver,
  type Walk,
} from './verify-for-ever';

const PAGE_MS = 100;
const PAGES = 200;

/** Walks of some pages, each of which takes a while. */
function setUp(share: number, failsAt?: number) {
  const clock = new VirtualClock();
  const done: string[] = [];
  const pages: number[] = [];
  let workedMs = 0;
  let saved = 0;
  const begin = (): Promise<Walk> => {
    let at = saved;
    done.push(`begin at ${at}`);
    return Promise.resolve({
      nextPage(): Promise<VerifiedPage> {
        if (at === failsAt && !done.includes('failed')) return Promise.reject(new Error('the store is away'));
        at += 1;
        pages.push(at);
        workedMs += PAGE_MS;
        clock.standStill(PAGE_MS);
        return Promise.resolve({ events: 1, divergences: 0, position: undefined, done: at === PAGES });
      },
      save() {
        saved = at;
        return Promise.resolve();
      },
      finish() {
        saved = 0;
        return Promise.resolve();
      },
    });
  };
  const verifier = verifyForEver({
    clock,
    share,
    begin,
    onPage: () => undefined,
    onPass: () => done.push('pass'),
    onFailure: () => done.push('failed'),
  });
  return { clock, verifier, done, pages, worked: () => workedMs, savedAt: () => saved };
}

describe('the continuous check', () => {
  it.each([0.01, 0.03, 0.5, 1])('takes a share of %d of the time and no more', async (share) => {
    const { clock, verifier, worked } = setUp(share);
    const startedAtMs = clock.now();
    await clock.advance(PAGE_MS * PAGES * 0.9);
    // a page that has begun is brought to its end
    expect(worked()).toBeLessThanOrEqual((clock.now() - startedAtMs) * share + PAGE_MS);
    expect(worked()).toBeGreaterThan(0);
    await verifier.stop();
  });

  it('begins the next walk at the beginning, after a rest', async () => {
    const { clock, verifier, done } = setUp(1);
    await clock.advance(PAGE_MS * PAGES + REST_BETWEEN_WALKS_MS);
    expect(done.slice(0, 3)).toStrictEqual(['begin at 0', 'pass', 'begin at 0']);
    await verifier.stop();
  });

  it('goes on where it was saved when a store was away', async () => {
    const { clock, verifier, done, pages } = setUp(1, 150);
    await clock.advance(PAGE_MS * PAGES * 2);
    expect(done.slice(0, 2)).toStrictEqual(['begin at 0', 'failed']);
    const [, resumedAt = '0'] = /begin at (\d+)/.exec(done[2] ?? '') ?? [];
    expect(150 - Number(resumedAt)).toBeLessThanOrEqual(SAVE_WALK_EVERY_MS / PAGE_MS);
    expect(new Set(pages).size).toBe(PAGES);
    await verifier.stop();
  });

  it('saves where it is when it is stopped, and ends', async () => {
    const { clock, verifier, pages, savedAt } = setUp(0.5);
    await clock.advance(PAGE_MS * 10);
    await verifier.stop();
    expect(savedAt()).toBe(pages.at(-1));
    await verifier.finished;
  });

  it.each([0, -1, 1.01, Number.NaN])('refuses a share of %d', (share) => {
    expect(() => setUp(share)).toThrow(RangeError);
  });

  it('is not put off for long by one slow page', () => {
    expect(restAfter(1, 0.5)).toBe(1);
    expect(restAfter(60 * 60_000, 0.01)).toBe(LONGEST_REST_MS);
  });
});
