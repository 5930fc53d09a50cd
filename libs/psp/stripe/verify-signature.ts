import { createHmac, timingSafeEqual } from 'node:crypto';

/** Longer headers are none of Stripe's, and each signature in one costs us a comparison. */
export const MAX_SIGNATURE_HEADER_LENGTH = 4_096;

const TIMESTAMP = /^\d{1,12}$/;
const HEX_SHA256 = /^[0-9a-f]{64}$/;

/**
 * Whether a webhook body was signed by Stripe with one of our secrets, not long ago. Stripe's SDK accepts any time in
 * the future, which would let a stolen body be replayed until then; here the tolerance holds on both sides.
 *
 * During a rotation Stripe signs with several secrets (Stripe docs, "Verify webhook signatures"): one match is enough.
 *
 * @param rawBody the bytes as they came: a body that was parsed and written again has another signature
 * @param header `Stripe-Signature`
 * @param secrets whole, with their `whsec_`
 * @returns never throws
 */
export function verifyStripeSignature(
  rawBody: Buffer | string,
  header: string | undefined,
  secrets: readonly string[],
  nowMs: number,
  toleranceMs: number,
): boolean {
  if (header === undefined || header.length > MAX_SIGNATURE_HEADER_LENGTH) return false;
  const { timestamp, signatures } = parse(header);
  if (timestamp === null || Math.abs(nowMs - Number(timestamp) * 1000) > toleranceMs) return false;
  let matched = false;
  for (const secret of secrets) {
    // an empty secret is a setting that was forgotten, and anybody can sign with it
    if (secret === '') continue;
    const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(rawBody).digest();
    // no early end: the time taken must not tell which secret fits
    for (const signature of signatures) matched = timingSafeEqual(expected, signature) || matched;
  }
  return matched;
}

/** `t=…,v1=…,v1=…`; other schemes (`v0` of test mode) prove nothing. Two times make it unclear which one was signed. */
function parse(header: string): { timestamp: string | null; signatures: readonly Buffer[] } {
  let timestamp: string | null = null;
  let times = 0;
  const signatures: Buffer[] = [];
  for (const part of header.split(',')) {
    const cut = part.indexOf('=');
    const name = part.slice(0, cut).trim();
    const value = part.slice(cut + 1).trim();
    if (name === 't') {
      times += 1;
      timestamp = TIMESTAMP.test(value) ? value : null;
    } else if (name === 'v1' && HEX_SHA256.test(value)) {
      signatures.push(Buffer.from(value, 'hex'));
    }
  }
  return { timestamp: times === 1 ? timestamp : null, signatures };
}
