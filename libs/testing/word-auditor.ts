import type { OperationResolved, RefundResolutionFound, RefundResolved } from '@tender/domain';
import { refundReferenceOf } from '@tender/domain';
import type { AuditedEvent, Invariant } from './invariants';

export type Violated = (rule: Invariant, paymentId: string, detail: string) => void;

/** What a person was about to tell. */
export interface SpokenWord {
  /** What its idempotency key names. */
  readonly requestId: string;
  /** The operation, or the try of a refund, that he looked at: its key at the PSP. */
  readonly about: string;
  readonly found: RefundResolutionFound;
}

/** Compares what people told with what is recorded as their word. */
export class WordAuditor {
  private readonly told = new Map<string, SpokenWord>();

  constructor(private readonly violated: Violated) {}

  /** Somebody is about to speak; whether he is heard shows later. */
  spoken(word: SpokenWord): void {
    this.told.set(word.requestId, word);
  }

  recorded(paymentId: string, { type, data }: Pick<AuditedEvent, 'type' | 'data'>): void {
    if (type === 'OperationResolved') {
      const { operationId, ...resolved } = data as OperationResolved;
      this.compare(paymentId, { ...resolved, about: operationId });
    } else if (type === 'RefundResolved') {
      const { refundId, number, ...resolved } = data as RefundResolved;
      this.compare(paymentId, { ...resolved, about: refundReferenceOf(refundId, number) });
    }
  }

  private compare(paymentId: string, { requestId, about, found }: SpokenWord): void {
    const word = this.told.get(requestId);
    if (word?.about === about && word.found === found) return;
    const told = word === undefined ? 'nobody said it' : `he said ${word.found} of ${word.about}`;
    this.violated('word_as_told', paymentId, `${found} of ${about}: ${told}`);
  }
}
