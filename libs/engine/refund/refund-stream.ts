import type { Refund, RefundEvent, RefundState } from '@tender/domain';
import { evolveRefund, isAnswered } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import { categoryPrefix, streamName } from '@tender/eventstore';
import type { Goal, StreamKind } from '../goal';
import { foldAll, foldUntilGoal } from '../goal';

const REFUND_CATEGORY = 'refund';
export const REFUND_PREFIX = categoryPrefix(REFUND_CATEGORY);

export const refundStream = (refundId: string): string => streamName(REFUND_CATEGORY, refundId);

export const isRefundStream = (stream: string): boolean => stream.startsWith(REFUND_PREFIX);

/** A refund as of one event of its stream. */
export interface RefundAt {
  readonly refund: Refund;
  readonly revision: bigint;
}

/** The codec lets only catalogued types through, so what a refund stream holds is a refund event. */
export const asRefundEvent = (event: RecordedEvent): RefundEvent => event as unknown as RefundEvent;

export const evolveRefundBy = (state: RefundState, event: RecordedEvent): RefundState =>
  evolveRefund(state, asRefundEvent(event), event.metadata.recordedAt);

export const REFUNDS: StreamKind<Refund, RefundAt> = {
  prefix: REFUND_PREFIX,
  evolve: evolveRefundBy,
  at: (refund, revision) => ({ refund, revision }),
};

/** The refund as it is now, or undefined when its stream does not exist. */
export async function loadRefund(
  log: Pick<EventLog, 'readStream'>,
  stream: string,
): Promise<RefundAt | undefined> {
  return foldAll(REFUNDS, await log.readStream(stream));
}

/** The refund at the first event that reached the goal; undefined while there is none. */
export const foldRefundToGoal = (
  events: readonly RecordedEvent[],
  goal: Goal<Refund>,
): RefundAt | undefined => foldUntilGoal(REFUNDS, events, goal);

/** Of whoever asked for a try: a PSP has it in hand, or it has ended. */
export const answerToTry = (number: number): Goal<Refund> => ({
  name: `answer to try ${number}`,
  // a try that surely never arrived is followed by another one under the same wish
  isReached: (refund) => refund.tries.length >= number && isAnswered(refund),
});
