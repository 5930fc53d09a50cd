import { CommandError, notBuilt } from '../errors';
import { Writer, written } from '../values/encode';
import { fieldsOf, isNumber, numberOf, Type, Value } from '../values/value';
import { splitPath, StoredDocument } from './path';

/** Paths as a tree: an empty map is the end of a path. */
class Paths extends Map<string, Paths> {}
export interface Projection {
  readonly include: boolean;
  readonly paths: Paths;
}

const MIXED_INCLUDE = 31253;
const MIXED_EXCLUDE = 31254;
const PATH_COLLISION = 31249;

export function compileProjection(source: Value | undefined): Projection | undefined {
  const fields = source === undefined ? [] : fieldsOf(source);
  if (fields.length === 0) return undefined;
  const wanted = new Map(fields.map((field) => [field.name, flagOf(field)]));
  const rest = [...wanted].filter(([path]) => path !== '_id');
  const include = rest[0]?.[1] ?? wanted.get('_id') ?? false;
  const paths = new Paths();
  for (const [path, flag] of rest) {
    if (flag !== include) {
      throw new CommandError(
        flag ? MIXED_EXCLUDE : MIXED_INCLUDE,
        `Cannot do ${flag ? 'inclusion' : 'exclusion'} on field ${path} in the other kind of projection`,
      );
    }
    addPath(paths, path);
  }
  if (include === (wanted.get('_id') ?? include)) {
    if (include || wanted.has('_id')) addPath(paths, '_id');
  }
  return { include, paths };
}

function flagOf(field: Value): boolean {
  if (field.name.includes('$')) throw notBuilt(`projection of ${field.name}`);
  if (field.type === Type.bool) return field.bytes[field.from] === 1;
  if (isNumber(field)) return numberOf(field) !== 0;
  throw notBuilt(`a computed projection of ${field.name}`);
}

function addPath(paths: Paths, path: string): void {
  let level = paths;
  const parts = splitPath(path);
  for (const [i, part] of parts.entries()) {
    const next: Paths = level.get(part) ?? new Paths();
    const ends = i === parts.length - 1;
    if (level.has(part) && (ends || next.size === 0)) {
      throw new CommandError(PATH_COLLISION, `Path collision at ${path}`);
    }
    level.set(part, next);
    level = next;
  }
}

export function project(projection: Projection | undefined, document: StoredDocument): Buffer {
  if (projection === undefined) return document.bytes;
  return written((to) => {
    writeFields(to, document.fields, projection.paths, projection.include);
  });
}

function writeFields(to: Writer, fields: readonly Value[], paths: Paths, include: boolean): void {
  const mark = to.begin();
  for (const field of fields) {
    const below = paths.get(field.name);
    if (below === undefined || below.size === 0) {
      if ((below !== undefined) === include) to.element(field);
    } else if (field.type === Type.object) {
      to.head(Type.object, field.name);
      writeFields(to, fieldsOf(field), below, include);
    } else if (field.type === Type.array) {
      to.head(Type.array, field.name);
      writeElements(to, fieldsOf(field), below, include);
    } else if (!include) to.element(field);
  }
  to.end(mark);
}

/** Elements that are no objects have no such path: inclusion drops them, exclusion keeps them. */
function writeElements(to: Writer, elements: readonly Value[], paths: Paths, include: boolean): void {
  const mark = to.begin();
  let at = 0;
  for (const element of elements) {
    const open = element.type === Type.object || element.type === Type.array;
    if (!open && include) continue;
    const name = String(at++);
    if (!open) to.value(name, element);
    else {
      to.head(element.type, name);
      if (element.type === Type.object) writeFields(to, fieldsOf(element), paths, include);
      else writeElements(to, fieldsOf(element), paths, include);
    }
  }
  to.end(mark);
}
