import { bullTimers } from '@tender/engine';

/** A worker process to be killed: it takes its one job, says so, and never ends it. */
const [redisUrl = '', prefix = '', recoverAfterMs = ''] = process.argv.slice(2);

const timers = bullTimers({
  redisUrl,
  prefix,
  recoverAfterMs: Number(recoverAfterMs),
  run: (job) => {
    process.send?.(job);
    return new Promise(() => undefined);
  },
  report: (problem) => {
    process.stderr.write(`${JSON.stringify(problem)}\n`);
  },
});

process.stdout.write('{"ready":true}\n');
// the test must be listening before the job can be taken
timers.schedule('k', 500, { stream: 'payment-1', subject: 'of the killed' });
