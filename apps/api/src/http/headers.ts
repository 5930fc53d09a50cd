import { DEFAULT_WAIT_S, MAX_IDEMPOTENCY_KEY_CHARACTERS, MAX_WAIT_S } from '../config/limits';
import { Problem } from './problem';

const MS_PER_S = 1_000;

const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * The key that names what the request creates. A header that is sent twice reaches us joined by ", ", whose blank is
 * not a visible character: so it is refused rather than guessed at.
 */
export function idempotencyKeyOf(header: string | string[] | undefined): string {
  if (header === undefined) throw new Problem('idempotency_key_missing');
  if (
    typeof header !== 'string' ||
    header.length > MAX_IDEMPOTENCY_KEY_CHARACTERS ||
    !VISIBLE_ASCII.test(header)
  ) {
    throw new Problem('idempotency_key_invalid', {
      detail: `The Idempotency-Key is 1 to ${MAX_IDEMPOTENCY_KEY_CHARACTERS} visible ASCII characters, sent once.`,
    });
  }
  return header;
}

/** Splits at commas outside of quoted strings (RFC 9110 section 5.6); one that never ends swallows the rest. */
const LIST_ITEM = /(?:[^,"]|"(?:\\.|[^"\\])*(?:"|$))+/g;
const WAIT = /^\s*wait\s*(?:=\s*(\d{1,9})\s*)?(?:;.*)?$/i;
const NAMES_WAIT = /^\s*wait\s*(?:[=;]|$)/i;

/**
 * How long the caller wants to wait, ms, from `Prefer: wait=<seconds>` (RFC 7240 section 4.3), clamped. A preference is
 * only a wish: other ones, and a malformed or quoted number, are ignored. The first `wait` counts (section 2).
 */
export function preferredWaitMs(header: string | string[] | undefined): number {
  if (header === undefined) return DEFAULT_WAIT_S * MS_PER_S;
  const items = (typeof header === 'string' ? header : header.join(',')).match(LIST_ITEM) ?? [];
  const wait = items.find((item) => NAMES_WAIT.test(item));
  const seconds = wait === undefined ? undefined : WAIT.exec(wait)?.[1];
  return (seconds === undefined ? DEFAULT_WAIT_S : Math.min(Number(seconds), MAX_WAIT_S)) * MS_PER_S;
}
