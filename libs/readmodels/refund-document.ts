import type { Refund, RefundEvent } from '@tender/domain';
import { currentTry, evolveRefund, isOpenRefund, isOwedStill, REFUND_EVENTS } from '@tender/domain';
import { fromInt64, toInt64 } from './int64';
import type { OpenFlow } from './open-flow';
import type { ProjectedEvent } from './projected-event';
import type { StreamRun } from './stream-runs';
import { foldNew } from './stream-runs';

/** `refund_status`: one document a refund. Everything beside `refund` is there for a query or a guard. */
export interface RefundDocument {
  readonly _id: string;
  /** Revision of the last event in it, int64: the guard of every write. */
  readonly ver: bigint;
  readonly refund: Refund;
  readonly openFlow?: OpenFlow;
}

/** A refund as far as its events were folded. `revision` is -1 before the first. */
export interface FoldedRefund {
  readonly revision: bigint;
  readonly refund: Refund | null;
  readonly openFlow: OpenFlow | undefined;
}

export const NO_REFUND: FoldedRefund = { revision: -1n, refund: null, openFlow: undefined };

export const REFUND_STREAM_PREFIX = 'refund-';

/** As `foldNew`. @throws ProjectionGap */
export const foldRefundRun = (before: FoldedRefund, run: StreamRun): FoldedRefund =>
  foldNew(before, run, (folded, event) => {
    const { revision, metadata } = event;
    const { recordedAt } = metadata;
    const refund = evolveRefund(folded.refund, refundEvent(event), recordedAt);
    const openFlow = refund === null ? undefined : evolveRefundFlow(folded.openFlow, refund, recordedAt);
    return { revision, refund, openFlow };
  });

/** An event that nobody told us of must stop the projector: `evolve` would pass it over. */
function refundEvent(event: ProjectedEvent): RefundEvent {
  if (!Object.hasOwn(REFUND_EVENTS, event.type)) {
    throw new Error(
      `${event.stream} at ${event.revision.toString()}: ${event.type} is not an event of a refund`,
    );
  }
  // the codec has checked the data against the same catalogue
  return event as ProjectedEvent & RefundEvent;
}

/** As `evolveOpenFlow` for payments: `since` is the time of the event that opened it. */
function evolveRefundFlow(
  before: OpenFlow | undefined,
  refund: Refund,
  recordedAt: string,
): OpenFlow | undefined {
  const kind = waitsFor(refund);
  if (kind === undefined) return undefined;
  const tries = isOpenRefund(refund) ? (currentTry(refund).search?.tries ?? 0) : 0;
  if (before?.kind === kind) return before.tries === tries ? before : { ...before, tries };
  const { id, paymentId } = refund;
  const due = `${new Date(recordedAt).toISOString()} ${id}`;
  return { due, paymentId, subject: id, kind, since: recordedAt, tries };
}

function waitsFor(refund: Refund): OpenFlow['kind'] | undefined {
  if (refund.tries.length === 0) return undefined;
  if (isOpenRefund(refund)) return currentTry(refund).search === null ? undefined : 'refund_open';
  if (isOwedStill(refund)) return 'refund_owed';
  return refund.givenTwice.length > 0 ? 'refund_given_twice' : undefined;
}

/** @throws RangeError when the amount does not fit int64 */
export function toRefundDocument(refund: Refund, { revision, openFlow }: FoldedRefund): RefundDocument {
  toInt64(refund.amountMinor, `refund ${refund.id} amountMinor`);
  const document: RefundDocument = { _id: refund.id, ver: toInt64(revision, refund.id), refund };
  return openFlow === undefined ? document : { ...document, openFlow };
}

/** @throws MalformedDocument when the amount or the version was not stored as int64 */
export function fromRefundDocument({ _id: id, ver, refund, openFlow }: RefundDocument): FoldedRefund {
  fromInt64(refund.amountMinor, `refund ${id} amountMinor`);
  return { revision: fromInt64(ver, `refund ${id} ver`), refund, openFlow };
}
