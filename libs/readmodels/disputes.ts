import type { Dispute } from '@tender/domain';
import type { Filter } from 'mongodb';
import { LiveDocuments } from './document-versions';
import { InvalidCursor } from './failures';
import { definedFilter } from './filters';
import { MAX_PAGE_SIZE } from './limits';
import type { PaymentDocument } from './payment-document';
import { fromDocument } from './payment-document';
import { PAYMENT_STATUS } from './payment-status-form';
import type { ReadStore } from './read-store';

export interface PaymentDispute {
  readonly dispute: Dispute;
  readonly paymentId: string;
}

export interface DisputePage {
  readonly items: readonly PaymentDispute[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * The disputes of a merchant's payments, those of the payment that was disputed last first. A view of `payment_status`, as
 * the open flows are: a dispute and the payment that it stands in change in one write.
 */
export class DisputesModel {
  readonly #live: LiveDocuments<PaymentDocument>;

  constructor(store: ReadStore) {
    this.#live = new LiveDocuments(store, PAYMENT_STATUS);
  }

  /**
   * @throws InvalidCursor
   * @throws RangeError for a limit outside 1 to `MAX_PAGE_SIZE`
   */
  async list({
    merchant,
    limit,
    cursor,
  }: {
    readonly merchant: string;
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<DisputePage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
      throw new RangeError(`a page has 1 to ${MAX_PAGE_SIZE} disputes, not ${limit}`);
    }
    const from = cursor === undefined ? undefined : decodeDisputeCursor(cursor);
    // each has one dispute at least, but of the first all may be given: so many fill the page and show whether there is more
    const payments = limit + 2;
    const collection = await this.#live.collection();
    const documents = await collection
      .find(disputedBy(merchant, from), {
        sort: { 'disputed.place': -1 },
        limit: payments,
        batchSize: payments + 1,
      })
      .toArray();
    const all = documents.flatMap((document) => disputesIn(document, from));
    const items = all.slice(0, limit);
    const last = items.at(-1);
    const more = all.length > limit && last !== undefined;
    return { items, next: more ? encodeDisputeCursor(last) : undefined };
  }
}

interface Place {
  readonly place: string;
  /** Disputes of the payment at the place that were given before. */
  readonly given: number;
}

interface Listed extends PaymentDispute, Place {}

function disputedBy(merchant: string, from: Place | undefined): Filter<PaymentDocument> {
  return definedFilter({
    'disputed.merchant': merchant,
    ...(from === undefined ? {} : { 'disputed.place': { $lte: from.place } }),
  });
}

/** Newest first, without those that an earlier page has given. */
function disputesIn(document: PaymentDocument, from: Place | undefined): readonly Listed[] {
  const { payment } = fromDocument(document);
  const place = document.disputed?.place ?? '';
  return payment.disputes
    .toReversed()
    .map((dispute, at) => ({ dispute, paymentId: payment.id, place, given: at + 1 }))
    .slice(from?.place === place ? from.given : 0);
}

/** Versioned, so that a list that is ordered differently one day refuses the cursors of today. */
const FORMAT = /^1:(\d{1,6}):(\d{4}-\d\d-\d\dT[\d:.]{8,12}Z [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

const encodeDisputeCursor = ({ given, place }: Place): string =>
  Buffer.from(`1:${given}:${place}`).toString('base64url');

function decodeDisputeCursor(cursor: string): Place {
  const [, given, place] = FORMAT.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (given === undefined || place === undefined) throw new InvalidCursor();
  const found = { given: Number(given), place };
  // base64 readers skip what they do not know: only the text that we issued is a cursor
  if (encodeDisputeCursor(found) !== cursor) throw new InvalidCursor();
  return found;
}
