import { badValue, Code, CommandError, notBuilt } from '../errors';
import { add } from '../values/arithmetic';
import { compare, equal } from '../values/compare';
import { depthOf, fieldNamed, fieldsOf, isNumber, MAX_DEPTH, numberOf, Type, Value } from '../values/value';
import { splitPath } from './path';
import { Tree } from './tree';

const MODIFIERS = ['$set', '$unset', '$inc', '$min', '$max', '$setOnInsert', '$push', '$addToSet'] as const;
type Modifier = (typeof MODIFIERS)[number];

const KNOWN_ELSEWHERE = new Set(['$mul', '$rename', '$currentDate', '$bit', '$pop', '$pull', '$pullAll']);

interface Change {
  readonly modifier: Modifier;
  readonly path: readonly string[];
  readonly operand: Value;
  /** `$push` and `$addToSet`: the values to add; `$slice` keeps that many from the front, or the end if negative. */
  readonly each: readonly Value[];
  readonly slice: number | undefined;
}

export type Update =
  | { readonly kind: 'replace'; readonly document: Value }
  | {
      readonly kind: 'modify';
      readonly changes: readonly Change[];
      /** First path components that can change; indexes on other fields need no look. */
      readonly roots: ReadonlySet<string>;
    };

const isModifier = (name: string): name is Modifier => (MODIFIERS as readonly string[]).includes(name);

export function compileUpdate(source: Value): Update {
  if (source.type === Type.array) throw notBuilt('an update with an aggregation pipeline');
  if (source.type !== Type.object) throw new CommandError(Code.FailedToParse, 'update must be an object');
  const groups = fieldsOf(source);
  if (groups[0]?.name.startsWith('$') !== true) {
    const dollar = groups.find((field) => field.name.startsWith('$'));
    if (dollar) throw dollarPrefixed(dollar.name);
    return { kind: 'replace', document: source };
  }
  const changes: Change[] = [];
  for (const group of groups) {
    if (KNOWN_ELSEWHERE.has(group.name)) throw notBuilt(`update operator ${group.name}`);
    if (!isModifier(group.name)) {
      throw new CommandError(Code.FailedToParse, `Unknown modifier: ${group.name}`);
    }
    if (group.type !== Type.object) {
      throw new CommandError(Code.FailedToParse, `Modifiers operate on fields but ${group.name} got a value`);
    }
    for (const field of fieldsOf(group)) changes.push(compileChange(group.name, field));
  }
  changes.sort((a, b) => comparePaths(a.path, b.path));
  for (const [i, change] of changes.entries()) {
    const next = changes[i + 1];
    if (next !== undefined && change.path.every((part, at) => part === next.path[at])) {
      throw new CommandError(
        Code.ConflictingUpdateOperators,
        `Updating the path '${next.path.join('.')}' would create a conflict at '${change.path.join('.')}'`,
      );
    }
  }
  return { kind: 'modify', changes, roots: new Set(changes.map((change) => change.path[0] ?? '')) };
}

const dollarPrefixed = (name: string): CommandError =>
  new CommandError(Code.DollarPrefixedFieldName, `The dollar ($) prefixed field '${name}' is not allowed`);

/** New fields appear in the order of their names, numbers by value (MongoDB 5.0 and later). */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const x = a[i] ?? '';
    const y = b[i] ?? '';
    if (x === y) continue;
    const numbers = Number(x) - Number(y);
    return Number.isNaN(numbers) || numbers === 0 ? (x < y ? -1 : 1) : numbers;
  }
  return a.length - b.length;
}

function compileChange(modifier: Modifier, field: Value): Change {
  const path = splitPath(field.name);
  for (const part of path) {
    if (part === '') {
      throw new CommandError(
        Code.EmptyFieldName,
        `The update path '${field.name}' contains an empty field name`,
      );
    }
    if (part === '$' || part.startsWith('$[')) throw notBuilt(`positional update ${part}`);
    if (part.startsWith('$')) throw dollarPrefixed(part);
  }
  if (path.length + depthOf(field) > MAX_DEPTH) {
    throw new CommandError(Code.Overflow, `Document exceeds maximum nested object depth: ${MAX_DEPTH}`);
  }
  if (modifier === '$inc' && !isNumber(field)) {
    throw new CommandError(Code.TypeMismatch, 'Cannot increment with non-numeric argument');
  }
  const adds = modifier === '$push' || modifier === '$addToSet';
  const list = adds ? compileEach(modifier, field) : { each: [], slice: undefined };
  return { modifier, path, operand: field, ...list };
}

function compileEach(
  modifier: Modifier,
  field: Value,
): { each: readonly Value[]; slice: number | undefined } {
  const options = field.type === Type.object ? fieldsOf(field) : [];
  const each = fieldNamed(options, '$each');
  if (each === undefined) {
    if (options[0]?.name.startsWith('$') === true) throw dollarPrefixed(options[0].name);
    return { each: [field], slice: undefined };
  }
  if (each.type !== Type.array) throw badValue('The argument to $each must be an array');
  for (const { name } of options) {
    if (name === '$each' || (name === '$slice' && modifier === '$push')) continue;
    if (name === '$sort' || name === '$position') throw notBuilt(`${modifier} with ${name}`);
    throw badValue(`Unrecognized clause in ${modifier}: ${name}`);
  }
  const slice = fieldNamed(options, '$slice');
  if (slice === undefined) return { each: fieldsOf(each), slice: undefined };
  const count = isNumber(slice) ? numberOf(slice) : Number.NaN;
  if (!Number.isInteger(count)) throw badValue('The value for $slice must be an integer');
  return { each: fieldsOf(each), slice: count };
}

/** Applies compiled changes; `inserting` is true for the document of an upsert. */
export function modify(tree: Tree, changes: readonly Change[], inserting: boolean): void {
  for (const change of changes) {
    if (change.modifier === '$setOnInsert' && !inserting) continue;
    if (change.modifier === '$unset') tree.remove(change.path);
    else tree.change(change.path, (old) => changed(change, old));
  }
}

function changed(change: Change, old: Value | Tree | undefined): Value | Tree {
  const { modifier, operand } = change;
  const before = old instanceof Tree ? old.toValue() : old;
  switch (modifier) {
    case '$set':
    case '$setOnInsert':
    case '$unset':
      return operand;
    case '$inc':
      if (before === undefined) return operand;
      if (!isNumber(before)) {
        throw new CommandError(
          Code.TypeMismatch,
          `Cannot apply $inc to the non-numeric field '${change.path.join('.')}'`,
        );
      }
      return add(before, operand, 'refuse');
    case '$min':
      return before !== undefined && compare(before, operand) <= 0 ? before : operand;
    case '$max':
      return before !== undefined && compare(before, operand) >= 0 ? before : operand;
    case '$push':
    case '$addToSet':
      return appended(change, before);
  }
}

function appended(change: Change, before: Value | undefined): Tree {
  if (before !== undefined && before.type !== Type.array) {
    throw badValue(`The field '${change.path.join('.')}' must be an array but is of another type`);
  }
  let elements = before === undefined ? [] : fieldsOf(before);
  for (const value of change.each) {
    if (change.modifier === '$addToSet' && elements.some((element) => equal(element, value))) continue;
    elements.push(value);
  }
  const { slice } = change;
  if (slice !== undefined) elements = slice < 0 ? elements.slice(slice) : elements.slice(0, slice);
  return Tree.ofElements(elements);
}
