import { book, type Divergence } from '@tender/domain';
import { LEDGER_PREFIXES, PAYMENT_PREFIX, StreamCheck, StreamHistories, Verification } from '@tender/engine';
import type { EventLog, LogInspection } from '@tender/eventstore';
import {
  LedgerCheck,
  LedgerModels,
  PaymentStatusCheck,
  PaymentStatusVersions,
  type LedgerHead,
  type ReadStore,
} from '@tender/readmodels';

export interface VerificationOptions {
  readonly log: Pick<EventLog, 'readStream'> & LogInspection;
  readonly readStore: ReadStore;
  readonly report: (divergence: Divergence) => void;
  /** Where an earlier walk over the same books had come to. */
  readonly from?: LedgerHead;
  readonly maxPageEvents?: number;
}

export interface LiveVerification {
  readonly verification: Verification;
  /** Where the walk is, as the books would say it. */
  readonly ledgerHead: () => LedgerHead;
  /** The books that are held against the streams. */
  readonly ledgerVersion: string;
}

/** The live read models and all streams of money, for whoever checks: the command line once, the worker for ever. */
export async function verificationOf(options: VerificationOptions): Promise<LiveVerification> {
  const { log, readStore: store, report, from, maxPageEvents } = options;
  const histories = new StreamHistories(log);
  const { live: version } = await new LedgerModels(store).pointer();
  const collection = await new PaymentStatusVersions(store).live();
  const ledger = new LedgerCheck({
    store,
    version,
    prefixes: LEDGER_PREFIXES,
    histories,
    book,
    ...(from === undefined ? {} : { from }),
  });
  const verification = new Verification(
    {
      inspection: log,
      histories,
      streams: new StreamCheck({ inspection: log, histories }),
      models: [new PaymentStatusCheck({ store, collection, histories }), ledger],
      prefixes: [...new Set([PAYMENT_PREFIX, ...LEDGER_PREFIXES])],
      report,
      ...(maxPageEvents === undefined ? {} : { maxPageEvents }),
    },
    from?.at,
  );
  return { verification, ledgerHead: () => ledger.head, ledgerVersion: version };
}
