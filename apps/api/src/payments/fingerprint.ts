import { hash } from 'node:crypto';

/**
 * Names a request by what it asks for: SHA-256 over the body as sent, before any default, with keys in order. The same
 * JSON in another key order or with other blanks is the same request; a field more or less is not.
 */
export const fingerprintOf = (json: unknown): string => hash('sha256', canonical(json), 'hex');

/** Recursion is bounded: only bodies that passed their DTO come here. */
function canonical(json: unknown): string {
  if (Array.isArray(json)) return `[${json.map(canonical).join(',')}]`;
  if (typeof json !== 'object' || json === null) return JSON.stringify(json);
  const source = json as Readonly<Record<string, unknown>>;
  const members = Object.keys(source)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(source[key])}`);
  return `{${members.join(',')}}`;
}
