import { Code, CommandError } from '../errors';
import { fieldNamed, fieldsOf, NULL, Type, UNDEFINED, Value } from '../values/value';
import { splitPath, StoredDocument } from './path';

/** Where a path has got to: the value found so far and the parts still to walk. */
interface Walk {
  readonly value: Value | undefined;
  readonly rest: readonly string[];
  readonly done: boolean;
}

export interface Expansion {
  /** One row per index entry: a value for each path. */
  readonly rows: readonly (readonly Value[])[];
  /** First components of the paths on which an array was met: of these one document has several entries. */
  readonly arrays: readonly string[];
  /** At least one of the paths exists; sparse indexes leave out documents without any. */
  readonly present: boolean;
}

/**
 * The values under which a document is indexed and sorted (MongoDB manual, "Multikey Indexes"): an array gives one
 * row for each element, paths under one array pair up by element, a missing field counts as null.
 * @throws CommandError 171 when paths lead into two different arrays.
 */
export function expand(document: StoredDocument, paths: readonly string[]): Expansion {
  const arrays: string[] = [];
  const walks = paths.map((path) => {
    const [root = '', ...parts] = splitPath(path);
    const walk = advance(document.field(root), parts);
    if (!walk.done) arrays.push(root);
    return walk;
  });
  const present = walks.some((walk) => walk.value !== undefined);
  const rows: Value[][] = [];
  spread(walks, rows);
  return { rows, arrays, present };
}

function advance(from: Value | undefined, parts: readonly string[]): Walk {
  let value = from;
  let at = 0;
  while (at < parts.length && value?.type === Type.object) {
    value = fieldNamed(fieldsOf(value), parts[at++] ?? '');
  }
  if (value?.type === Type.array) return { value, rest: parts.slice(at), done: false };
  return { value: at < parts.length ? undefined : value, rest: [], done: true };
}

function spread(walks: readonly Walk[], rows: Value[][]): void {
  const pending = walks.find((walk) => !walk.done);
  if (pending === undefined) {
    rows.push(walks.map((walk) => walk.value ?? NULL));
    return;
  }
  const array = pending.value;
  for (const walk of walks) {
    if (!walk.done && walk.value?.from !== array?.from) {
      throw new CommandError(Code.CannotIndexParallelArrays, 'cannot index parallel arrays');
    }
  }
  const elements: (Value | undefined)[] = array === undefined ? [] : fieldsOf(array);
  if (elements.length === 0) elements.push(undefined);
  for (const element of elements) {
    spread(
      walks.map((walk) => (walk.done ? walk : enter(element, walk.rest))),
      rows,
    );
  }
}

/** An array inside an array is a value, not another fan-out, unless the path goes on. */
function enter(element: Value | undefined, rest: readonly string[]): Walk {
  if (rest.length === 0) return { value: element ?? UNDEFINED, rest, done: true };
  if (element?.type === Type.object) return advance(element, rest);
  return { value: undefined, rest: [], done: true };
}
