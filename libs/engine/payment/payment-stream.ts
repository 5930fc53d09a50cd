import type { Payment, PaymentEvent, PaymentState } from '@tender/domain';
import { evolvePayment, hasOutcome } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import { categoryPrefix, streamName } from '@tender/eventstore';

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

/** The payment as all these events leave it, or undefined when there are none. */
export const foldPayment = (events: readonly RecordedEvent[]): PaymentAt | undefined =>
  foldWhile(events, () => true);

/** The payment as it is now, or undefined when its stream does not exist. */
export async function loadPayment(log: EventLog, stream: string): Promise<PaymentAt | undefined> {
  return foldPayment(await log.readStream(stream));
}

/** Something that a payment comes to, once and for all, and that somebody may wait for. */
export interface Goal {
  /** Unique within the payment. */
  readonly name: string;
  isReached(payment: Payment): boolean;
}

/** What creates a payment asks for. */
export const OUTCOME: Goal = { name: 'outcome', isReached: hasOutcome };

/**
 * The payment at the first event that reached the goal: later events do not move it, so it is the same for every
 * repetition of the request. Undefined while there is none.
 */
export function foldToGoal(events: readonly RecordedEvent[], goal: Goal): PaymentAt | undefined {
  const at = foldWhile(events, (payment) => !goal.isReached(payment));
  return at !== undefined && goal.isReached(at.payment) ? at : undefined;
}

function foldWhile(
  events: readonly RecordedEvent[],
  goOn: (payment: Payment) => boolean,
): PaymentAt | undefined {
  let state: PaymentState = null;
  let revision = -1n;
  for (const event of events) {
    state = evolveBy(state, event);
    revision = event.revision;
    if (state !== null && !goOn(state)) break;
  }
  return state === null ? undefined : { payment: state, revision };
}
