import type { Versioned } from './guarded-writes';
import { toDocument } from './payment-document';
import { foldRun, NOT_STORED, PAYMENT_STREAM_PREFIX, type FoldedPayment } from './payment-fold';
import { PaymentStatusModel } from './payment-status';
import { PAYMENT_STATUS } from './payment-status-form';
import type { ProjectedEvent } from './projected-event';
import type { ReadStore } from './read-store';
import {
  foldRefundRun,
  NO_REFUND,
  REFUND_STREAM_PREFIX,
  toRefundDocument,
  type FoldedRefund,
} from './refund-document';
import { REFUND_STATUS, RefundStatusModel } from './refund-status';
import type { StreamRun } from './stream-runs';

/** A read model of one document a stream, as whoever projects it has to know it. */
export interface DocumentModel {
  /** What an operator calls it. */
  readonly name: 'payment_status' | 'refund_status';
  /** Of the documents: names the first collection, and the pointer to the live one. */
  readonly form: string;
  /** Of the streams; the rest of a stream's name is the document's id. */
  readonly prefix: string;
  /** The documents of one collection, for writing. */
  readonly writer: (
    store: ReadStore,
    collection: string,
  ) => {
    ensureIndexes(): Promise<void>;
    apply(events: readonly ProjectedEvent[]): Promise<void>;
  };
}

/** … and as whoever holds it against the streams has to. */
export interface StreamDocuments<Folded> extends DocumentModel {
  readonly unread: Folded;
  /** @throws ProjectionGap */
  readonly fold: (before: Folded, run: StreamRun) => Folded;
  /** Undefined before the first event. */
  readonly documentOf: (folded: Folded) => Versioned | undefined;
}

export const PAYMENT_DOCUMENTS: StreamDocuments<FoldedPayment> = {
  name: 'payment_status',
  form: PAYMENT_STATUS,
  prefix: PAYMENT_STREAM_PREFIX,
  writer: (store, collection) => new PaymentStatusModel(store, { collection }),
  unread: NOT_STORED,
  fold: foldRun,
  documentOf: (folded) => (folded.payment === null ? undefined : toDocument(folded.payment, folded)),
};

export const REFUND_DOCUMENTS: StreamDocuments<FoldedRefund> = {
  name: 'refund_status',
  form: REFUND_STATUS,
  prefix: REFUND_STREAM_PREFIX,
  writer: (store, collection) => new RefundStatusModel(store, { collection }),
  unread: NO_REFUND,
  fold: foldRefundRun,
  documentOf: (folded) => (folded.refund === null ? undefined : toRefundDocument(folded.refund, folded)),
};
