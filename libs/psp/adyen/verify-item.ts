import { createHmac, timingSafeEqual } from 'node:crypto';
import { field } from './json-fields';

/** Base64 of 32 bytes; anything else is no signature, however lenient a decoder is. */
const SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;

/** A key shorter than a byte decodes to nothing, and nothing signs anything. */
const HEX_KEY = /^(?:[0-9a-fA-F]{2})+$/;

/**
 * Whether a `NotificationRequestItem` was signed with one of our keys. Several, because during a rotation both the old
 * and the new one are in use. The signature covers chosen fields and no time: an old item verifies for ever, so who
 * takes it has to recognise it (Adyen docs, "Verify HMAC signatures").
 *
 * @param keys hexadecimal, as the Customer Area shows them
 * @returns false also for what is no item at all; never throws
 */
export function verifyAdyenItem(item: unknown, keys: readonly string[]): boolean {
  const signature = field(field(item, 'additionalData'), 'hmacSignature');
  const signed = signedFields(item);
  if (typeof signature !== 'string' || !SIGNATURE.test(signature) || signed === null) return false;
  const given = Buffer.from(signature, 'base64');
  // every key is tried, so that the time taken does not tell which one fits
  return keys.reduce((fits, key) => {
    const expected = mac(signed, key);
    return (expected !== null && timingSafeEqual(expected, given)) || fits;
  }, false);
}

/** The signature that an item should carry, or null when the item or the key is no such thing. */
export function signatureOf(item: unknown, key: string): string | null {
  const signed = signedFields(item);
  return signed === null ? null : (mac(signed, key)?.toString('base64') ?? null);
}

function mac(signed: string, key: string): Buffer | null {
  return HEX_KEY.test(key)
    ? createHmac('sha256', Buffer.from(key, 'hex')).update(signed, 'utf8').digest()
    : null;
}

/**
 * The fields are joined without escaping, so a ":" in one of them could be read as the border to the next. In one field alone
 * it moves no border: three before it and four after it have none. That one is the merchant's reference, since an account may
 * serve others beside us; an item with a ":" anywhere else is refused.
 */
function signedFields(item: unknown): string | null {
  const amount = field(item, 'amount');
  const value = field(amount, 'value');
  if (!Number.isSafeInteger(value)) return null;
  const before = [
    field(item, 'pspReference'),
    field(item, 'originalReference') ?? '',
    field(item, 'merchantAccountCode'),
  ];
  const reference = field(item, 'merchantReference') ?? '';
  const after = [String(value), field(amount, 'currency'), field(item, 'eventCode'), field(item, 'success')];
  const areWhole = [...before, ...after].every((one) => typeof one === 'string' && !one.includes(':'));
  return areWhole && typeof reference === 'string' ? [...before, reference, ...after].join(':') : null;
}
