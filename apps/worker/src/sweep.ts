import type { PaymentDriver } from '@tender/engine';
import type { Logger } from '@tender/nest';
import { MAX_PAGE_SIZE, needsPerson, type OpenFlowsModel } from '@tender/readmodels';
import type { OpenFlowAges } from './open-flow-ages';
import { periodically, type Periodic } from './periodic';

/** How long a wake-up that got lost may stay lost, ms. */
const SWEEP_EVERY_MS = 30_000;

/** What waits in one kind of streams, and who brings it on. */
export interface Swept {
  readonly openFlows: OpenFlowsModel;
  readonly driver: Pick<PaymentDriver, 'derive'>;
}

/** Derives the timers from what is open: at start, and again and again, so that no timer has to be durable. */
export const sweepOpenFlows = (deps: {
  readonly swept: readonly Swept[];
  readonly ages: OpenFlowAges;
  readonly logger: Logger;
}): Periodic =>
  periodically({
    name: 'sweep of open flows',
    everyMs: SWEEP_EVERY_MS,
    logger: deps.logger,
    round: async () => {
      deps.ages.roundBegins();
      for (const swept of deps.swept) await sweep(swept, deps.ages);
      deps.ages.roundEnds();
    },
  });

async function sweep({ openFlows, driver }: Swept, ages: OpenFlowAges): Promise<void> {
  const nowMs = Date.now();
  const dueBefore = new Date(nowMs).toISOString();
  let after: string | undefined;
  for (;;) {
    const page = await openFlows.list({
      limit: MAX_PAGE_SIZE,
      dueBefore,
      ...(after === undefined ? {} : { after }),
    });
    for (const flow of page) ages.saw(flow, nowMs);
    // what a person has to do, no timer does
    driver.derive(page.filter(({ kind }) => !needsPerson(kind)));
    if (page.length < MAX_PAGE_SIZE) break;
    after = page.at(-1)?.due;
  }
}
