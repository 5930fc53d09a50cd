import type { HeartbeatDetails, JournalDocument, LedgerHead } from '@tender/readmodels';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { RecentLags } from './recent-lags';
import type { ProjectionForEver } from './project-for-ever';

export type LedgerReading = () => {
  /** This worker keeps the books for all. */
  readonly held: boolean;
  readonly state: ReturnType<ProjectionForEver['state']> | undefined;
};

const MS_PER_S = 1_000;

/** What whoever watches the books has to see: that they go on, how far they are, and how late. */
export function ledgerMetrics(registry: Registry): {
  readonly posted: (journals: readonly JournalDocument[], head: LedgerHead) => void;
  readonly watchLedger: (read: LedgerReading) => void;
  /** For the heartbeat: empty unless this worker keeps the books. */
  readonly ledgerDetails: () => HeartbeatDetails;
} {
  const registers = [registry];
  const total = new Counter({
    name: 'tender_ledger_journals_total',
    help: 'Journals that this worker has posted',
    labelNames: ['layer'],
    registers,
  });
  const lag = new Histogram({
    name: 'tender_ledger_lag_seconds',
    help: 'From the record of an event to its journal in the books',
    buckets: [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60],
    registers,
  });
  const seq = new Gauge({
    name: 'tender_ledger_seq',
    help: 'Number of the last journal that this worker has posted',
    registers,
  });
  const recent = new RecentLags();
  let reading: LedgerReading | undefined;
  let lastSeq: bigint | undefined;
  return {
    posted: (journals, head) => {
      const nowMs = Date.now();
      for (const { layer, recordedAt } of journals) {
        total.inc({ layer });
        const lagMs = Math.max(0, nowMs - recordedAt.getTime());
        lag.observe(lagMs / MS_PER_S);
        recent.add(lagMs);
      }
      lastSeq = head.seq;
      seq.set(Number(head.seq));
    },
    ledgerDetails: () => {
      const { held, state } = reading?.() ?? { held: false, state: undefined };
      if (!held) return {};
      return {
        ledger_seq: lastSeq === undefined ? null : Number(lastSeq),
        ledger_live: state?.live === true,
        ledger_stopped_by: state?.stoppedBy ?? null,
        ledger_lag_p50_ms: recent.percentileMs(0.5) ?? null,
        ledger_lag_p99_ms: recent.percentileMs(0.99) ?? null,
      };
    },
    watchLedger: (read) => {
      reading = read;
      const gauge = (name: string, help: string, value: () => boolean): void => {
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(Number(value()));
          },
        });
      };
      gauge('tender_ledger_lease_held', '1 while this worker keeps the books for all', () => read().held);
      gauge('tender_ledger_live', '1 when the books of this worker have caught up with the log', () => {
        const { held, state } = read();
        return held && state?.live === true;
      });
      gauge(
        'tender_ledger_stopped',
        '1 while this worker holds the books and cannot post: a halt, a gap, a conflict. Page somebody',
        () => read().held && read().state?.stoppedBy !== undefined,
      );
    },
  };
}
