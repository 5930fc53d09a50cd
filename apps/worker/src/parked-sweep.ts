import type { WebhookDriver } from '@tender/engine';
import type { Logger } from '@tender/nest';
import { MAX_PAGE_SIZE, type ParkedNoticesModel, type StoredParkedNotice } from '@tender/readmodels';
import { periodically, type Periodic } from './periodic';

/** How long after it appeared something is told what was parked for it, ms at the most. */
export const REREAD_PARKED_EVERY_MS = 15_000;

/** How many notices wait, and since when the oldest one does. */
export class ParkedAges {
  count = 0;
  oldestSinceMs: number | undefined;

  /** Seconds, 0 when none waits. */
  oldestAgeS(nowMs: number): number {
    return this.oldestSinceMs === undefined ? 0 : Math.max(0, nowMs - this.oldestSinceMs) / 1_000;
  }
}

interface SweepDeps {
  readonly parked: Pick<ParkedNoticesModel, 'list'>;
  readonly driver: Pick<WebhookDriver, 'reread'>;
  readonly ages: ParkedAges;
  readonly logger: Logger;
}

/** One round: every parked notice is read again, the oldest first; one that cannot be read does not stop the others. */
export async function rereadParked({ parked, driver, ages, logger }: SweepDeps): Promise<void> {
  let count = 0;
  let oldest: string | undefined;
  let after: StoredParkedNotice | undefined;
  for (;;) {
    const page = await parked.list({ limit: MAX_PAGE_SIZE, ...(after !== undefined && { after }) });
    for (const { stream, since } of page) {
      try {
        if ((await driver.reread(stream))?.what !== 'parked') continue;
      } catch (error) {
        logger.warn({ stream, err: error }, 'a parked notice cannot be read');
      }
      count += 1;
      oldest ??= since;
    }
    if (page.length < MAX_PAGE_SIZE) break;
    after = page.at(-1);
  }
  ages.count = count;
  ages.oldestSinceMs = oldest === undefined ? undefined : Date.parse(oldest);
}

export const sweepParked = (deps: SweepDeps): Periodic =>
  periodically({
    name: 'sweep of parked notices',
    everyMs: REREAD_PARKED_EVERY_MS,
    logger: deps.logger,
    round: () => rereadParked(deps),
  });
