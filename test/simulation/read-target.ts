import type { Refund, RefundEvent } from '@tender/domain';
import { evolveRefund, isOpenRefund } from '@tender/domain';
import { isRefundStream } from '@tender/engine';
import { EventLogUnavailable, type RecordedEvent } from '@tender/eventstore';
import {
  foldRun,
  NOT_STORED,
  PAYMENT_DOCUMENTS,
  runsOf,
  type FoldedPayment,
  type OpenFlow,
} from '@tender/readmodels';
import type { Auditor } from '@tender/testing';
import type { Faults } from './faults';

/** The status read model on a store in memory: the production fold, with the faults of a database. */
export class ReadTarget {
  readonly documents = new Map<string, FoldedPayment>();
  private readonly open = new Map<string, OpenFlow>();
  private readonly refunds = new Map<string, { revision: bigint; refund: Refund | null }>();
  private readonly openOnes = new Map<string, Refund>();

  constructor(
    private readonly faults: Faults,
    private readonly auditor: Auditor,
  ) {}

  readonly apply = (events: readonly RecordedEvent[]): Promise<void> => {
    if (this.faults.happens('projection_write_failed')) return Promise.reject(storeFailed());
    for (const run of runsOf(PAYMENT_DOCUMENTS.prefix, events).values()) {
      const before = this.documents.get(run.id) ?? NOT_STORED;
      const after = foldRun(before, run);
      if (after !== before) this.put(run.id, after);
    }
    for (const event of events) if (isRefundStream(event.stream)) this.applyToRefund(event);
    return this.faults.happens('projection_reply_lost') ? Promise.reject(storeFailed()) : Promise.resolve();
  };

  put(id: string, folded: FoldedPayment): void {
    this.documents.set(id, folded);
    if (folded.openFlow === undefined) this.open.delete(id);
    else this.open.set(id, folded.openFlow);
    this.auditor.documented(id, folded.payment, folded.revision);
  }

  /** Those that are searched for. */
  openRefunds(): readonly Refund[] {
    return [...this.openOnes.values()];
  }

  private applyToRefund(event: RecordedEvent): void {
    const { stream, revision, metadata } = event;
    const folded = this.refunds.get(stream) ?? { revision: -1n, refund: null };
    if (revision <= folded.revision) return;
    const refund = evolveRefund(folded.refund, event as unknown as RefundEvent, metadata.recordedAt);
    this.refunds.set(stream, { revision, refund });
    if (refund !== null && isOpenRefund(refund) && refund.tries.at(-1)?.search != null) {
      this.openOnes.set(stream, refund);
    } else this.openOnes.delete(stream);
  }

  openFlows(): readonly OpenFlow[] {
    return [...this.open.values()];
  }
}

const storeFailed = (): Error => new EventLogUnavailable('read store', 'fault');
