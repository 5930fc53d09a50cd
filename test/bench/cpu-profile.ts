import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import path from 'node:path';

/**
 * Loaded into every process of a profiled stack by `node --require`; Node 20 does not take `--cpu-prof` from
 * NODE_OPTIONS, and a profile of the whole life shows mostly the loading of modules and the check at the end. The
 * first signal starts the profile, the next one writes it, named after the program.
 */
export const PROFILE_SIGNAL = 'SIGUSR2';
export const PROFILE_FOLDER = 'TENDER_CPU_PROFILE';

const folder = process.env[PROFILE_FOLDER];
const program = process.argv[1];

if (folder !== undefined && program !== undefined) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  let running = false;
  process.on(PROFILE_SIGNAL, () => {
    running = !running;
    if (running) session.post('Profiler.start');
    else
      session.post('Profiler.stop', (error, stopped) => {
        if (error === null) writeFileSync(fileFor(folder, program), JSON.stringify(stopped.profile));
      });
  });
}

function fileFor(inFolder: string, entry: string): string {
  const [, name = 'program'] = /([\w-]+)(?:\/src)?\/main\.js$/.exec(entry) ?? [];
  return path.join(inFolder, `${name}-${process.pid}.cpuprofile`);
}
