import { hasOutcome, refundPendingMinor } from '@tender/domain';
import type { PaymentAt } from '@tender/engine';
import { loadPayment, paymentStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { LRUCache } from 'lru-cache';
import { ANSWERED_REVISIONS_KEPT } from '../config/limits';

export interface PaymentDocuments {
  get(paymentId: string): Promise<PaymentAt | undefined>;
}

export interface PaymentReaderDeps {
  readonly documents: PaymentDocuments;
  readonly log: EventLog;
  /** The read store does not answer; the stream does its work meanwhile. */
  readonly report: (error: unknown) => void;
}

/**
 * The present state of one payment. The read model answers when it surely is the present; where it is missing, still
 * moving, or behind what this process has already told somebody, the stream does.
 */
export class PaymentReader {
  private readonly answered: LRUCache<string, bigint>;

  constructor(
    private readonly deps: PaymentReaderDeps,
    maxAnswered = ANSWERED_REVISIONS_KEPT,
  ) {
    this.answered = new LRUCache({ max: maxAnswered });
  }

  async get(paymentId: string): Promise<PaymentAt | undefined> {
    const document = await this.document(paymentId);
    if (document !== undefined && this.isPresent(document)) return document;
    const folded = await loadPayment(this.deps.log, paymentStream(paymentId));
    if (folded !== undefined) this.remember(folded);
    return folded;
  }

  /** From now on no answer of this process is older than this one. */
  remember({ payment, revision }: PaymentAt): void {
    const known = this.answered.get(payment.id);
    if (known === undefined || known < revision) this.answered.set(payment.id, revision);
  }

  private isPresent({ payment, revision }: PaymentAt): boolean {
    const waitsForSomebody = payment.status === 'requires_action' || payment.status === 'requires_capture';
    if (!hasOutcome(payment) || waitsForSomebody || refundPendingMinor(payment) > 0n) return false;
    return revision >= (this.answered.get(payment.id) ?? revision);
  }

  private async document(paymentId: string): Promise<PaymentAt | undefined> {
    try {
      return await this.deps.documents.get(paymentId);
    } catch (error) {
      this.deps.report(error);
      return undefined;
    }
  }
}
