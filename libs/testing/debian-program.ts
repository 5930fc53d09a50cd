import { spawnSync } from 'node:child_process';

const INSTALL_WITHIN_MS = 5 * 60_000;

/**
 * Why a program cannot be run here, as the command that would change it; nothing when it can. With `CI=true` or
 * `TENDER_TEST_INSTALL=1`, and the rights, it is installed: a build machine is there for this.
 *
 * @param program of the Debian package of the same name
 * @param isThere looks anew each time
 */
export function programIsMissing(program: string, isThere: () => boolean): string | undefined {
  if (isThere()) return undefined;
  const install = `apt-get update && apt-get install -y --no-install-recommends ${program}`;
  const { CI, TENDER_TEST_INSTALL } = process.env;
  if ((CI === 'true' || TENDER_TEST_INSTALL === '1') && process.getuid?.() === 0) {
    // nobody wants a server of the system's own to start with it
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
    spawnSync('sh', ['-c', install], { env, stdio: 'ignore', timeout: INSTALL_WITHIN_MS });
    if (isThere()) return undefined;
  }
  return `there is no ${program} on the PATH; ${install}`;
}
