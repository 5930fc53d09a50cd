import type { PaymentAt } from '@tender/engine';
import { loadPayment, PAYMENT_PREFIX, paymentStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import type { PaymentPage, PaymentQuery } from '@tender/readmodels';
import { InvalidCursor } from '@tender/readmodels';

const CURSOR = /^after-(\d+)$/;

/** The read model's answers, folded from the log when asked; `projected` says what it has got to. */
export class MemoryPayments {
  /** Documents that stay as they were put here, however far the streams go on. */
  readonly stale = new Map<string, PaymentAt | undefined>();
  asked = 0;
  down = false;

  constructor(private readonly log: EventLog) {}

  get(paymentId: string): Promise<PaymentAt | undefined> {
    this.asked += 1;
    if (this.down) return Promise.reject(new Error('the read store is down'));
    if (this.stale.has(paymentId)) return Promise.resolve(this.stale.get(paymentId));
    return loadPayment(this.log, paymentStream(paymentId));
  }

  async list(query: PaymentQuery): Promise<PaymentPage> {
    const from = query.cursor === undefined ? 0 : Number(CURSOR.exec(query.cursor)?.[1]);
    if (Number.isNaN(from)) throw new InvalidCursor();
    const matching = (await this.all()).filter(({ payment }) => matches(payment, query));
    const items = matching.slice(from, from + query.limit);
    const more = from + query.limit < matching.length;
    return { items, next: more ? `after-${from + query.limit}` : undefined };
  }

  private async all(): Promise<PaymentAt[]> {
    const page = await this.log.readAll({ after: 'start', prefixes: [PAYMENT_PREFIX], maxCount: 10_000 });
    const streams = [...new Set(page.events.map(({ stream }) => stream))].reverse();
    const found = await Promise.all(streams.map((stream) => loadPayment(this.log, stream)));
    return found.filter((at) => at !== undefined);
  }
}

function matches(payment: PaymentAt['payment'], query: PaymentQuery): boolean {
  const created = new Date(payment.createdAt);
  return (
    payment.merchant === query.merchant &&
    (query.status === undefined || query.status === payment.status) &&
    (query.psp === undefined || query.psp === payment.attempts.at(-1)?.psp) &&
    (query.customerId === undefined || query.customerId === payment.freeText.customerId) &&
    (query.createdAfter === undefined || created > query.createdAfter) &&
    (query.createdBefore === undefined || created < query.createdBefore)
  );
}
