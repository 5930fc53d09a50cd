import type { Divergence } from '@tender/domain';
import { LEDGER_PREFIXES, verifyForEver, type Clock, type LeasedWork, type Walk } from '@tender/engine';
import type { EventLog, LogInspection } from '@tender/eventstore';
import { liveModels, ModelsSwitched, nameOf, verificationOf, type Logger } from '@tender/nest';
import { LedgerModels, SavedWalk, type ReadStore } from '@tender/readmodels';
import type { VerifierMetrics } from './verifier-metrics';

/** Of its lease. */
export const VERIFIER = 'verifier';

/** Divergences of one walk that are logged one by one; all are counted. */
export const MAX_DIVERGENCES_LOGGED = 100;

/** Events in one page: short of what would keep the process from its payments. */
export const VERIFIER_PAGE_EVENTS = 250;

/** Streams, payments, refunds and books kept, some KB each: beside payments there is little room. */
export const VERIFIER_KEPT = 2_000;

export interface VerifierDeps {
  readonly log: Pick<EventLog, 'readStream' | 'subscribe'> & LogInspection;
  readonly store: ReadStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: VerifierMetrics;
  /** Share of this process's time. */
  readonly share: number;
}

/**
 * Holds everything that is derived against the streams, for ever and slowly. A difference in the streams or in the books
 * stops the books: nobody must build on them until somebody has looked.
 */
export function verifyContinuously(deps: VerifierDeps): LeasedWork {
  const { log, store, clock, logger, metrics, share } = deps;
  const begin = async (): Promise<Walk> => {
    const models = await liveModels(store);
    const saved = new SavedWalk(store, nameOf(models));
    const from = await saved.load();
    const found: Divergence[] = [];
    let logged = 0;
    const verification = verificationOf({
      log,
      readStore: store,
      models,
      maxPageEvents: VERIFIER_PAGE_EVENTS,
      maxKept: VERIFIER_KEPT,
      report: (divergence) => {
        found.push(divergence);
        metrics.diverged(divergence);
        logged += 1;
        if (logged <= MAX_DIVERGENCES_LOGGED) logger.error(divergence, 'a divergence from the streams');
      },
      ...(from === undefined ? {} : { from }),
    });
    return {
      async nextPage() {
        const page = await verification.nextPage();
        await haltFor(found.splice(0), { store, clock, logger });
        return page;
      },
      async save() {
        // without books there is no place in them to go on from
        if (verification.checked().includes('ledger')) await saved.save(verification.ledgerHead());
      },
      finish: () => saved.clear(),
    };
  };
  return verifyForEver({
    clock,
    share,
    begin,
    onPage: ({ events }) => {
      metrics.checked(events);
    },
    onPass: () => {
      metrics.passed();
    },
    onFailure: (error) => {
      if (error instanceof ModelsSwitched) logger.info(error.message);
      else {
        metrics.failed();
        logger.warn({ err: error }, 'the check of the read models was cut off and begins again');
      }
    },
  });
}

/** A wrong document of a payment misleads whoever lists it; wrong books, or streams of money that lost something, all of us. */
async function haltFor(
  found: readonly Divergence[],
  { store, clock, logger }: { readonly store: ReadStore; readonly clock: Clock; readonly logger: Logger },
): Promise<void> {
  const worst = found.find(
    ({ where, id }) =>
      where === 'ledger' || (where === 'streams' && LEDGER_PREFIXES.some((prefix) => id.startsWith(prefix))),
  );
  if (worst === undefined) return;
  const { where, kind, id, at, expected, found: is } = worst;
  const place = at === null ? id : `${id}, ${at}`;
  const reason = `${where} ${kind} ${place}: expected ${expected ?? 'nothing'}, found ${is ?? 'nothing'}`;
  const models = new LedgerModels(store);
  const { halted } = await models.pointer();
  if (halted !== undefined) return;
  await models.halt(reason, new Date(clock.now()));
  logger.error(
    { reason },
    'the ledger is halted. Run "tender verify"; once it is explained: "tender rebuild ledger", "tender ledger resume"',
  );
}
