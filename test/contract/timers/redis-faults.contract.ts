import { MAX_RUNNING_TIMERS, MAX_UNANSWERED_SCHEDULES, type TimerJob } from '@tender/engine';
import { spawnCompiled, type PrivateRedis, type SpawnedServer } from '@tender/testing';
import { openBull, RECOVER_AFTER_MS, Runs, type OpenedBull } from './fixture';

const SOON_MS = 60;
const LATER_MS = 400;
const NEVER_MS = 3_600_000;
/** Longer than a busy machine keeps a live process from saying so. */
const UNSTALLED_MS = 60_000;

const job = (subject: string): TimerJob => ({ stream: 'payment-1', subject });

/** What several processes and one Redis can do to each other. */
export function describeRedisFaults(redis: () => PrivateRedis): void {
  let opened: OpenedBull;
  let runs: Runs;
  let leaving: SpawnedServer | undefined;

  const ran = (count: number): Promise<void> => opened.until(() => runs.jobs.length >= count);

  beforeEach(() => {
    opened = openBull(redis().url, () => redis().flush());
    runs = new Runs(opened);
  });

  afterEach(async () => {
    leaving?.process.kill('SIGKILL');
    runs.releaseAll();
    await opened.close();
  });

  describe('two workers', () => {
    it('share the jobs, and each runs once while nobody stalls', async () => {
      const unstalled = openBull(opened.redisUrl, () => Promise.resolve(), UNSTALLED_MS);
      const other = new Runs(opened);
      const [one] = [unstalled.start(runs.run), unstalled.start(other.run)];
      const attempts = Array.from({ length: 300 }, (_, index) => `attempt ${index}`);
      for (const attempt of attempts) one.schedule(attempt, LATER_MS, job(attempt));
      await opened.until(() => runs.jobs.length + other.jobs.length >= attempts.length);
      await opened.pass(LATER_MS);
      await unstalled.close();
      expect([...runs.attempts(), ...other.attempts()].sort()).toEqual(attempts.sort());
    });

    it('keep a job that takes longer than a dead process would be given', async () => {
      opened.start(runs.held).schedule('k', SOON_MS, job('long'));
      await ran(1);
      opened.start(runs.held);
      await opened.pass(4 * RECOVER_AFTER_MS);
      expect(runs.attempts()).toEqual(['long']);
    });

    it('replace each other’s schedules, also those of a job that the other runs', async () => {
      const busy = new Runs(opened);
      const first = opened.start(busy.held);
      first.schedule('k', SOON_MS, job('first'));
      await opened.until(() => busy.jobs.length === 1);
      const second = opened.start(runs.run);
      second.schedule('k', LATER_MS, job('second'));
      first.schedule('k', LATER_MS, job('third'));
      await opened.pass(LATER_MS);
      expect(runs.jobs).toEqual([]);
      busy.releaseAll();
      await opened.until(() => busy.jobs.length + runs.jobs.length === 2);
      busy.releaseAll();
      await opened.pass(2 * LATER_MS);
      expect([...busy.attempts(), ...runs.attempts()]).toHaveLength(2);
    });
  });

  it('runs the job of a killed process again in another one', async () => {
    const args = [opened.redisUrl, opened.prefix, String(RECOVER_AFTER_MS)];
    const killed = await spawnCompiled('test/contract/timers/main.ts', args);
    const taken = new Promise((resolve) => killed.process.once('message', resolve));
    expect(await taken).toEqual(job('of the killed'));
    killed.process.kill('SIGKILL');
    await killed.exited;
    opened.start(runs.run);
    await ran(1);
    await opened.pass(3 * RECOVER_AFTER_MS);
    expect(runs.attempts()).toEqual(['of the killed']);
  });

  it(`runs ${MAX_RUNNING_TIMERS} jobs at a time, and a due one that waits for its turn can still be replaced`, async () => {
    const timers = opened.start(runs.held);
    for (let index = 0; index < MAX_RUNNING_TIMERS; index += 1) {
      timers.schedule(`k${index}`, LATER_MS, job(`${index}`));
    }
    timers.schedule('one too many', LATER_MS + SOON_MS, job('one too many'));
    await ran(MAX_RUNNING_TIMERS);
    await opened.pass(LATER_MS);
    expect(runs.jobs).toHaveLength(MAX_RUNNING_TIMERS);
    const other = openBullBeside(opened);
    timers.schedule('one too many', NEVER_MS, job('replaced'));
    await opened.pass(SOON_MS);
    runs.releaseAll();
    await opened.until(async () => (await timers.pending()).running === 0);
    await opened.pass(SOON_MS);
    expect(await timers.pending()).toEqual({ scheduled: 1, due: 0, running: 0 });
    expect(runs.attempts()).not.toContain('one too many');
    await other();
  });

  describe('a Redis that goes away', () => {
    it('is reported, fails nobody, and is good again for what is derived later', async () => {
      const timers = opened.start(runs.run);
      timers.schedule('k', NEVER_MS, job('lost'));
      await opened.until(async () => (await timers.pending()).scheduled === 1);
      await redis().kill();
      await opened.until(() => opened.problems.length > 0);
      expect(opened.problems).toEqual([expect.objectContaining({ what: 'timers_unreachable' })]);
      timers.schedule('k', SOON_MS, job('not scheduled'));
      timers.ensure('k2', SOON_MS, job('not scheduled'));
      expect(opened.problems.slice(1).map(({ what }) => what)).toEqual([
        'timer_not_scheduled',
        'timer_not_scheduled',
      ]);
      await expect(timers.pending()).rejects.toThrow();
      await redis().restart();
      await opened.until(async () => (await timers.pending().catch(() => undefined))?.scheduled === 0);
      timers.ensure('k', SOON_MS, job('derived'));
      await ran(1);
      expect(runs.attempts()).toEqual(['derived']);
    });

    it('is waited for at the start, and what was scheduled until then runs', async () => {
      await redis().kill();
      const timers = opened.start(runs.run);
      timers.schedule('k', SOON_MS, job('early'));
      await redis().restart();
      await ran(1);
      expect(runs.attempts()).toEqual(['early']);
    });

    it('keeps nobody from closing', async () => {
      const timers = opened.start(runs.run);
      await opened.until(async () => (await timers.pending()).scheduled === 0);
      await redis().kill();
      await timers.close();
      await redis().restart();
      expect(runs.jobs).toEqual([]);
    });

    it('keeps no process from ending that has closed its timers', async () => {
      leaving = await spawnCompiled('test/contract/timers/leaving.ts', [opened.redisUrl, opened.prefix]);
      await redis().kill();
      leaving.process.send('close');
      expect(await leaving.exited).toBe(0);
      await redis().restart();
    });

    it('without a word is not waited for: schedules beyond the limit are left to be derived', async () => {
      const timers = opened.start(runs.run);
      await opened.until(async () => (await timers.pending()).scheduled === 0);
      redis().pause();
      try {
        for (let index = 0; index < MAX_UNANSWERED_SCHEDULES; index += 1) {
          timers.ensure('k', NEVER_MS, job('within the limit'));
        }
        expect(opened.problems).toEqual([]);
        timers.ensure('k', NEVER_MS, job('one too many'));
        expect(opened.problems).toEqual([
          { what: 'timer_not_scheduled', detail: 'Redis answers too slowly' },
        ]);
      } finally {
        redis().resume();
      }
      await opened.until(async () => (await timers.pending().catch(() => undefined))?.scheduled === 1);
    });
  });
}

/** Nobody but the test's own timers may take the jobs: another queue on the same Redis does not. */
function openBullBeside({ redisUrl }: OpenedBull): () => Promise<void> {
  const beside = openBull(redisUrl, () => Promise.resolve());
  const runs = new Runs(beside);
  beside.start(runs.run);
  return async () => {
    await beside.close();
    expect(runs.jobs).toEqual([]);
  };
}
