import { publicId, representPayment } from '@tender/domain';
import {
  foldPayment,
  journalsBehind,
  PAYMENT_PREFIX,
  readPaymentStory,
  representEvent,
  type PaymentAt,
} from '@tender/engine';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import { CliFailure, EXIT } from '../exit-codes';
import { jsonOf } from '../terminal';
import { noticesBehind } from './notices';
import { timelineOf, timelineText } from './timeline';

/**
 * The whole story of a payment, from the streams alone.
 *
 * @throws CliFailure `notFound`
 */
export async function auditPayment(
  log: Pick<EventLog, 'readAll' | 'readStream'>,
  paymentId: string,
  { json }: { readonly json: boolean },
): Promise<string> {
  const story = await readPaymentStory(log, paymentId);
  const at = presentOf(story);
  if (at === undefined) {
    throw new CliFailure(
      EXIT.notFound,
      `There is no payment ${publicId('pay', paymentId)} in this event store.`,
    );
  }
  const entries = timelineOf(story, await noticesBehind(log, story), journalsBehind(story));
  if (!json) return timelineText(at.payment, entries);
  return jsonOf({
    object: 'audit',
    payment: representPayment(at.payment, at.revision),
    events: entries.map(({ event, sinceMs, what, cause, evidence, journals }) => ({
      ...representEvent(event),
      what,
      since_ms: sinceMs ?? null,
      cause,
      evidence,
      journals,
    })),
  });
}

/** The payment's own stream, folded. */
export const presentOf = (story: readonly RecordedEvent[]): PaymentAt | undefined =>
  foldPayment(story.filter(({ stream }) => stream.startsWith(PAYMENT_PREFIX)));
