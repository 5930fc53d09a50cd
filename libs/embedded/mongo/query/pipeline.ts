import { badValue, Code, CommandError, notBuilt } from '../errors';
import type { Collection } from '../storage/catalog';
import type { View } from '../storage/view';
import { fieldsOf, isNumber, numberOf, Type, Value } from '../values/value';
import { execute, ReadRules } from './execute';
import type { Query } from './query';
import { compileFilter, Filter, matches } from './filter';
import { compileGroup, group, Grouping } from './group';
import { compileSort, SortField, sortKey } from './order';
import { StoredDocument } from './path';

type Stage =
  | { readonly kind: 'match'; readonly filter: Filter }
  | { readonly kind: 'sort'; readonly sort: readonly SortField[] }
  | { readonly kind: 'skip'; readonly count: number }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'group'; readonly grouping: Grouping };

export interface Pipeline {
  /** What the leading stages ask of the collection, so that an index can serve them. */
  readonly query: Query;
  readonly rest: readonly Stage[];
  readonly shape: string;
}

const KNOWN_ELSEWHERE = new Set(
  (
    'addFields bucket bucketAuto collStats count currentOp densify documents facet fill geoNear graphLookup ' +
    'indexStats lookup merge out planCacheStats project redact replaceRoot replaceWith sample set setWindowFields ' +
    'sortByCount unionWith unset unwind'
  )
    .split(' ')
    .map((name) => `$${name}`),
);
/** What a stand-alone mongod answers to a change stream. */
const CHANGE_STREAM_NEEDS_REPLICA_SET = 40573;

function compileStage(source: Value): Stage {
  const [spec, more] = source.type === Type.object ? fieldsOf(source) : [];
  if (spec === undefined || more !== undefined) {
    throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
  }
  switch (spec.name) {
    case '$match':
      if (spec.type !== Type.object) throw badValue('the match filter must be an expression in an object');
      return { kind: 'match', filter: compileFilter(spec) };
    case '$sort': {
      if (spec.type !== Type.object) throw badValue('the $sort key specification must be an object');
      return { kind: 'sort', sort: compileSort(spec) };
    }
    case '$skip':
    case '$limit':
      return { kind: spec.name === '$skip' ? 'skip' : 'limit', count: countOf(spec) };
    case '$group':
      return { kind: 'group', grouping: compileGroup(spec) };
    case '$changeStream':
      throw new CommandError(
        CHANGE_STREAM_NEEDS_REPLICA_SET,
        'The $changeStream stage is only supported on replica sets',
      );
    default:
      if (KNOWN_ELSEWHERE.has(spec.name)) throw notBuilt(`stage ${spec.name}`);
      throw new CommandError(Code.UnknownStage, `Unrecognized pipeline stage name: '${spec.name}'`);
  }
}

function countOf(spec: Value): number {
  const count = isNumber(spec) ? numberOf(spec) : Number.NaN;
  const least = spec.name === '$limit' ? 1 : 0;
  if (!Number.isSafeInteger(count) || count < least)
    throw badValue(`${spec.name} must be an integer >= ${least}`);
  return count;
}

/** `$match`, `$sort`, `$skip`, `$limit` at the front, in this order, are a find. */
export function compileStages(sources: readonly Value[], hint: Value | string | undefined): Pipeline {
  const stages = sources.map(compileStage);
  const filter: Filter = { conditions: [], alternatives: [] };
  let at = 0;
  for (let stage = stages[at]; stage?.kind === 'match'; stage = stages[++at]) {
    filter.conditions.push(...stage.filter.conditions);
    filter.alternatives.push(...stage.filter.alternatives);
  }
  const next = stages[at];
  const sort = next?.kind === 'sort' ? (at++, next.sort) : [];
  const skipStage = stages[at];
  const skip = skipStage?.kind === 'skip' ? (at++, skipStage.count) : 0;
  const limitStage = stages[at];
  const limit = limitStage?.kind === 'limit' ? (at++, limitStage.count) : 0;
  const shape = stages.map((stage) => `$${stage.kind}`).join(' ');
  return { query: { filter, sort, hint, skip, limit }, rest: stages.slice(at), shape };
}

export function* runPipeline(
  { query, rest }: Pipeline,
  view: View,
  collection: Collection | undefined,
  rules: ReadRules,
): Generator<Buffer> {
  let rows: Iterable<StoredDocument> = collection ? documentsOf(view, collection, query, rules) : [];
  for (const stage of rest) rows = runStage(stage, rows);
  for (const { bytes } of rows) yield bytes;
}

function* documentsOf(
  view: View,
  collection: Collection,
  query: Query,
  rules: ReadRules,
): Generator<StoredDocument> {
  for (const { document } of execute(view, collection, query, rules)) yield document;
}

function* runStage(stage: Stage, rows: Iterable<StoredDocument>): Generator<StoredDocument> {
  switch (stage.kind) {
    case 'match':
      for (const row of rows) if (matches(stage.filter, row)) yield row;
      return;
    case 'sort': {
      const keyed = [...rows].map((row) => ({ row, key: sortKey(row, stage.sort) }));
      for (const { row } of keyed.sort((a, b) => a.key.compare(b.key))) yield row;
      return;
    }
    case 'skip':
    case 'limit':
      yield* sliced(rows, stage);
      return;
    case 'group':
      for (const bytes of group(stage.grouping, rows)) yield new StoredDocument(bytes);
  }
}

function* sliced(
  rows: Iterable<StoredDocument>,
  { kind, count }: { readonly kind: 'skip' | 'limit'; readonly count: number },
): Generator<StoredDocument> {
  let at = 0;
  for (const row of rows) {
    at++;
    if (kind === 'limit' || at > count) yield row;
    if (kind === 'limit' && at === count) return;
  }
}
