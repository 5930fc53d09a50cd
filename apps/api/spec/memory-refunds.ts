import type { RefundAt } from '@tender/engine';
import { loadRefund, refundStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import type { DisputePage } from '@tender/readmodels';
import { InvalidCursor } from '@tender/readmodels';
import type { MemoryPayments } from './memory-payments';

/** The read model's answers about refunds, folded from the log when asked. */
export class MemoryRefunds {
  constructor(private readonly log: EventLog) {}

  async getMany(ids: readonly string[]): Promise<ReadonlyMap<string, RefundAt>> {
    const found = await Promise.all(ids.map((id) => loadRefund(this.log, refundStream(id))));
    return new Map(found.flatMap((at) => (at === undefined ? [] : [[at.refund.id, at]])));
  }
}

/** The disputes of all payments, a page at a time. */
export class MemoryDisputes {
  constructor(private readonly payments: MemoryPayments) {}

  async list({
    merchant,
    limit,
    cursor,
  }: {
    readonly merchant: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<DisputePage> {
    const from = cursor === undefined ? 0 : Number(/^after-(\d+)$/.exec(cursor)?.[1]);
    if (Number.isNaN(from)) throw new InvalidCursor();
    const { items } = await this.payments.list({ merchant, limit: 10_000 });
    const all = items.flatMap(({ payment }) =>
      payment.disputes.toReversed().map((dispute) => ({ dispute, paymentId: payment.id })),
    );
    const more = from + limit < all.length;
    return { items: all.slice(from, from + limit), next: more ? `after-${from + limit}` : undefined };
  }
}
