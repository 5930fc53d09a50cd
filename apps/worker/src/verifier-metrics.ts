import { DIVERGENCE_KINDS, type Divergence } from '@tender/domain';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface VerifierMetrics {
  checked(events: number): void;
  diverged(divergence: Divergence): void;
  /** A walk has come to its end. */
  passed(): void;
  /** A walk was cut off, and another one begins where it was saved. */
  failed(): void;
  watch(isHeld: () => boolean): void;
}

const PLACES = ['streams', 'payment_status', 'refund_status', 'ledger'] as const;

/** What whoever relies on the check has to see: that it goes on, and what it found. */
export function verifierMetrics(registry: Registry): VerifierMetrics {
  const registers = [registry];
  const events = new Counter({
    name: 'tender_verify_events_total',
    help: 'Events that this worker has checked everything derived of',
    registers,
  });
  const divergences = new Counter({
    name: 'tender_verify_divergences_total',
    help: 'Differences from the streams, by where and kind. Each is an alert',
    labelNames: ['where', 'kind'],
    registers,
  });
  // an alert must see the first one, too: a series that appears with 1 has never risen
  for (const where of PLACES) for (const kind of DIVERGENCE_KINDS) divergences.inc({ where, kind }, 0);
  const passes = new Counter({
    name: 'tender_verify_passes_total',
    help: 'Walks over the whole log that this worker has brought to their end',
    registers,
  });
  const failures = new Counter({
    name: 'tender_verify_failures_total',
    help: 'Walks that were cut off before their end; another one has begun each time',
    registers,
  });
  const lastPass = new Gauge({
    name: 'tender_verify_last_pass_timestamp_seconds',
    help: 'When this worker last brought a walk to its end; 0: never',
    registers,
  });
  return {
    checked: (count) => {
      events.inc(count);
    },
    diverged: ({ where, kind }) => {
      divergences.inc({ where, kind });
    },
    passed: () => {
      passes.inc();
      lastPass.setToCurrentTime();
    },
    failed: () => {
      failures.inc();
    },
    watch: (isHeld) => {
      new Gauge({
        name: 'tender_verify_lease_held',
        help: '1 while this worker checks for all',
        registers,
        collect() {
          this.set(Number(isHeld()));
        },
      });
    },
  };
}
