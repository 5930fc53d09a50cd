import type { PaymentDriver } from '@tender/engine';
import type { Logger } from '@tender/nest';
import { MAX_PAGE_SIZE, type OpenFlowsModel } from '@tender/readmodels';
import { periodically, type Periodic } from './periodic';

/** How long a wake-up that got lost may stay lost, ms. */
const SWEEP_EVERY_MS = 30_000;

/** Derives the timers from what is open: at start, and again and again, so that no timer has to be durable. */
export const sweepOpenFlows = (deps: {
  readonly openFlows: OpenFlowsModel;
  readonly driver: PaymentDriver;
  readonly logger: Logger;
}): Periodic =>
  periodically({
    name: 'sweep of open flows',
    everyMs: SWEEP_EVERY_MS,
    logger: deps.logger,
    round: async () => {
      const dueBefore = new Date().toISOString();
      let after: string | undefined;
      for (;;) {
        const page = await deps.openFlows.list({
          limit: MAX_PAGE_SIZE,
          dueBefore,
          ...(after === undefined ? {} : { after }),
        });
        deps.driver.derive(page);
        if (page.length < MAX_PAGE_SIZE) return;
        after = page.at(-1)?.due;
      }
    },
  });
