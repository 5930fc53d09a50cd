import type { PspName } from '@tender/domain';
import type { EventLog, Position } from '@tender/eventstore';
import type { NoticeResult, WebhookDriver } from './webhook-driver';
import { asWebhookEvent, WEBHOOK_PREFIX } from './webhook-stream';

/** Events that one page of a replay considers. */
export const REPLAY_PAGE_SIZE = 500;

export interface ReplayOptions {
  /** Of all PSPs where it is left out. */
  readonly psp?: PspName;
  /** Only those recorded from then on, RFC 3339. */
  readonly recordedFrom?: string;
  /** Only those recorded before, RFC 3339. */
  readonly recordedBefore?: string;
  readonly report?: (progress: ReplayProgress) => void;
  /** Asked before each notice: whether somebody wants the replay to end. */
  readonly stopped?: () => boolean;
}

/** How many notices were read, by what came of it. A notice that could not be read is named, and the rest goes on. */
export interface ReplayCounts {
  readonly read: number;
  readonly byResult: Readonly<Partial<Record<NoticeResult['what'], number>>>;
  readonly failed: readonly { readonly stream: string; readonly detail: string }[];
}

export interface ReplayProgress extends ReplayCounts {
  /** How far the log has been gone through. */
  readonly position: Position | undefined;
}

/** With so many it is something else that is wrong, and the replay ends. */
export const MAX_REPLAY_FAILURES = 1_000;

/** Nobody can be told at present: what was read until then is read, and the rest may be read another time. */
export class ReplayFailed extends Error {
  override readonly name = 'ReplayFailed';

  constructor(
    readonly counts: ReplayCounts,
    options: ErrorOptions,
  ) {
    super(`${counts.failed.length} notices cannot be read`, options);
  }
}

/**
 * Reads stored notices again in the order of the log, after a mistake in reading them was mended. May be run at any time
 * and as often as one likes, also while the workers work: payments and refunds know what they were told before.
 *
 * @throws ReplayFailed after MAX_REPLAY_FAILURES, and whatever the log throws
 */
export async function replayNotices(
  deps: { readonly log: EventLog; readonly driver: Pick<WebhookDriver, 'reread'> },
  options: ReplayOptions = {},
): Promise<ReplayCounts> {
  const byResult: Partial<Record<NoticeResult['what'], number>> = {};
  const failed: { stream: string; detail: string }[] = [];
  let read = 0;
  let after: Position | 'start' = 'start';
  for (;;) {
    const page = await deps.log.readAll({
      after,
      prefixes: [WEBHOOK_PREFIX],
      maxCount: REPLAY_PAGE_SIZE,
    });
    for (const event of page.events) {
      const recorded = asWebhookEvent(event);
      if (recorded.type !== 'WebhookNoticeReceived') continue;
      if (options.stopped?.() === true) return { read, byResult, failed };
      if (!isWanted(options, recorded.data.psp, event.metadata.recordedAt)) continue;
      read += 1;
      try {
        const result = await deps.driver.reread(event.stream);
        if (result !== undefined) byResult[result.what] = (byResult[result.what] ?? 0) + 1;
      } catch (error) {
        failed.push({ stream: event.stream, detail: String(error) });
        if (failed.length >= MAX_REPLAY_FAILURES) {
          throw new ReplayFailed({ read, byResult, failed }, { cause: error });
        }
      }
    }
    options.report?.({ read, byResult, failed, position: page.position });
    if (page.end || page.position === undefined) return { read, byResult, failed };
    after = page.position;
  }
}

function isWanted(
  { psp, recordedFrom, recordedBefore }: ReplayOptions,
  noticePsp: PspName,
  recordedAt: string,
): boolean {
  const atMs = Date.parse(recordedAt);
  return (
    (psp === undefined || psp === noticePsp) &&
    (recordedFrom === undefined || atMs >= Date.parse(recordedFrom)) &&
    (recordedBefore === undefined || atMs < Date.parse(recordedBefore))
  );
}
