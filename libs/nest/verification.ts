import { book, type Divergence } from '@tender/domain';
import {
  endOf,
  LEDGER_PREFIXES,
  PAYMENT_PREFIX,
  StreamCheck,
  StreamHistories,
  Verification,
  WEBHOOK_PREFIX,
  type VerifiedPage,
} from '@tender/engine';
import type { EventLog, LogInspection } from '@tender/eventstore';
import {
  DocumentsCheck,
  DocumentVersions,
  LedgerCheck,
  LedgerModels,
  PARKED_NOTICES,
  ParkedNoticesCheck,
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  type LedgerHead,
  type ReadStore,
} from '@tender/readmodels';

export interface LiveModels {
  readonly ledger: string;
  readonly paymentStatus: string;
  readonly refundStatus: string;
  readonly parkedNotices: string;
}

export const liveModels = async (store: ReadStore): Promise<LiveModels> => ({
  ledger: (await new LedgerModels(store).pointer()).live,
  paymentStatus: await new DocumentVersions(store, PAYMENT_DOCUMENTS.form).live(),
  refundStatus: await new DocumentVersions(store, REFUND_DOCUMENTS.form).live(),
  parkedNotices: await new DocumentVersions(store, PARKED_NOTICES).live(),
});

/** Tells these models from any others that were or will be live. */
export const nameOf = ({ ledger, paymentStatus, refundStatus, parkedNotices }: LiveModels): string =>
  `${paymentStatus} ${refundStatus} ${ledger} ${parkedNotices}`;

/** What was checked is not live any more, and may be gone: whatever was found in it is nobody's business. */
export class ModelsSwitched extends Error {
  override readonly name = 'ModelsSwitched';

  constructor() {
    super('a read model was rebuilt and switched while it was checked; the check has to begin again');
  }
}

export interface VerificationOptions {
  readonly log: Pick<EventLog, 'readStream' | 'subscribe'> & LogInspection;
  readonly readStore: ReadStore;
  readonly models: LiveModels;
  readonly report: (divergence: Divergence) => void;
  /** Where an earlier walk over the same models had come to. */
  readonly from?: LedgerHead;
  readonly maxPageEvents?: number;
  /** Streams, payments, refunds and books kept in memory, some KB each; default: as many as a program of its own can bear. */
  readonly maxKept?: number;
}

export interface LiveVerification {
  /** @throws ModelsSwitched before anything of the page is reported */
  nextPage(): Promise<VerifiedPage>;
  /** Where the walk is, as the books would say it. */
  ledgerHead(): LedgerHead;
  /** The models that are held against the streams. */
  checked(): readonly string[];
}

/** A payment counts in about so many totals: two keys, two accounts and their days. */
const TOTALS_FOR_EACH = 10;

/** The live read models and all streams of money, for whoever checks: the command line once, the worker for ever. */
export function verificationOf(options: VerificationOptions): LiveVerification {
  const { log, readStore: store, models, report, from, maxPageEvents, maxKept } = options;
  const histories = new StreamHistories(log);
  const found: Divergence[] = [];
  const ledger = new LedgerCheck({
    store,
    version: models.ledger,
    prefixes: LEDGER_PREFIXES,
    histories,
    book,
    ...(from === undefined ? {} : { from }),
    ...(maxKept === undefined ? {} : { maxBooks: maxKept, maxTotals: maxKept * TOTALS_FOR_EACH }),
  });
  const kept = { store, histories, ...(maxKept === undefined ? {} : { maxFolds: maxKept }) };
  const payments = new DocumentsCheck({
    ...kept,
    documents: PAYMENT_DOCUMENTS,
    collection: models.paymentStatus,
  });
  const refunds = new DocumentsCheck({
    ...kept,
    documents: REFUND_DOCUMENTS,
    collection: models.refundStatus,
  });
  const prefixes = [...new Set([PAYMENT_PREFIX, WEBHOOK_PREFIX, ...LEDGER_PREFIXES])];
  const parked = new ParkedNoticesCheck({
    store,
    collection: models.parkedNotices,
    prefix: WEBHOOK_PREFIX,
    readStream: (stream) => log.readStream(stream),
    end: () => endOf(log, prefixes),
  });
  const verification = new Verification(
    {
      inspection: log,
      histories,
      streams: new StreamCheck({ inspection: log, histories }, maxKept),
      models: [payments, refunds, ledger, parked],
      prefixes,
      report: (divergence) => found.push(divergence),
      ...(maxPageEvents === undefined ? {} : { maxPageEvents }),
    },
    from?.at,
  );
  const isOutdated = async (): Promise<boolean> => nameOf(await liveModels(store)) !== nameOf(models);
  return {
    async nextPage() {
      try {
        const page = await verification.nextPage();
        if ((found.length > 0 || page.done) && (await isOutdated())) throw new ModelsSwitched();
        for (const divergence of found.splice(0)) report(divergence);
        return page;
      } catch (error) {
        // what is dropped answers strangely
        if (!(error instanceof ModelsSwitched) && (await isOutdated())) throw new ModelsSwitched();
        throw error;
      }
    },
    ledgerHead: () => ledger.head,
    checked: () => verification.checked,
  };
}
