import { CreationOrder } from './creation-order';
import type { Intent } from './intent';
import type { Refund } from './refund';

/** Where a refund stands: the record itself belongs to its intent. */
export interface RefundPlace {
  readonly id: string;
  readonly createdMs: number;
  readonly intentId: string;
  readonly chargeId: string;
}

/** All refunds, in the order of creation. */
export class RefundIndex extends CreationOrder<RefundPlace> {
  /** Takes in the refunds of an intent that it does not know yet. */
  add(intent: Intent): void {
    for (const refund of intent.refunds) {
      if (this.get(refund.id) === undefined) this.put(placeOf(refund, intent));
    }
  }

  /** After a restart: intents come in the order of their own creation, not that of their refunds. */
  rebuild(intents: readonly Intent[]): void {
    const all = intents.flatMap((intent) => intent.refunds.map((refund) => ({ intent, refund })));
    this.clear();
    for (const { intent, refund } of all.toSorted((a, b) => a.refund.seq - b.refund.seq)) {
      this.put(placeOf(refund, intent));
    }
  }
}

const placeOf = ({ id, createdMs, chargeId }: Refund, intent: Intent): RefundPlace => ({
  id,
  createdMs,
  intentId: intent.id,
  chargeId,
});
