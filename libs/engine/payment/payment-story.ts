import { comparePositions, streamName, type EventLog, type RecordedEvent } from '@tender/eventstore';
import { asPaymentEvent, paymentStream } from './payment-stream';

/**
 * Everything that was recorded about a payment, in the order of the log: its own stream, and after it the streams that
 * its events name. Empty when there is no such payment.
 */
export async function readPaymentStory(
  log: Pick<EventLog, 'readStream'>,
  paymentId: string,
): Promise<readonly RecordedEvent[]> {
  const own = await log.readStream(paymentStream(paymentId));
  const named = await Promise.all(streamsNamedIn(own).map((stream) => log.readStream(stream)));
  return [...own, ...named.flat()].sort((a, b) => comparePositions(a.position, b.position));
}

/** Of the payment's refunds: a refund's stream exists only once its amount is reserved on the payment. */
const streamsNamedIn = (own: readonly RecordedEvent[]): readonly string[] =>
  own.flatMap((recorded) => {
    const event = asPaymentEvent(recorded);
    return event.type === 'RefundReserved' ? [streamName('refund', event.data.refundId)] : [];
  });
