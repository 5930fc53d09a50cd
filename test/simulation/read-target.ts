import { EventLogUnavailable, type RecordedEvent } from '@tender/eventstore';
import { foldRun, NOT_STORED, runsOf, type FoldedPayment, type OpenFlow } from '@tender/readmodels';
import type { Auditor } from '@tender/testing';
import type { Faults } from './faults';

/** The status read model on a store in memory: the production fold, with the faults of a database. */
export class ReadTarget {
  readonly documents = new Map<string, FoldedPayment>();
  private readonly open = new Map<string, OpenFlow>();

  constructor(
    private readonly faults: Faults,
    private readonly auditor: Auditor,
  ) {}

  readonly apply = (events: readonly RecordedEvent[]): Promise<void> => {
    if (this.faults.happens('projection_write_failed')) return Promise.reject(storeFailed());
    for (const run of runsOf(events).values()) {
      const before = this.documents.get(run.id) ?? NOT_STORED;
      const after = foldRun(before, run);
      if (after !== before) this.put(run.id, after);
    }
    return this.faults.happens('projection_reply_lost') ? Promise.reject(storeFailed()) : Promise.resolve();
  };

  put(id: string, folded: FoldedPayment): void {
    this.documents.set(id, folded);
    if (folded.openFlow === undefined) this.open.delete(id);
    else this.open.set(id, folded.openFlow);
    this.auditor.documented(id, folded.payment, folded.revision);
  }

  openFlows(): readonly OpenFlow[] {
    return [...this.open.values()];
  }
}

const storeFailed = (): Error => new EventLogUnavailable('read store', 'fault');
