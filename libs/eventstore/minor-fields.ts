import { MalformedEvent, UnencodableValue } from './failures';
import { MAX_DATA_DEPTH, MAX_INT64, MIN_INT64 } from './limits';

/**
 * Amounts are bigints inside and decimal strings in JSON, because a JSON number above 2^53 loses its last digits in most
 * readers. The key decides, not the value: `…Minor` is an amount, so that reading needs no schema.
 */
const MINOR = 'Minor';
const DECIMAL = /^(?:0|-?[1-9]\d*)$/;

const inInt64 = (value: bigint): boolean => value >= MIN_INT64 && value <= MAX_INT64;

/** A copy that JSON carries without loss. Throws {@link UnencodableValue} for anything that JSON would bend. */
export function toJsonData(data: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return encodeObject(data, '', 1);
}

function encodeObject(source: object, path: string, depth: number): Record<string, unknown> {
  if (depth > MAX_DATA_DEPTH) throw new UnencodableValue(path, `nested deeper than ${MAX_DATA_DEPTH}`);
  const prototype: unknown = Object.getPrototypeOf(source);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new UnencodableValue(path, 'not a plain object');
  }
  const target: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(source) as [string, unknown][]) {
    // assigning it would change the prototype instead of storing the value
    if (key === '__proto__') throw new UnencodableValue(`${path}.${key}`, 'key not allowed');
    if (value === undefined) continue;
    target[key] = key.endsWith(MINOR)
      ? encodeMinor(value, `${path}.${key}`)
      : encodeValue(value, path, key, depth);
  }
  return target;
}

function encodeMinor(value: unknown, path: string): string | null {
  if (value === null) return null;
  if (typeof value !== 'bigint') throw new UnencodableValue(path, `expected a bigint, got ${typeof value}`);
  if (!inInt64(value)) throw new UnencodableValue(path, `${value.toString()} does not fit 64 bits`);
  return value.toString();
}

// path and key come apart so that the common case builds no string
function encodeValue(value: unknown, path: string, key: string | number, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new UnencodableValue(`${path}.${key}`, 'not a finite number');
      return value;
    case 'object':
      if (value === null) return null;
      if (Array.isArray(value)) return encodeArray(value, `${path}.${key}`, depth + 1);
      return encodeObject(value, `${path}.${key}`, depth + 1);
    case 'bigint':
      throw new UnencodableValue(`${path}.${key}`, `a bigint belongs under a key that ends in ${MINOR}`);
    case 'undefined':
    case 'function':
    case 'symbol':
      throw new UnencodableValue(`${path}.${key}`, `${typeof value} has no JSON form`);
  }
}

function encodeArray(source: readonly unknown[], path: string, depth: number): unknown[] {
  if (depth > MAX_DATA_DEPTH) throw new UnencodableValue(path, `nested deeper than ${MAX_DATA_DEPTH}`);
  return source.map((value, index) => encodeValue(value, path, index, depth));
}

/** Turns amounts back into bigints, in place: the tree is fresh from `JSON.parse` and nobody else holds it. */
export function reviveMinorFields(data: Record<string, unknown>, where: () => string): void {
  reviveObject(data, where, 1);
}

function reviveObject(target: Record<string, unknown>, where: () => string, depth: number): void {
  if (depth > MAX_DATA_DEPTH) throw new MalformedEvent(where(), `nested deeper than ${MAX_DATA_DEPTH}`);
  for (const key of Object.keys(target)) {
    const value = target[key];
    if (key.endsWith(MINOR)) target[key] = reviveMinor(value, key, where);
    else if (typeof value === 'object' && value !== null) reviveNested(value, where, depth + 1);
  }
}

function reviveNested(value: object, where: () => string, depth: number): void {
  if (!Array.isArray(value)) {
    reviveObject(value as Record<string, unknown>, where, depth);
    return;
  }
  if (depth > MAX_DATA_DEPTH) throw new MalformedEvent(where(), `nested deeper than ${MAX_DATA_DEPTH}`);
  for (const item of value as unknown[]) {
    if (typeof item === 'object' && item !== null) reviveNested(item, where, depth + 1);
  }
}

function reviveMinor(value: unknown, key: string, where: () => string): bigint | null {
  if (value === null) return null;
  if (typeof value !== 'string' || !DECIMAL.test(value)) {
    throw new MalformedEvent(where(), `${key} is not a decimal string`);
  }
  const amount = BigInt(value);
  if (!inInt64(amount)) throw new MalformedEvent(where(), `${key} does not fit 64 bits`);
  return amount;
}
