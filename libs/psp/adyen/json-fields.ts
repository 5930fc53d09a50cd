/*
 * Reading JSON that somebody else wrote: what is absent, of another kind or empty is null, and nothing is taken from a
 * prototype.
 */

type Json = Readonly<Record<string, unknown>>;

const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null;

export const field = (json: unknown, name: string): unknown =>
  isObject(json) && Object.hasOwn(json, name) ? json[name] : undefined;

export function text(json: unknown, name: string): string | null {
  const value = field(json, name);
  return typeof value === 'string' && value !== '' ? value : null;
}

export function integer(json: unknown, name: string): number | null {
  const value = field(json, name);
  return Number.isSafeInteger(value) ? (value as number) : null;
}

export function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
