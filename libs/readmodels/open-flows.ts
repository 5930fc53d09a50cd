import { definedFilter } from './filters';
import { fromInt64 } from './int64';
import { MAX_PAGE_SIZE } from './limits';
import type { OpenFlow } from './open-flow';
import { LivePaymentStatus } from './payment-status-versions';
import type { ReadStore } from './read-store';

export interface OpenPaymentFlow extends OpenFlow {
  readonly stream: string;
  /** Revision of the payment that this was read at. */
  readonly revision: bigint;
}

/**
 * The payments that wait for evidence or for the buyer: what timers are derived from at start and on a sweep, without
 * reading the log.
 *
 * It is a view of `payment_status`, through a sparse index, and not a collection of its own: the flow and the state it
 * follows from change in one write. With two documents a projector that stalls between them brings back a flow that
 * another one has closed, and nothing would ever remove it.
 */
export class OpenFlowsModel {
  readonly #live: LivePaymentStatus;

  constructor(store: ReadStore) {
    this.#live = new LivePaymentStatus(store);
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
  }): Promise<readonly OpenPaymentFlow[]> {
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
        : [{ ...openFlow, stream: `payment-${id}`, revision: fromInt64(ver, `payment ${id} ver`) }],
    );
  }
}
