import { badValue, notBuilt } from '../errors';
import { compare, equal, isNaNValue, rankOf } from '../values/compare';
import { fieldsOf, numberOf, Type, Value } from '../values/value';
import { someValueAt, splitPath, StoredDocument } from './path';

export type Operator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin' | 'exists';

/** One condition on one path. `values` is the operand: one value, or the list of `$in` and `$nin`. */
export interface Condition {
  readonly path: string;
  readonly operator: Operator;
  readonly values: readonly Value[];
}

/** All conditions and, of every `$or`, at least one branch have to hold; `$and` is folded in. */
export interface Filter {
  readonly conditions: Condition[];
  readonly alternatives: (readonly Filter[])[];
}

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  (['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'exists'] as const).map((name) => [`$${name}`, name]),
);

/** Operators a MongoDB server knows and this one refuses by name; all others are nobody's and are BadValue. */
const KNOWN_ELSEWHERE = new Set(
  (
    'not nor elemMatch all size type mod regex options expr jsonSchema where text comment alwaysTrue ' +
    'alwaysFalse geoWithin geoIntersects near nearSphere bitsAllClear bitsAllSet bitsAnyClear bitsAnySet ' +
    'sampleRate rand'
  )
    .split(' ')
    .map((name) => `$${name}`),
);

export const unknownOperator = (name: string): Error =>
  KNOWN_ELSEWHERE.has(name) ? notBuilt(`query operator ${name}`) : badValue(`unknown operator: ${name}`);

/** Compiles without looking at data, so that a refused operator shows on an empty collection too. */
export function compileFilter(source: Value, into: Filter = { conditions: [], alternatives: [] }): Filter {
  for (const field of fieldsOf(source)) {
    if (field.name.startsWith('$')) compileLogical(field, into);
    else if (field.type === Type.object && startsWithDollar(field)) {
      for (const operand of fieldsOf(field)) into.conditions.push(compileOperator(field.name, operand));
    } else into.conditions.push(condition(field.name, 'eq', [field]));
  }
  return into;
}

const startsWithDollar = (value: Value): boolean =>
  value.to - value.from > 5 && value.bytes[value.from + 5] === 0x24;

function compileLogical(field: Value, into: Filter): void {
  if (field.name !== '$and' && field.name !== '$or') throw unknownOperator(field.name);
  const branches = field.type === Type.array ? fieldsOf(field) : [];
  if (branches.length === 0) throw badValue(`${field.name} must be a nonempty array`);
  if (branches.some((branch) => branch.type !== Type.object)) {
    throw badValue(`${field.name} entries need to be full objects`);
  }
  if (field.name === '$and') for (const branch of branches) compileFilter(branch, into);
  else into.alternatives.push(branches.map((branch) => compileFilter(branch)));
}

function compileOperator(path: string, operand: Value): Condition {
  const operator = OPERATORS.get(operand.name);
  if (operator === undefined) throw unknownOperator(operand.name);
  if (operator === 'in' || operator === 'nin') {
    if (operand.type !== Type.array) throw badValue(`${operand.name} needs an array`);
    return condition(path, operator, fieldsOf(operand));
  }
  if (operator === 'exists' && operand.type !== Type.bool && operand.type !== Type.int32) {
    throw notBuilt('$exists with anything but a boolean');
  }
  const ranged = operator !== 'eq' && operator !== 'ne' && operator !== 'exists';
  if (ranged && [Type.object, Type.array, Type.minKey, Type.maxKey].some((type) => type === operand.type)) {
    throw notBuilt(`${operand.name} with an object, array, MinKey or MaxKey`);
  }
  return condition(path, operator, [operand]);
}

function condition(path: string, operator: Operator, values: readonly Value[]): Condition {
  for (const value of values) {
    if (value.type === Type.regex) throw notBuilt('a regular expression in a query');
    if (value.type === Type.undefined) throw badValue('cannot compare to undefined');
    if (value.type === Type.object && operator !== 'exists' && startsWithDollar(value)) {
      throw notBuilt('an operator inside a query operand');
    }
  }
  return { path, operator, values };
}

export const existsWanted = (operand: Value | undefined): boolean =>
  operand !== undefined &&
  (operand.type === Type.bool ? operand.bytes[operand.from] === 1 : numberOf(operand) !== 0);

export function matches(filter: Filter, document: StoredDocument): boolean {
  for (const one of filter.conditions) if (!holds(one, document)) return false;
  return filter.alternatives.every((branches) => branches.some((branch) => matches(branch, document)));
}

function holds({ path, operator, values }: Condition, document: StoredDocument): boolean {
  const operand = values[0];
  switch (operator) {
    case 'eq':
    case 'in':
      return isOneOf(document, path, values);
    case 'ne':
    case 'nin':
      return !isOneOf(document, path, values);
    case 'exists':
      return someValueAt(document, splitPath(path), (value) => value !== undefined) === existsWanted(operand);
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return (
        operand !== undefined &&
        someValueAt(document, splitPath(path), (value) => inRange(value, operator, operand))
      );
  }
}

function isOneOf(document: StoredDocument, path: string, values: readonly Value[]): boolean {
  return someValueAt(document, splitPath(path), (found) => {
    if (found === undefined) return values.some((value) => value.type === Type.null);
    for (const value of values) if (equal(found, value)) return true;
    return false;
  });
}

/** Ranges compare only values of the operand's own type ("type bracketing", MongoDB manual). */
function inRange(found: Value | undefined, operator: 'gt' | 'gte' | 'lt' | 'lte', operand: Value): boolean {
  const inclusive = operator === 'gte' || operator === 'lte';
  if (found === undefined) return inclusive && operand.type === Type.null;
  if (rankOf(found) !== rankOf(operand)) return false;
  if (isNaNValue(found) || isNaNValue(operand)) {
    return inclusive && isNaNValue(found) && isNaNValue(operand);
  }
  const order = compare(found, operand);
  if (order === 0) return inclusive;
  return operator === 'gt' || operator === 'gte' ? order > 0 : order < 0;
}
