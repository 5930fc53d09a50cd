import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';

/**
 * Loaded into every process of a profiled stack by `node --require`; Node 20 does not take `--cpu-prof` from
 * NODE_OPTIONS. The profile is written when the process ends, named after its program.
 */
const folder = process.env.TENDER_CPU_PROFILE;
const program = process.argv[1];
/** Loading the modules is no part of a payment, ms. */
const START_AFTER_MS = 5_000;

if (folder !== undefined && program !== undefined) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  setTimeout(() => {
    session.post('Profiler.start');
  }, START_AFTER_MS).unref();
  process.once('exit', () => {
    session.post('Profiler.stop', (error, stopped) => {
      if (error !== null) return;
      const [, name = 'program'] = /(\w[\w-]*)(?:\/src)?\/main\.js$/.exec(program) ?? [];
      writeFileSync(path.join(folder, `${name}-${process.pid}.cpuprofile`), JSON.stringify(stopped.profile));
    });
  });
}
