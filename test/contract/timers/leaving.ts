import { bullTimers } from '@tender/engine';

/** A process that closes its timers when it is told to, and then has nothing more to do. */
const [redisUrl = '', prefix = ''] = process.argv.slice(2);

const timers = bullTimers({ redisUrl, prefix, run: () => Promise.resolve(), report: () => undefined });

process.once('message', () => {
  void timers.close().then(() => {
    process.disconnect();
  });
});

void timers.pending().then(() => process.stdout.write('{"ready":true}\n'));
