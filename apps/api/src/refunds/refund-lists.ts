import type { PaymentRefund } from '@tender/domain';
import { isOpenRefund, uuidOf, publicId } from '@tender/domain';
import type { RefundAt } from '@tender/engine';
import { loadPayment, loadRefund, paymentStream, refundStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { InvalidCursor } from '@tender/readmodels';
import type { PageQuery } from '../http/list-page.dto';

export interface RefundDocuments {
  getMany(refundIds: readonly string[]): Promise<ReadonlyMap<string, RefundAt>>;
}

export interface RefundPage {
  readonly items: readonly RefundAt[];
  readonly next: string | undefined;
}

export interface RefundReaderDeps {
  readonly documents: RefundDocuments;
  readonly log: Pick<EventLog, 'readStream'>;
  /** The read store does not answer; the streams do its work meanwhile. */
  readonly report: (error: unknown) => void;
}

/**
 * Refunds as they are now. One is folded from its stream, which is short. Of a list, which refunds there are is told by the
 * payment's own stream; how each stands is told by the read model where it surely is the present, and by streams elsewhere.
 */
export class RefundReader {
  constructor(private readonly deps: RefundReaderDeps) {}

  get(refundId: string): Promise<RefundAt | undefined> {
    return loadRefund(this.deps.log, refundStream(refundId));
  }

  /**
   * Newest first; undefined where the merchant has no such payment.
   * @throws InvalidCursor
   */
  async list(merchant: string, paymentId: string, page: PageQuery): Promise<RefundPage | undefined> {
    const known = await loadPayment(this.deps.log, paymentStream(paymentId));
    if (known?.payment.merchant !== merchant) return undefined;
    const reserved = known.payment.refunds.toReversed();
    const from = page.cursor === undefined ? 0 : placeAfter(reserved, page.cursor);
    const listed = reserved.slice(from, from + page.limit);
    const last = listed.at(-1);
    const more = from + page.limit < reserved.length && last !== undefined;
    return {
      items: await this.present(listed.map(({ id }) => id)),
      next: more ? publicId('re', last.id) : undefined,
    };
  }

  /** A reservation whose stream is still to begin is shown from its first event on. */
  private async present(ids: readonly string[]): Promise<readonly RefundAt[]> {
    const documents = await this.documents(ids);
    const found = await Promise.all(
      ids.map(async (id) => {
        const document = documents.get(id);
        return document === undefined || isOpenRefund(document.refund) ? await this.get(id) : document;
      }),
    );
    return found.filter((at) => at !== undefined);
  }

  private async documents(ids: readonly string[]): Promise<ReadonlyMap<string, RefundAt>> {
    try {
      return await this.deps.documents.getMany(ids);
    } catch (error) {
      this.deps.report(error);
      return new Map();
    }
  }
}

/** A cursor is the last refund that was shown. */
function placeAfter(reserved: readonly PaymentRefund[], cursor: string): number {
  const id = uuidOf('re', cursor);
  const at = reserved.findIndex((refund) => refund.id === id);
  if (at === -1) throw new InvalidCursor();
  return at + 1;
}
