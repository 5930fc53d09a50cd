import { LiveDocuments } from './document-versions';
import { definedFilter } from './filters';
import { fromInt64 } from './int64';
import { MAX_PAGE_SIZE } from './limits';
import type { OpenFlow } from './open-flow';
import { PAYMENT_STREAM_PREFIX } from './payment-fold';
import { PAYMENT_STATUS } from './payment-status-form';
import type { ReadStore } from './read-store';
import { REFUND_STREAM_PREFIX } from './refund-document';
import { REFUND_STATUS } from './refund-status';

export interface ListedOpenFlow extends OpenFlow {
  readonly stream: string;
  /** Revision of the stream that this was read at. */
  readonly revision: bigint;
}

/** What waits stands in the document of its stream, wherever that is. */
interface WaitingDocument {
  readonly _id: string;
  readonly ver: bigint;
  readonly openFlow?: OpenFlow;
}

const PLACES = {
  payments: { form: PAYMENT_STATUS, prefix: PAYMENT_STREAM_PREFIX },
  refunds: { form: REFUND_STATUS, prefix: REFUND_STREAM_PREFIX },
} as const;

/**
 * The payments, or the refunds, that wait for evidence or for somebody: what timers are derived from at start and on a
 * sweep, without reading the log.
 *
 * It is a view of `payment_status` (`refund_status`), through a sparse index, and not a collection of its own: the flow
 * and the state it follows from change in one write. With two documents a projector that stalls between them brings
 * back a flow that another one has closed, and nothing would ever remove it.
 */
export class OpenFlowsModel {
  readonly #live: LiveDocuments<WaitingDocument>;
  readonly #prefix: string;

  constructor(store: ReadStore, of: keyof typeof PLACES = 'payments') {
    const { form, prefix } = PLACES[of];
    this.#live = new LiveDocuments(store, form);
    this.#prefix = prefix;
  }

  /**
   * One page of the flows that are due, the longest due first.
   * @param dueBefore RFC 3339, exclusive
   * @param after the `due` that the page before ended with
   */
  async list({
    limit,
    dueBefore,
    after,
  }: {
    readonly limit: number;
    readonly dueBefore: string;
    readonly after?: string;
  }): Promise<readonly ListedOpenFlow[]> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
      throw new RangeError(`a page has 1 to ${MAX_PAGE_SIZE} flows, not ${limit}`);
    }
    const collection = await this.#live.collection();
    const documents = await collection
      .find(definedFilter({ 'openFlow.due': { $gt: after ?? '', $lt: dueBefore } }), {
        projection: { ver: 1, openFlow: 1 },
        sort: { 'openFlow.due': 1 },
        limit,
        batchSize: limit + 1,
      })
      .toArray();
    return documents.flatMap(({ _id: id, ver, openFlow }) =>
      openFlow === undefined
        ? []
        : [{ ...openFlow, stream: `${this.#prefix}${id}`, revision: fromInt64(ver, `${id} ver`) }],
    );
  }
}
