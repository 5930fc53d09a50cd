import type { Clock } from './clock';

/** Waits for the work, but not for ever: false when the time was up first. The work goes on. */
export function withinMs(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => {
      resolve(false);
    });
    work.then(() => {
      resolve(true);
    }, reject);
    work.then(cancel, cancel);
  });
}
