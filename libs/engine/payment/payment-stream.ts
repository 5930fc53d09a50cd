import type { Payment, PaymentEvent, PaymentState } from '@tender/domain';
import { evolvePayment, hasOutcome } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import { categoryPrefix, streamName } from '@tender/eventstore';
import type { Goal, StreamKind } from '../goal';
import { foldAll, foldUntilGoal } from '../goal';

export const PAYMENT_CATEGORY = 'payment';
export const PAYMENT_PREFIX = categoryPrefix(PAYMENT_CATEGORY);

export const paymentStream = (paymentId: string): string => streamName(PAYMENT_CATEGORY, paymentId);

/** A payment as of one event of its stream. */
export interface PaymentAt {
  readonly payment: Payment;
  readonly revision: bigint;
}

/** The codec lets only catalogued types through, so what a payment stream holds is a payment event. */
export const asPaymentEvent = (event: RecordedEvent): PaymentEvent => event as unknown as PaymentEvent;

export const evolveBy = (state: PaymentState, event: RecordedEvent): PaymentState =>
  evolvePayment(state, asPaymentEvent(event), event.metadata.recordedAt);

export const PAYMENTS: StreamKind<Payment, PaymentAt> = {
  prefix: PAYMENT_PREFIX,
  evolve: evolveBy,
  at: (payment, revision) => ({ payment, revision }),
};

/** The payment as all these events leave it, or undefined when there are none. */
export const foldPayment = (events: readonly RecordedEvent[]): PaymentAt | undefined =>
  foldAll(PAYMENTS, events);

/** The payment as it is now, or undefined when its stream does not exist. */
export async function loadPayment(
  log: Pick<EventLog, 'readStream'>,
  stream: string,
): Promise<PaymentAt | undefined> {
  return foldPayment(await log.readStream(stream));
}

/** Something that a payment comes to, once and for all, and that somebody may wait for. */
export type PaymentGoal = Goal<Payment>;

/** What creates a payment asks for. */
export const OUTCOME: PaymentGoal = { name: 'outcome', isReached: hasOutcome };

/** The payment at the first event that reached the goal; undefined while there is none. */
export const foldToGoal = (events: readonly RecordedEvent[], goal: PaymentGoal): PaymentAt | undefined =>
  foldUntilGoal(PAYMENTS, events, goal);
