import { book } from '@tender/domain';
import { catchUp, endOf, LEDGER_PREFIXES, WEBHOOK_PREFIX } from '@tender/engine';
import type { EventLog, Position } from '@tender/eventstore';
import {
  documentsRebuild,
  ledgerRebuild,
  parkedNoticesRebuild,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  type ReadStore,
  type Rebuilt,
} from '@tender/readmodels';
import { CliFailure, EXIT, type ExitCode } from '../exit-codes';
import { progressOn } from '../progress';
import type { Terminal } from '../terminal';
import { shareOf } from '../verify/verify';

type RebuildLog = Pick<EventLog, 'readAll' | 'readStream' | 'subscribe'>;

const MADE_AGAIN = {
  payment_status: (store: ReadStore): Promise<Rebuilt> => documentsRebuild(store, PAYMENT_DOCUMENTS),
  refund_status: (store: ReadStore): Promise<Rebuilt> => documentsRebuild(store, REFUND_DOCUMENTS),
  ledger: (store: ReadStore): Promise<Rebuilt> => ledgerRebuild({ store, prefixes: LEDGER_PREFIXES, book }),
  parked_notices: (store: ReadStore, log: RebuildLog): Promise<Rebuilt> =>
    parkedNoticesRebuild({
      store,
      prefix: WEBHOOK_PREFIX,
      readStream: (stream) => log.readStream(stream),
    }),
} as const;

export type Rebuildable = keyof typeof MADE_AGAIN;
export const REBUILDABLE = Object.keys(MADE_AGAIN) as readonly Rebuildable[];

export interface RebuildOptions {
  /** Begins anew instead of going on with what an earlier call had made. */
  readonly fresh: boolean;
  /** Puts it in place although it is not what is live. */
  readonly acceptDifferences: boolean;
  /** Removes what was live before. */
  readonly dropOld: boolean;
  readonly stopped: () => boolean;
}

const MS_PER_S = 1_000;

/**
 * Makes a read model again beside the live one, compares the two, and puts the new one in its place. Nobody has to stop
 * for it, and whoever is cut off in the middle goes on from there the next time.
 */
export async function rebuild(
  log: RebuildLog,
  store: ReadStore,
  terminal: Terminal,
  name: Rebuildable,
  options: RebuildOptions,
): Promise<ExitCode> {
  const rebuilt = await MADE_AGAIN[name](store, log);
  const { live, version } = rebuilt;
  if (options.fresh) await rebuilt.drop('unfinished');
  await rebuilt.prepare();
  const from = await rebuilt.position();
  terminal.aside(
    `${name}: making ${version} beside ${live}${from === undefined ? '' : `, from ${placeOf(from)} on`}`,
  );
  if (!(await caughtUp(log, rebuilt, terminal, options.stopped))) {
    terminal.aside(`${name}: stopped; the same command goes on from here`);
    return EXIT.interrupted;
  }
  const { isEqual, says } = await rebuilt.compare();
  terminal.out(`${name}: ${says}`);
  if (!isEqual && !options.acceptDifferences) {
    terminal.out(
      `${name}: ${live} stays live, since it is not what the streams make; --accept-differences puts ${version} in its place`,
    );
    return EXIT.divergence;
  }
  if (!(await rebuilt.makeLive()))
    throw new CliFailure(
      EXIT.divergence,
      `${name}: something else than ${live} has become live meanwhile; nothing was switched.`,
    );
  if (rebuilt.catchesUpAfterSwitch) await catchUp(log, rebuilt, () => undefined);
  terminal.out(`${name}: ${version} is live`);
  if (options.dropOld) await rebuilt.drop('live_before');
  terminal.aside(options.dropOld ? `${name}: ${live} is removed` : `${name}: ${live} is kept`);
  return EXIT.ok;
}

/** Twice: what was recorded during the long way is a short one. */
async function caughtUp(
  log: Pick<EventLog, 'readAll' | 'subscribe'>,
  rebuilt: Rebuilt,
  terminal: Terminal,
  stopped: () => boolean,
): Promise<boolean> {
  const end = await endOf(log, rebuilt.prefixes);
  const startedAt = performance.now();
  const progress = progressOn(terminal);
  let events = 0;
  try {
    for (let way = 0; way < 2 && !stopped(); way += 1) {
      const before = events;
      await catchUp(
        log,
        rebuilt,
        ({ events: applied, position }) => {
          progress.show(
            shareOf(position, end),
            before + applied,
            position === undefined ? '-' : placeOf(position),
          );
          events = before + applied;
        },
        stopped,
      );
    }
  } finally {
    progress.stop();
  }
  const seconds = (performance.now() - startedAt) / MS_PER_S;
  terminal.aside(`${events} events applied in ${seconds.toFixed(1)} s, ${Math.round(events / seconds)}/s`);
  return !stopped();
}

const placeOf = ({ commit, prepare }: Position): string => `${commit}/${prepare}`;
