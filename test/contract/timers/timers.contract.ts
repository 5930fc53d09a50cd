import { CLOSE_TIMERS_WITHIN_MS, type RunTimer, type TimerJob, type Timers } from '@tender/engine';
import { Runs, type OpenedTimers } from './fixture';

const SOON_MS = 60;
const LATER_MS = 200;
/** Not in the time of a test. */
const FAR_MS = 60 * 60_000;
/** So late that it does not happen here. */
const NEVER_MS = 3_600_000;

const job = (subject: string): TimerJob => ({ stream: 'payment-1', subject });

/** What every implementation of the port promises. */
export function describeTimers(name: string, open: () => OpenedTimers): void {
  describe(`timers: ${name}`, () => {
    let opened: OpenedTimers;
    let runs: Runs;
    const start = (run: RunTimer = runs.run): Timers => opened.start(run);
    const ran = (count: number): Promise<void> => opened.until(() => runs.jobs.length >= count);

    beforeEach(() => {
      opened = open();
      runs = new Runs(opened);
    });

    afterEach(async () => {
      runs.releaseAll();
      await opened.close();
    });

    it('run after their delay, and not before, with what was scheduled', async () => {
      const timers = start();
      const scheduledAtMs = opened.nowMs();
      timers.schedule('k', LATER_MS, job('a'));
      await ran(1);
      expect(runs.jobs).toEqual([job('a')]);
      expect(runs.firstAtMs() - scheduledAtMs).toBeGreaterThanOrEqual(LATER_MS);
    });

    it('run in the order of their times, not of their schedules', async () => {
      const timers = start();
      timers.schedule('late', 6 * LATER_MS, job('late'));
      timers.schedule('soon', SOON_MS, job('soon'));
      await ran(2);
      expect(runs.attempts()).toEqual(['soon', 'late']);
    });

    it.each([
      ['a later one', SOON_MS, LATER_MS],
      ['a sooner one', NEVER_MS, LATER_MS],
    ])('are replaced by %s of the same key', async (_which, firstMs, secondMs) => {
      const timers = start();
      timers.schedule('k', firstMs, job('replaced'));
      const scheduledAtMs = opened.nowMs();
      timers.schedule('k', secondMs, job('kept'));
      await ran(1);
      await opened.pass(2 * LATER_MS);
      expect(runs.attempts()).toEqual(['kept']);
      expect(runs.firstAtMs() - scheduledAtMs).toBeGreaterThanOrEqual(secondMs);
    });

    it('of many keys each run once, whatever the keys look like', async () => {
      const timers = start();
      const keys = ['7', 'a:b', ' ', '{x}', 'ключ', 'x'.repeat(500)];
      for (let index = 0; index < 300; index += 1) keys.push(`payment-${index}/attempt`);
      for (const key of keys) timers.schedule(key, SOON_MS, job(key));
      await ran(keys.length);
      await opened.pass(LATER_MS);
      expect(runs.attempts().sort()).toEqual([...keys].sort());
    });

    it('can be scheduled again under the key once they have run', async () => {
      const timers = start();
      for (const attempt of ['first', 'second', 'third']) {
        timers.schedule('k', SOON_MS, job(attempt));
        await opened.until(() => runs.attempts().includes(attempt));
        await opened.until(async () => (await timers.pending()).running === 0);
      }
      expect(runs.attempts()).toEqual(['first', 'second', 'third']);
    });

    it('that are ensured leave alone what is scheduled, and schedule what is not', async () => {
      const timers = start();
      timers.schedule('there', LATER_MS, job('scheduled'));
      timers.ensure('there', SOON_MS, job('ensured too late'));
      timers.ensure('missing', SOON_MS, job('ensured'));
      timers.ensure('missing', SOON_MS, job('ensured again'));
      await ran(2);
      await opened.pass(LATER_MS);
      expect(runs.attempts().sort()).toEqual(['ensured', 'scheduled']);
    });

    it('that were ensured can be replaced', async () => {
      const timers = start();
      timers.ensure('k', NEVER_MS, job('ensured'));
      timers.schedule('k', SOON_MS, job('scheduled'));
      await ran(1);
      expect(runs.attempts()).toEqual(['scheduled']);
    });

    it('count as scheduled, then as running', async () => {
      const timers = start(runs.held);
      timers.schedule('held', SOON_MS, job('held'));
      timers.schedule('waiting', NEVER_MS, job('waiting'));
      timers.schedule('waiting too', NEVER_MS, job('waiting too'));
      await ran(1);
      await opened.until(async () => (await timers.pending()).scheduled === 2);
      expect(await timers.pending()).toEqual({ scheduled: 2, due: 0, running: 1 });
      runs.releaseAll();
      await opened.until(async () => (await timers.pending()).running === 0);
    });

    describe('of a key whose job is running', () => {
      /** The first job of each key schedules the key again while it runs, in the way of the payment process. */
      const again = (timers: () => Timers, ...next: readonly string[]): RunTimer => {
        return async (ran) => {
          const isFirst = runs.jobs.length === 0;
          await runs.run(ran);
          if (!isFirst) return;
          for (const attempt of next) timers().schedule('k', SOON_MS, job(attempt));
          // so that whatever holds the jobs has the schedule before the run is over
          await opened.pass(SOON_MS / 2);
        };
      };

      it('are kept, and run once', async () => {
        const timers: Timers = start(again(() => timers, 'second'));
        timers.schedule('k', SOON_MS, job('first'));
        await ran(2);
        await opened.pass(LATER_MS);
        expect(runs.attempts()).toEqual(['first', 'second']);
        expect(await timers.pending()).toEqual({ scheduled: 0, due: 0, running: 0 });
      });

      it('are replaced by the newest', async () => {
        const timers: Timers = start(again(() => timers, 'old', 'older than the next', 'newest'));
        timers.schedule('k', SOON_MS, job('first'));
        await ran(2);
        await opened.pass(LATER_MS);
        expect(runs.attempts()).toEqual(['first', 'newest']);
      });

      it('are kept when that job fails', async () => {
        const scheduling: RunTimer = again(() => timers, 'second');
        const timers = start(async (ran) => {
          const isFirst = runs.jobs.length === 0;
          await scheduling(ran);
          if (isFirst) throw new Error('planted');
        });
        timers.schedule('k', SOON_MS, job('first'));
        await ran(2);
        expect(runs.attempts()).toEqual(['first', 'second']);
      });
    });

    it('that fail are reported once, and stand in nobody’s way', async () => {
      const timers = start(async (ran) => {
        await runs.run(ran);
        if (ran.subject === 'failing') throw new Error('planted');
      });
      timers.schedule('k', SOON_MS, job('failing'));
      timers.schedule('other', LATER_MS, job('other'));
      await ran(2);
      await opened.until(() => opened.problems.length > 0);
      timers.schedule('k', SOON_MS, job('again'));
      await ran(3);
      expect(runs.attempts()).toEqual(['failing', 'other', 'again']);
      expect(opened.problems).toEqual([
        { what: 'timer_failed', detail: expect.stringContaining('planted') as string },
      ]);
    });

    it('that were lost are lost until they are derived again', async () => {
      const before = start();
      before.schedule('k', FAR_MS, job('lost'));
      before.schedule('k2', FAR_MS, job('lost, too'));
      await opened.until(async () => (await before.pending()).scheduled === 2);
      const after = await opened.lose(runs.run);
      // what is there already would stay as it is
      for (const key of ['k', 'k2']) after.ensure(key, SOON_MS, job(`derived ${key}`));
      await ran(2);
      expect(runs.attempts().sort()).toEqual(['derived k', 'derived k2']);
    });

    describe('that are closed', () => {
      it('start nothing any more, and take no schedule', async () => {
        const timers = start();
        timers.schedule('k', SOON_MS, job('before'));
        await timers.close();
        timers.schedule('k2', 1, job('after'));
        await opened.pass(LATER_MS);
        expect(runs.jobs).toEqual([]);
        expect(opened.problems).toEqual([]);
      });

      it('wait for what is running', async () => {
        const timers = start(runs.held);
        timers.schedule('k', SOON_MS, job('held'));
        await ran(1);
        let closed = false;
        const closing = timers.close().then(() => (closed = true));
        await opened.pass(SOON_MS);
        expect(closed).toBe(false);
        runs.releaseAll();
        await closing;
        expect(runs.ended).toBe(1);
      });

      it('wait for it a limited time only', async () => {
        const timers = start(runs.held);
        timers.schedule('k', SOON_MS, job('held'));
        await ran(1);
        let closed = false;
        const closing = timers.close().then(() => (closed = true));
        await opened.pass(CLOSE_TIMERS_WITHIN_MS - SOON_MS);
        expect(closed).toBe(false);
        await opened.until(() => closed);
        await closing;
        expect(runs.ended).toBe(0);
      });

      it('can be closed again', async () => {
        const timers = start();
        await Promise.all([timers.close(), timers.close()]);
        await timers.close();
        expect(opened.problems).toEqual([]);
      });
    });
  });
}
