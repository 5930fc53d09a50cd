import { partsOfAttemptId, uuidOf } from '@tender/domain';
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
