import { systemClock, type Clock } from './clock';
import { inProcessTimers, MAX_TIMERS_IN_PROCESS } from './in-process-timers';

/** No timer is ever due. */
const standing: Clock = { ...systemClock, after: () => () => undefined };

it('holds as many wake-ups as its limit says, and leaves the others to be derived', async () => {
  const timers = inProcessTimers({ clock: standing, run: () => Promise.resolve(), report: () => undefined });
  const job = { stream: 'payment-1', subject: 'attempt' };
  for (let at = 0; at < MAX_TIMERS_IN_PROCESS; at += 1) timers.schedule(`key-${at}`, 1, job);
  expect((await timers.pending()).scheduled).toBe(MAX_TIMERS_IN_PROCESS);
  timers.schedule('one more', 1, job);
  timers.schedule('key-0', 2, job);
  expect((await timers.pending()).scheduled).toBe(MAX_TIMERS_IN_PROCESS);
  await timers.close();
});
