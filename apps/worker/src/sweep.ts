import type { PaymentDriver } from '@tender/engine';
import type { Logger } from '@tender/nest';
import { MAX_PAGE_SIZE, type OpenFlowsModel } from '@tender/readmodels';
import type { OpenFlowAges } from './open-flow-ages';
import { periodically, type Periodic } from './periodic';

/** How long a wake-up that got lost may stay lost, ms. */
const SWEEP_EVERY_MS = 30_000;

/** Derives the timers from what is open: at start, and again and again, so that no timer has to be durable. */
export const sweepOpenFlows = (deps: {
  readonly openFlows: OpenFlowsModel;
  readonly driver: PaymentDriver;
  readonly ages: OpenFlowAges;
  readonly logger: Logger;
}): Periodic =>
  periodically({
    name: 'sweep of open flows',
    everyMs: SWEEP_EVERY_MS,
    logger: deps.logger,
    round: async () => {
      const nowMs = Date.now();
      const dueBefore = new Date(nowMs).toISOString();
      deps.ages.roundBegins();
      let after: string | undefined;
      for (;;) {
        const page = await deps.openFlows.list({
          limit: MAX_PAGE_SIZE,
          dueBefore,
          ...(after === undefined ? {} : { after }),
        });
        for (const flow of page) deps.ages.saw(flow, nowMs);
        // what a person has to do, no timer does
        deps.driver.derive(page.filter(({ kind }) => kind !== 'charge_not_returned'));
        if (page.length < MAX_PAGE_SIZE) break;
        after = page.at(-1)?.due;
      }
      deps.ages.roundEnds();
    },
  });
