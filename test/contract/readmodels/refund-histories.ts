import type { Refund, RefundCommand, RefundOutcome } from '@tender/domain';
import { evolveRefund } from '@tender/domain';
import type { ProjectedEvent } from '@tender/readmodels';
import {
  initiateRefund,
  refunded,
  refundFailed,
  refundNews,
  refundPending,
  refundRefused,
  refundReply,
  sampleRefundId,
  tellRefund,
} from '@tender/testing';
import * as fc from 'fast-check';

/** What happened to one refund, as its decider recorded it. */
export interface RefundHistory {
  readonly id: string;
  readonly stream: string;
  readonly events: readonly ProjectedEvent[];
}

const timeout: RefundOutcome = {
  kind: 'unknown',
  why: 'timeout',
  detail: '',
  pspReference: null,
  keyBurnt: false,
};
const outcome = fc.constantFrom<RefundOutcome>(
  refunded(1),
  refunded(9),
  refundFailed(true, 5),
  refundFailed(false, 5),
  refundRefused,
  refundPending,
  timeout,
);
const number = fc.integer({ min: 1, max: 2 });
const command: fc.Arbitrary<RefundCommand> = fc.oneof(
  fc.tuple(outcome, number).map(([told, of]) => refundReply(told, of)),
  fc.tuple(outcome, fc.constantFrom(1, 2, 3), number).map(([told, rank, of]) => refundNews(told, rank, of)),
  fc.constantFrom<RefundCommand>(
    { type: 'RetryRefund', data: { requestId: 'retry-1', number: 2 } },
    { type: 'AbandonRefund', data: { reason: null } },
  ),
);

const START_MS = Date.parse('2026-03-01T12:00:00.000Z');

/** Any refund, under an id of its own. */
export const refundHistory = (): fc.Arbitrary<RefundHistory> =>
  fc.tuple(fc.uuid(), fc.array(command, { maxLength: 12 })).map(([key, commands]) => told(key, commands));

function told(key: string, commands: readonly RefundCommand[]): RefundHistory {
  const id = sampleRefundId(key);
  const { events } = tellRefund(commands, initiateRefund({ refundId: id }));
  const stream = `refund-${id}`;
  const projected = events.map((event, at) => ({
    ...event,
    stream,
    revision: BigInt(at),
    position: { commit: BigInt(at), prepare: BigInt(at) },
    metadata: { recordedAt: new Date(START_MS + at * 1_000).toISOString() },
  }));
  return { id, stream, events: projected };
}

/** Failed late, given back by another try, and then by the first one, too. */
export const givenTwice = (): RefundHistory =>
  told('given twice', [
    refundReply(refundFailed(true, 5)),
    { type: 'RetryRefund', data: { requestId: 'retry-1', number: 2 } },
    refundReply(refunded(7), 2),
    refundNews(refunded(9), 3, 1),
  ]);

export const foldedRefund = ({ events }: RefundHistory): Refund | null =>
  events.reduce<Refund | null>(
    (state, event) =>
      evolveRefund(state, event as unknown as Parameters<typeof evolveRefund>[1], event.metadata.recordedAt),
    null,
  );
