/** A field that is not what it should be. */
export interface FieldDifference {
  readonly path: string;
  readonly expected: string;
  readonly found: string;
}

/**
 * Field by field. Types count: an amount that became a double is another value, even where it looks the same. Absent and
 * undefined are one, as the driver stores neither.
 */
export function differences(expected: unknown, found: unknown, path = ''): readonly FieldDifference[] {
  if (isRecord(expected) && isRecord(found)) {
    const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
    return [...keys].flatMap((key) =>
      differences(expected[key], found[key], path === '' ? key : `${path}.${key}`),
    );
  }
  return isSame(expected, found) ? [] : [{ path, expected: textOf(expected), found: textOf(found) }];
}

/** Arrays have their indexes for keys. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !(value instanceof Date);

const isSame = (a: unknown, b: unknown): boolean =>
  a instanceof Date && b instanceof Date ? a.getTime() === b.getTime() : Object.is(a, b);

const MAX_TEXT_CHARACTERS = 200;

/** For a person; the type shows where two types could look alike. */
function textOf(value: unknown): string {
  if (value === undefined) return 'absent';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return `${value} (not int64)`;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'no time' : value.toISOString();
  const text = JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? `${item}` : item));
  return text.length > MAX_TEXT_CHARACTERS ? `${text.slice(0, MAX_TEXT_CHARACTERS)}…` : text;
}
