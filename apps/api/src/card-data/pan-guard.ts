import { containsPan, MIN_PAN_DIGITS } from './pan';

/**
 * Whether a body can hold a card number at all, by counting the digits of its bytes. An escaped digit (`\u0034`) is
 * four digits in the bytes, so a body with fewer than 13 has no card number in any spelling. Most bodies end here.
 */
export function mayHoldPan(bytes: Uint8Array): boolean {
  let digits = 0;
  for (const byte of bytes) {
    if (byte >= 48 && byte <= 57) {
      digits += 1;
      if (digits === MIN_PAN_DIGITS) return true;
    }
  }
  return false;
}

/** Looks at every string key and value of parsed JSON, at any depth; an own stack, since 64 KiB can nest deep. */
export function jsonHoldsPan(json: unknown): boolean {
  const open: unknown[] = [json];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') {
      if (containsPan(value)) return true;
    } else if (Array.isArray(value)) {
      for (const item of value) open.push(item);
    } else if (typeof value === 'object' && value !== null) {
      for (const key of Object.keys(value)) {
        if (containsPan(key)) return true;
        open.push((value as Record<string, unknown>)[key]);
      }
    }
  }
  return false;
}

/** Our own opaque values travel here; digits in them are not the caller's. */
const ISSUED_BY_US = new Set(['cursor']);

/**
 * Path and query as sent. Looked at decoded, and with the query's "+" as the blank it stands for; what cannot be
 * decoded is looked at as it is.
 */
export function urlHoldsPan(url: string): boolean {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  if (containsPan(decoded(path))) return true;
  return mark !== -1 && queryHoldsPan(url.slice(mark + 1));
}

function queryHoldsPan(query: string): boolean {
  return query.split('&').some((pair) => {
    const equals = pair.indexOf('=');
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals));
    if (containsPan(name)) return true;
    return (
      equals !== -1 &&
      !ISSUED_BY_US.has(name) &&
      containsPan(decoded(pair.slice(equals + 1).replaceAll('+', ' ')))
    );
  });
}

function decoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
