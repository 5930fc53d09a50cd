/** Kernel clock ticks in a second as `/proc` shows them: 100 on every Linux (USER_HZ, time(7)). */
const TICKS_PER_S = 100;

/** Places after the command's name in `/proc/<pid>/stat`, proc_pid_stat(5): utime is field 14, stime 15, state 3. */
const UTIME = 14 - 3;
const STIME = 15 - 3;

/**
 * CPU time of a process with all its threads, ms.
 *
 * @throws when the text is no such file
 */
export function cpuMsOf(stat: string): number {
  // the name may hold blanks and parentheses: what follows the last one is regular
  const end = stat.lastIndexOf(')');
  const fields = end === -1 ? [] : stat.slice(end + 2).split(' ');
  const ticks = Number(fields[UTIME]) + Number(fields[STIME]);
  if (!Number.isFinite(ticks)) throw new Error(`not the stat of a process: ${stat.slice(0, 80)}`);
  return (ticks * 1000) / TICKS_PER_S;
}

/**
 * Resident memory of a process, bytes.
 *
 * @throws when the text is no `/proc/<pid>/status` of a living process
 */
export function residentBytesOf(status: string): number {
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  if (found === null) throw new Error('no VmRSS in the status of the process');
  return Number(found[1]) * 1024;
}
