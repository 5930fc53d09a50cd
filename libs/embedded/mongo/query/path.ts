import { fieldNamed, fieldsOf, Type, Value } from '../values/value';

/** A stored document with its top-level elements read once. */
export class StoredDocument {
  private parsed: readonly Value[] | undefined;

  constructor(readonly bytes: Buffer) {}

  get fields(): readonly Value[] {
    return (this.parsed ??= fieldsOf(new Value('', Type.object, this.bytes, 0, 0, this.bytes.length)));
  }

  field(name: string): Value | undefined {
    return fieldNamed(this.fields, name);
  }
}

const MAX_KNOWN_PATHS = 4096;
const known = new Map<string, readonly string[]>();

/** Splits a dotted path; the few paths in use are split once. */
export function splitPath(path: string): readonly string[] {
  let parts = known.get(path);
  if (parts === undefined) {
    parts = path.split('.');
    if (known.size < MAX_KNOWN_PATHS) known.set(path, parts);
  }
  return parts;
}

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);
export const hasPosition = (path: string): boolean => splitPath(path).some(isIndex);

/**
 * Calls `visit` with every value a query path reaches: arrays on the way are searched element by element, and an
 * array at the end is visited as a whole and by its elements. `undefined` stands for a missing field.
 * @returns true as soon as `visit` does.
 */
export function someValueAt(
  document: StoredDocument,
  path: readonly string[],
  visit: (value: Value | undefined) => boolean,
): boolean {
  const first = document.field(path[0] ?? '');
  return path.length === 1 ? atEnd(first, visit) : within(first, path, 1, visit);
}

function atEnd(value: Value | undefined, visit: (value: Value | undefined) => boolean): boolean {
  if (visit(value)) return true;
  return value?.type === Type.array && fieldsOf(value).some(visit);
}

function within(
  value: Value | undefined,
  path: readonly string[],
  at: number,
  visit: (value: Value | undefined) => boolean,
): boolean {
  if (at === path.length) return atEnd(value, visit);
  const part = path[at] ?? '';
  if (value?.type === Type.object) return within(fieldNamed(fieldsOf(value), part), path, at + 1, visit);
  if (value?.type !== Type.array) return visit(undefined);
  return fieldsOf(value).some(
    (element) =>
      (element.type === Type.object && within(element, path, at, visit)) ||
      (element.name === part && within(element, path, at + 1, visit)),
  );
}

/** The single value of a path without looking into arrays, as `$group` and distinct grouping keys need it. */
export function plainValueAt(document: StoredDocument, path: readonly string[]): Value | undefined {
  let value = document.field(path[0] ?? '');
  for (const part of path.slice(1)) {
    if (value?.type !== Type.object) return undefined;
    value = fieldNamed(fieldsOf(value), part);
  }
  return value;
}
