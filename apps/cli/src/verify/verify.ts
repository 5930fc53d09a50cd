import { endOf, LEDGER_PREFIXES, type VerifiedPage } from '@tender/engine';
import type { EventLog, LogInspection, Position } from '@tender/eventstore';
import { liveModels, ModelsSwitched, verificationOf, type LiveVerification } from '@tender/nest';
import type { ReadStore } from '@tender/readmodels';
import { EXIT, type ExitCode } from '../exit-codes';
import { progressOn } from '../progress';
import { jsonOf, type Terminal } from '../terminal';
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
  const begin = async (): Promise<LiveVerification> =>
    verificationOf({
      log,
      readStore,
      models: await liveModels(readStore),
      report: (divergence) => {
        found += 1;
        if (found <= MAX_DIVERGENCES_NAMED)
          terminal.out(json ? JSON.stringify(divergence) : divergenceText(divergence));
      },
    });
  let verification = await begin();
  const nextPage = async (): Promise<VerifiedPage> => {
    try {
      return await verification.nextPage();
    } catch (error) {
      if (!(error instanceof ModelsSwitched)) throw error;
      terminal.aside(error.message);
      verification = await begin();
      return verification.nextPage();
    }
  };
  const end = await endOf(log, LEDGER_PREFIXES);
  const progress = progressOn(terminal);
  let events = 0;
  let position: Position | undefined;
  const walk = async (): Promise<void> => {
    let done = false;
    while (!done && !stopped()) {
      const page = await nextPage();
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
  const { seq, hash } = verification.ledgerHead();
  const summary: Summary = {
    divergences: found,
    events,
    position: placeOf(position),
    checked: ['streams', ...verification.checked()],
    ledger: { seq, head: hash },
    complete: follow || !stopped(),
    seconds: Number(seconds.toFixed(1)),
    events_per_second: Math.round(events / seconds),
  };
  terminal.out(json ? JSON.stringify(JSON.parse(jsonOf({ summary }))) : summaryText(summary));
  if (found > 0) return EXIT.divergence;
  return summary.complete ? EXIT.ok : EXIT.interrupted;
}

interface Summary {
  readonly divergences: number;
  readonly events: number;
  readonly position: string;
  readonly checked: readonly string[];
  readonly ledger: { readonly seq: bigint; readonly head: string };
  /** False when somebody ended it early. */
  readonly complete: boolean;
  readonly seconds: number;
  readonly events_per_second: number;
}

function summaryText(summary: Summary): string {
  const { divergences, events, position, checked, ledger, complete, seconds } = summary;
  const unnamed = divergences - MAX_DIVERGENCES_NAMED;
  return [
    ...(unnamed > 0 ? [`and ${unnamed} more, which are not named`] : []),
    `${divergences === 0 ? 'no divergence' : `${divergences} divergences`} in ${events} events up to ${position}${complete ? '' : ', where it was stopped'}`,
    `checked: ${checked.join(', ')}`,
    `ledger: journal ${ledger.seq}, head ${ledger.head}`,
    `${seconds} s, ${summary.events_per_second} events/s`,
  ].join('\n');
}

const placeOf = (position: Position | undefined): string =>
  position === undefined ? 'the beginning' : `${position.commit}/${position.prepare}`;

/** Positions are places in a file, near enough to a measure of the work. */
export function shareOf(position: Position | undefined, end: Position | undefined): number | undefined {
  if (position === undefined || end === undefined || end.commit === 0n) return undefined;
  return Math.min(1, Number(position.commit) / Number(end.commit));
}
