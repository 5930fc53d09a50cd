import type { Divergence } from '@tender/domain';
import { endOf, LEDGER_PREFIXES } from '@tender/engine';
import type { EventLog, LogInspection, Position } from '@tender/eventstore';
import { verificationOf } from '@tender/nest';
import type { ReadStore } from '@tender/readmodels';
import { EXIT, type ExitCode } from '../exit-codes';
import { progressOn } from '../progress';
import type { Terminal } from '../terminal';
import { divergenceText } from './divergence-text';

export interface VerifyOptions {
  /** Goes on with what is recorded later, until it is stopped. */
  readonly follow: boolean;
  readonly json: boolean;
  readonly stopped: () => boolean;
}

/** Named one by one; more are counted. */
export const MAX_DIVERGENCES_NAMED = 1_000;
const LOOK_AGAIN_AFTER_MS = 1_000;
const MS_PER_S = 1_000;

/** Holds everything that is derived against the streams, and names each difference on the output as it is found. */
export async function verify(
  log: Pick<EventLog, 'readStream' | 'subscribe'> & LogInspection,
  readStore: ReadStore,
  terminal: Terminal,
  { follow, json, stopped }: VerifyOptions,
): Promise<ExitCode> {
  const startedAt = performance.now();
  let found = 0;
  const report = (divergence: Divergence): void => {
    found += 1;
    if (found > MAX_DIVERGENCES_NAMED) return;
    terminal.out(json ? JSON.stringify(divergence) : divergenceText(divergence));
  };
  const { verification, ledgerHead } = await verificationOf({ log, readStore, report });
  const end = await endOf(log, LEDGER_PREFIXES);
  const progress = progressOn(terminal);
  let events = 0;
  let position: Position | undefined;
  const walk = async (): Promise<void> => {
    for (let done = false; !done && !stopped();) {
      const page = await verification.nextPage();
      ({ done, position } = page);
      events += page.events;
      progress.show(shareOf(position, end), events, placeOf(position));
    }
  };
  try {
    // what had moved on during the first walk is come by in the second
    await walk();
    await walk();
    while (follow && !stopped()) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
      await walk();
    }
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - startedAt) / MS_PER_S;
  const { seq, hash } = ledgerHead();
  const summary = {
    checked: ['streams', ...verification.checked],
    events,
    position: placeOf(position),
    ledger: { seq: Number(seq), head: hash },
    divergences: found,
    complete: !stopped() || follow,
    seconds: Number(seconds.toFixed(1)),
    events_per_second: Math.round(events / seconds),
  };
  if (json) terminal.out(JSON.stringify({ summary }));
  else {
    if (found > MAX_DIVERGENCES_NAMED)
      terminal.out(`and ${found - MAX_DIVERGENCES_NAMED} more, which are not named`);
    terminal.out(
      `${found === 0 ? 'no divergence' : `${found} divergences`} in ${events} events up to ${summary.position} ` +
        `(${summary.checked.join(', ')}; ledger at journal ${seq}, head ${hash}), ${summary.seconds} s, ${summary.events_per_second} events/s`,
    );
  }
  if (found > 0) return EXIT.divergence;
  return summary.complete ? EXIT.ok : EXIT.interrupted;
}

const placeOf = (position: Position | undefined): string =>
  position === undefined ? 'the beginning' : `${position.commit}/${position.prepare}`;

/** Positions are places in a file, near enough to a measure of the work. */
export function shareOf(position: Position | undefined, end: Position | undefined): number | undefined {
  if (position === undefined || end === undefined || end.commit === 0n) return undefined;
  return Math.min(1, Number(position.commit) / Number(end.commit));
}
