import { badValue, notBuilt } from '../errors';
import { equal, isNaNValue, rankOf } from '../values/compare';
import { keyOf, keyOfParts } from '../values/key';
import { Type, Value } from '../values/value';
import type { Collection, Index } from '../storage/catalog';
import type { Range } from '../storage/environment';
import { Condition, existsWanted, Filter } from './filter';
import type { SortField } from './order';
import { hasPosition } from './path';

export interface Plan {
  /** `undefined`: read the whole collection. */
  readonly index: Index | undefined;
  readonly ranges: readonly Range[];
  readonly reverse: boolean;
  /** The ranges deliver the asked order, so nothing is sorted in memory. */
  readonly sorted: boolean;
}

const MAX_PREFIXES = 1000;
const ID_SCORE = 1000;
const MAX_BYTE = Buffer.from([0xff]);

/** Conditions of one path that can bound an index; everything found is matched again, so bounds only have to be wide enough. */
interface Bounds {
  readonly equal: readonly Value[] | undefined;
  readonly lower: Condition | undefined;
  readonly upper: Condition | undefined;
}

export function makePlan(
  collection: Collection,
  filter: Filter,
  sort: readonly SortField[],
  hint: Index | undefined,
  visible: (index: Index) => boolean = () => true,
): Plan {
  const conditions = filter.conditions.concat(commonRanges(filter));
  let best: { plan: Plan; score: number } | undefined;
  for (const index of hint === undefined ? collection.indexes : [hint]) {
    if (!visible(index)) continue;
    const candidate = planWith(index, conditions, sort);
    if (candidate === undefined && hint !== undefined)
      throw notBuilt(`hint of index ${hint.name} for this query`);
    if (candidate && candidate.score > (best?.score ?? (hint === undefined ? 0 : -1))) best = candidate;
    // nothing beats a point of `_id_`, which comes first
    if (best !== undefined && best.score >= ID_SCORE) break;
  }
  return best?.plan ?? collectionScan(collection);
}

const collectionScan = (collection: Collection): Plan => ({
  index: undefined,
  ranges: [prefixRange(keyOfParts(collection.id, [], []))],
  reverse: false,
  sorted: false,
});

export function indexByHint(collection: Collection, hint: Value | string | undefined): Index | undefined {
  if (hint === undefined) return undefined;
  const found = collection.indexes.find((index) =>
    typeof hint === 'string' ? index.name === hint : equal(index.keyPattern, hint),
  );
  if (found === undefined) throw badValue('hint provided does not correspond to an existing index');
  return found;
}

function planWith(
  index: Index,
  conditions: readonly Condition[],
  sort: readonly SortField[],
): { plan: Plan; score: number } | undefined {
  if (!coversAllMatches(index, conditions)) return undefined;
  let prefixes = [keyOfParts(index.id, [], [])];
  let fixed = 0;
  let full = true;
  for (const [i, field] of index.fields.entries()) {
    const values = pairsWithEarlier(index, i) ? undefined : boundsOf(conditions, field.path).equal;
    if (values === undefined || prefixes.length * values.length > MAX_PREFIXES) {
      full = false;
      break;
    }
    const keys = values.map((value) => keyOf(value, field.descending));
    prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])));
    fixed++;
  }
  const order = ordersByArray(index, sort) ? undefined : orderFrom(index, fixed, sort, prefixes.length === 1);
  const sorted = order !== undefined && sort.length > 0;
  const next = full || pairsWithEarlier(index, fixed) ? undefined : index.fields[fixed];
  const ranged = next && rangeBounds(boundsOf(conditions, next.path), index.arrays.has(next.root));
  const exact = full && index.unique;
  const ranges = unique(prefixes).map((prefix) =>
    next !== undefined && ranged !== undefined
      ? boundedRange(prefix, ranged, next.descending)
      : { ...prefixRange(prefix), exact },
  );
  const isId = index.name === '_id_' && fixed > 0;
  const score = 10 * fixed + (ranged ? 5 : 0) + (sorted ? 4 : 0) + (exact ? 50 : 0) + (isId ? ID_SCORE : 0);
  return { plan: { index, ranges, reverse: sorted && order === 'reverse', sorted }, score };
}

const unique = (keys: readonly Buffer[]): Buffer[] =>
  keys.length === 1
    ? keys.slice()
    : keys
        .slice()
        .sort((a, b) => a.compare(b))
        .filter((key, i, all) => i === 0 || !key.equals(all[i - 1] ?? MAX_BYTE));

/** Under one array two conditions may be met by two different elements, while an index entry holds one. */
function pairsWithEarlier(index: Index, position: number): boolean {
  const root = index.fields[position]?.root;
  if (root === undefined || !index.arrays.has(root)) return false;
  return index.fields.slice(0, position).some((field) => field.root === root);
}

/** A document with an array is sorted by one of its elements, whichever of its entries is met first. */
const ordersByArray = (index: Index, sort: readonly SortField[]): boolean =>
  sort.some(({ path }) => index.fields.some((field) => field.path === path && index.arrays.has(field.root)));

function boundsOf(conditions: readonly Condition[], path: string): Bounds {
  let equalTo: readonly Value[] | undefined;
  let lower: Condition | undefined;
  let upper: Condition | undefined;
  for (const condition of conditions) {
    if (condition.path !== path || condition.values.some(isUnboundable) || hasPosition(path)) continue;
    const { operator } = condition;
    if (operator === 'eq') equalTo = condition.values;
    else if (operator === 'in') equalTo ??= condition.values;
    else if (condition.values[0]?.type === Type.null) continue;
    else if (operator === 'gt' || operator === 'gte') lower ??= condition;
    else if (operator === 'lt' || operator === 'lte') upper ??= condition;
  }
  return { equal: equalTo, lower, upper };
}

const isUnboundable = (value: Value): boolean =>
  value.type === Type.array || value.type === Type.minKey || value.type === Type.maxKey || isNaNValue(value);

/** With arrays the two ends may be met by different elements, so only one of them bounds. */
function rangeBounds({ lower, upper }: Bounds, multikey: boolean): Bounds | undefined {
  if (lower === undefined && upper === undefined) return undefined;
  const differ = lower && upper && rankOf(first(lower)) !== rankOf(first(upper));
  return { equal: undefined, lower, upper: lower && (multikey || differ) ? undefined : upper };
}

function first(condition: Condition): Value {
  const [value] = condition.values;
  if (value === undefined) throw new Error(`condition on ${condition.path} has no operand`);
  return value;
}

function boundedRange(prefix: Buffer, { lower, upper }: Bounds, descending: boolean): Range {
  const some = lower ?? upper;
  const rank = some === undefined ? 0 : rankOf(first(some));
  const [above, below] = [end(lower, 'gt', descending), end(upper, 'lt', descending)];
  const typeFrom = Buffer.from([descending ? ~rank & 0xff : rank]);
  const typeTo = Buffer.from([(descending ? ~rank & 0xff : rank) + 1]);
  const [low, high] = descending ? [below, above] : [above, below];
  return {
    low: Buffer.concat([prefix, low ?? typeFrom]),
    high: Buffer.concat([prefix, high ?? typeTo]),
    exact: false,
  };
}

/** The key before or after all entries of a bound's value, whichever leaves out what the operator leaves out. */
function end(condition: Condition | undefined, strict: 'gt' | 'lt', descending: boolean): Buffer | undefined {
  if (condition === undefined) return undefined;
  const key = keyOf(first(condition), descending);
  const excludes = condition.operator === strict;
  const isLow = (strict === 'gt') !== descending;
  return excludes === isLow ? Buffer.concat([key, MAX_BYTE]) : key;
}

const prefixRange = (prefix: Buffer): Range => ({
  low: prefix,
  high: Buffer.concat([prefix, MAX_BYTE]),
  exact: false,
});

/** Whether the entries after the fixed prefix come in the asked order, or in exactly the opposite one. */
function orderFrom(
  index: Index,
  fixed: number,
  sort: readonly SortField[],
  single: boolean,
): 'forward' | 'reverse' | undefined {
  if (!single) return undefined;
  const fixedPaths = new Set(index.fields.slice(0, fixed).map((field) => field.path));
  const rest = index.fields.slice(fixed);
  let direction: 'forward' | 'reverse' | undefined;
  for (const [i, { path, descending }] of sort.filter((field) => !fixedPaths.has(field.path)).entries()) {
    const field = rest[i];
    if (field?.path !== path) return undefined;
    const needed = field.descending === descending ? 'forward' : 'reverse';
    if (direction !== undefined && direction !== needed) return undefined;
    direction = needed;
  }
  return direction ?? 'forward';
}

/** A document that matches has an entry: always for full indexes, else only if the conditions say so. */
function coversAllMatches(index: Index, conditions: readonly Condition[]): boolean {
  if (index.partial !== undefined) {
    if (index.partial.alternatives.length > 0) return false;
    if (!index.partial.conditions.every((needed) => conditions.some((given) => implies(given, needed))))
      return false;
  }
  return (
    !index.sparse ||
    index.fields.some(({ path }) => conditions.some((given) => given.path === path && demandsValue(given)))
  );
}

function implies(given: Condition, needed: Condition): boolean {
  if (given.path !== needed.path) return false;
  if (needed.operator === 'exists') return existsWanted(needed.values[0]) && demandsValue(given);
  return (
    given.operator === needed.operator &&
    given.values.length === needed.values.length &&
    given.values.every((value, i) => equal(value, needed.values[i] ?? value))
  );
}

/** The condition fails for documents without the field. */
function demandsValue({ operator, values }: Condition): boolean {
  if (operator === 'exists') return existsWanted(values[0]);
  return operator !== 'ne' && operator !== 'nin' && !values.some((value) => value.type === Type.null);
}

/**
 * A page cursor reads `$or: [{a: {$lt: x}}, {a: x, _id: {$lt: y}}]`, of which every branch bounds `a`. The widest of
 * these bounds holds for the whole `$or`; without it a deep page would read all pages before it.
 */
function commonRanges({ alternatives }: Filter): Condition[] {
  const found: Condition[] = [];
  for (const branches of alternatives) {
    const paths = new Set(branches[0]?.conditions.map((condition) => condition.path));
    for (const path of paths) {
      for (const side of ['lt', 'gt'] as const) {
        const bounds = branches.map((branch) => sideOf(branch, path, side));
        const widest = bounds.every((bound) => bound !== undefined) ? widestOf(bounds, side) : undefined;
        if (widest) found.push({ path, operator: `${side}e`, values: [widest] });
      }
    }
  }
  return found;
}

function sideOf(branch: Filter, path: string, side: 'lt' | 'gt'): Value | undefined {
  const condition = branch.conditions.find(
    (one) =>
      one.path === path && (one.operator === 'eq' || one.operator === side || one.operator === `${side}e`),
  );
  const value = condition?.values[0];
  return value === undefined || isUnboundable(value) || value.type === Type.null ? undefined : value;
}

function widestOf(bounds: readonly Value[], side: 'lt' | 'gt'): Value | undefined {
  const keys = bounds.map((value) => ({ value, key: keyOf(value) }));
  keys.sort((a, b) => (side === 'lt' ? b.key.compare(a.key) : a.key.compare(b.key)));
  const widest = keys[0]?.value;
  return widest && bounds.every((value) => rankOf(value) === rankOf(widest)) ? widest : undefined;
}
