import type { PspName } from '@tender/domain';
import {
  endOf,
  paymentCommands,
  refundCommands,
  ReplayFailed,
  replayNotices,
  systemChance,
  systemClock,
  webhookCommands,
  WebhookDriver,
  WEBHOOK_PREFIX,
  type Clock,
  type NoticeResult,
  type ParkedNotices,
  type ReplayCounts,
} from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { noticeReaders } from '@tender/nest';
import { EXIT, type ExitCode } from '../exit-codes';
import { progressOn, type Progress } from '../progress';
import { jsonOf, type Terminal } from '../terminal';
import { shareOf } from '../verify/verify';
import type { NoticeGateways } from './notice-gateways';

export interface ReplayWebhooksDeps extends Pick<NoticeGateways, 'byPsp'> {
  readonly log: EventLog;
  readonly parked: ParkedNotices;
  readonly clock?: Clock;
}

export interface ReplayWebhooksOptions {
  readonly psp: PspName | undefined;
  /** Recorded from then on, and before then, ms. */
  readonly fromMs: number | undefined;
  readonly toMs: number | undefined;
  readonly json: boolean;
  readonly stopped: () => boolean;
}

/** What is said of each count. */
const MEANING: Readonly<Record<NoticeResult['what'], string>> = {
  applied: 'told a payment or refund something new',
  known: 'told nothing new',
  parked: 'wait for a payment or refund that is not there',
  foreign: 'are about nothing of ours',
  ignored: 'are not read by this release, or tell nothing',
};

const RESULTS = Object.keys(MEANING) as readonly NoticeResult['what'][];

/**
 * Reads stored notices again, as a worker does, and tells what came of them. Safe beside workers: it decides nothing, and
 * whoever is told appends only what is news to it.
 */
export async function replayWebhooks(
  { log, parked, byPsp, clock = systemClock }: ReplayWebhooksDeps,
  terminal: Terminal,
  { psp, fromMs, toMs, json, stopped }: ReplayWebhooksOptions,
): Promise<ExitCode> {
  const deps = { log, clock, chance: systemChance };
  const driver = new WebhookDriver({
    ...deps,
    commands: paymentCommands(deps),
    refunds: refundCommands(deps),
    inbox: webhookCommands(deps),
    parked,
    readers: noticeReaders({ byPsp }),
    report: () => undefined,
  });
  const end = await endOf(log, [WEBHOOK_PREFIX]);
  const progress = progressOn(terminal);
  const { counts, gaveUp } = await endedBy(progress, () =>
    replayNotices(
      { log, driver },
      {
        ...(psp !== undefined && { psp }),
        ...(fromMs !== undefined && { recordedFrom: new Date(fromMs).toISOString() }),
        ...(toMs !== undefined && { recordedBefore: new Date(toMs).toISOString() }),
        stopped,
        report: ({ read, position }) => {
          const place = position === undefined ? '-' : `${position.commit}/${position.prepare}`;
          progress.show(shareOf(position, end), read, place);
        },
      },
    ),
  );
  const isComplete = !gaveUp && !stopped();
  terminal.out(json ? jsonOf(jsonForm(counts, isComplete)) : textForm(counts, isComplete));
  if (counts.failed.length > 0) return EXIT.incomplete;
  return isComplete ? EXIT.ok : EXIT.interrupted;
}

/** A replay that gave up has counts, too. */
async function endedBy(
  progress: Progress,
  replay: () => Promise<ReplayCounts>,
): Promise<{ readonly counts: ReplayCounts; readonly gaveUp: boolean }> {
  try {
    return { counts: await replay(), gaveUp: false };
  } catch (error) {
    if (error instanceof ReplayFailed) return { counts: error.counts, gaveUp: true };
    throw error;
  } finally {
    progress.stop();
  }
}

const jsonForm = ({ read, byResult, failed }: ReplayCounts, complete: boolean): object => ({
  object: 'webhook_replay',
  complete,
  read,
  by_result: Object.fromEntries(RESULTS.map((what) => [what, byResult[what] ?? 0])),
  failed,
});

function textForm({ read, byResult, failed }: ReplayCounts, complete: boolean): string {
  const width = String(read).length;
  return [
    `${read} notices read again${complete ? '' : '; it ended early'}`,
    ...RESULTS.flatMap((what) => {
      const count = byResult[what];
      return count === undefined
        ? []
        : [`  ${String(count).padStart(width)} ${what.padEnd(8)} ${MEANING[what]}`];
    }),
    ...failed.map(({ stream, detail }) => `  unread: ${stream}: ${detail}`),
  ].join('\n');
}
