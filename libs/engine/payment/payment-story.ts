import { comparePositions, type EventLog, type RecordedEvent } from '@tender/eventstore';
import { paymentStream } from './payment-stream';

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

/** Streams of the payment's refunds: the one place that has to learn of them. */
const streamsNamedIn = (_own: readonly RecordedEvent[]): readonly string[] => [];
