import { partsOfAttemptId, uuidOf, type RefundInitiated } from '@tender/domain';
import { streamName, type EventLog } from '@tender/eventstore';
import { CliFailure, EXIT } from './exit-codes';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STREAM = /^payment-(.+)$/;

/**
 * The payment that somebody means: by its id as merchants see it, by its stream or bare uuid as logs have it, or by an
 * attempt's id as PSPs show it.
 *
 * @throws CliFailure `usage`
 */
export function paymentIdFrom(text: string): string {
  const given = STREAM.exec(text)?.[1] ?? text;
  const id = UUID.test(given) ? given : (uuidOf('pay', given) ?? partsOfAttemptId(given)?.paymentId);
  if (id !== undefined) return id;
  throw new CliFailure(
    EXIT.usage,
    `"${text.slice(0, 80)}" names no payment: give pay_<32 hex digits>, an attempt att_…, a uuid, or payment-<uuid>.`,
  );
}

/**
 * As `paymentIdFrom`, or by a refund's id as merchants see it: its stream says whose it is.
 *
 * @throws CliFailure `usage` or `notFound`
 */
export async function paymentIdOfSubject(log: Pick<EventLog, 'readStream'>, text: string): Promise<string> {
  const refund = uuidOf('re', text);
  if (refund === undefined) return paymentIdFrom(text);
  const [initiated] = await log.readStream(streamName('refund', refund));
  if (initiated === undefined)
    throw new CliFailure(EXIT.notFound, `There is no refund ${text} in this event store.`);
  return (initiated.data as unknown as RefundInitiated).paymentId;
}
