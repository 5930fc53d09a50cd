import { badValue, Code, CommandError, notBuilt } from '../errors';
import { add } from '../values/arithmetic';
import { compare } from '../values/compare';
import { encode, valueOf } from '../values/encode';
import { keyOf } from '../values/key';
import { fieldsOf, isNumber, NULL, stringOf, Type, Value } from '../values/value';
import { plainValueAt, splitPath, StoredDocument } from './path';

/** The whole expression language: a plain field path, or a constant. */
type Operand = { readonly path: readonly string[] } | { readonly constant: Value };
type Accumulator = '$sum' | '$min' | '$max' | '$count';

export interface Grouping {
  /** `undefined` name: the key is a single value; otherwise `_id` is an object of named values. */
  readonly key: readonly { readonly name: string | undefined; readonly operand: Operand }[];
  readonly outputs: readonly {
    readonly name: string;
    readonly accumulator: Accumulator;
    readonly operand: Operand;
  }[];
}

const ONE = valueOf(1);
const ZERO = valueOf(0);
const MISSING_GROUP_ID = 15955;
/** Groups live in memory; MongoDB's own limit is 100 MB. */
export const MAX_GROUPS = 100_000;

export function compileGroup(source: Value): Grouping {
  if (source.type !== Type.object) throw badValue("a group's fields must be specified in an object");
  const fields = fieldsOf(source);
  const id = fields.find((field) => field.name === '_id');
  if (id === undefined) {
    throw new CommandError(MISSING_GROUP_ID, 'a group specification must include an _id');
  }
  const key =
    id.type === Type.object && fieldsOf(id).length > 0
      ? fieldsOf(id).map((field) => ({ name: field.name, operand: compileOperand(field) }))
      : [{ name: undefined, operand: compileOperand(id) }];
  return { key, outputs: fields.filter((field) => field !== id).map(compileOutput) };
}

function compileOutput(field: Value): Grouping['outputs'][number] {
  const [spec, more] = field.type === Type.object ? fieldsOf(field) : [];
  if (spec === undefined || more !== undefined) {
    throw badValue(`The field '${field.name}' must specify one accumulator`);
  }
  switch (spec.name) {
    case '$count':
      if (spec.type !== Type.object || fieldsOf(spec).length > 0) {
        throw new CommandError(Code.TypeMismatch, '$count takes no arguments, i.e. $count:{}');
      }
      return { name: field.name, accumulator: '$count', operand: { constant: ONE } };
    case '$sum':
    case '$min':
    case '$max':
      return { name: field.name, accumulator: spec.name, operand: compileOperand(spec) };
    default:
      throw notBuilt(`accumulator ${spec.name}`);
  }
}

function compileOperand(value: Value): Operand {
  if (value.name.startsWith('$') && !['$sum', '$min', '$max'].includes(value.name)) {
    throw notBuilt(`expression ${value.name}`);
  }
  if (value.type === Type.object || value.type === Type.array) throw notBuilt('an expression in $group');
  const text = value.type === Type.string ? stringOf(value) : '';
  if (text.startsWith('$$')) throw notBuilt(`variable ${text}`);
  return text.startsWith('$') ? { path: splitPath(text.slice(1)) } : { constant: value };
}

const valueIn = (document: StoredDocument, operand: Operand): Value | undefined =>
  'path' in operand ? plainValueAt(document, operand.path) : operand.constant;

export function group(grouping: Grouping, documents: Iterable<StoredDocument>): Buffer[] {
  const groups = new Map<string, { id: Value; totals: (Value | undefined)[] }>();
  for (const document of documents) {
    const id = groupId(grouping, document);
    const key = keyOf(id).toString('latin1');
    let entry = groups.get(key);
    if (entry === undefined) {
      if (groups.size >= MAX_GROUPS) {
        throw new CommandError(Code.QueryExceededMemoryLimit, `$group made more than ${MAX_GROUPS} groups`);
      }
      entry = { id, totals: grouping.outputs.map(() => undefined) };
      groups.set(key, entry);
    }
    const { totals } = entry;
    for (const [i, output] of grouping.outputs.entries()) {
      totals[i] = accumulate(output.accumulator, totals[i], valueIn(document, output.operand));
    }
  }
  return [...groups.values()].map(({ id, totals }) => {
    const row: Record<string, Value> = { _id: id };
    for (const [i, { name, accumulator }] of grouping.outputs.entries()) {
      row[name] = totals[i] ?? (accumulator === '$sum' ? ZERO : NULL);
    }
    return encode(row);
  });
}

function groupId({ key }: Grouping, document: StoredDocument): Value {
  const row: Record<string, Value> = {};
  for (const { name, operand } of key) {
    const value = valueIn(document, operand);
    if (name === undefined) return value ?? NULL;
    if (value !== undefined) row[name] = value;
  }
  return valueOf(row);
}

function accumulate(
  accumulator: Accumulator,
  total: Value | undefined,
  value: Value | undefined,
): Value | undefined {
  switch (accumulator) {
    case '$count':
      return add(total ?? ZERO, ONE, 'double');
    case '$sum':
      return value !== undefined && isNumber(value) ? add(total ?? ZERO, value, 'double') : total;
    case '$min':
    case '$max': {
      if (value === undefined || value.type === Type.null) return total;
      const takes = total === undefined || compare(value, total) > 0 === (accumulator === '$max');
      return takes ? value : total;
    }
  }
}
