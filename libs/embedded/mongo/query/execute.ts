import { Code, CommandError } from '../errors';
import type { Audit } from '../audit';
import type { Collection, Index } from '../storage/catalog';
import type { Found, View } from '../storage/view';
import { matches } from './filter';
import { sortKey } from './order';
import { indexByHint, makePlan, Plan } from './plan';
import type { Query } from './query';

/** MongoDB's limit for a sort that no index serves. */
const MAX_SORT_BYTES = 100 * 2 ** 20;
const DOCUMENTS_PER_CLOCK_CHECK = 256;

/** What one command brings to its reads. */
export interface ReadRules {
  readonly command: string;
  readonly audit: Audit;
  /** Fails a filtered collection scan over more documents than this; 0 = never. */
  readonly strictCollscan: number;
  /** Milliseconds of `performance.now()` after which the read gives up. */
  readonly deadlineMs: number | undefined;
}

export function planQuery(view: View, collection: Collection, query: Query): Plan {
  const hint: Index | undefined = indexByHint(collection, query.hint);
  return makePlan(collection, query.filter, query.sort, hint, (index) => view.sees(index));
}

/** The documents of a query, in order, one at a time; nothing is held beyond what an in-memory sort needs. */
export function* execute(
  view: View,
  collection: Collection,
  query: Query,
  rules: ReadRules,
): Generator<Found> {
  const plan = planQuery(view, collection, query);
  rules.audit.record(rules.command, collection, query, plan);
  const inOrder = query.sort.length === 0 || (plan.sorted && view.keepsOrder(collection));
  const found = candidates(view, collection, query, plan, rules);
  let skip = query.skip;
  let left = query.limit === 0 ? Number.POSITIVE_INFINITY : query.limit;
  for (const one of inOrder ? found : sorted(found, query)) {
    if (skip-- > 0) continue;
    yield one;
    if (--left === 0) return;
  }
}

function* candidates(
  view: View,
  collection: Collection,
  { filter }: Query,
  plan: Plan,
  { strictCollscan, deadlineMs }: ReadRules,
): Generator<Found> {
  const filtered = filter.conditions.length + filter.alternatives.length > 0;
  const scanLimit = plan.index === undefined && filtered && strictCollscan > 0 ? strictCollscan : undefined;
  let examined = 0;
  for (const found of view.scan(collection, plan)) {
    if (
      ++examined % DOCUMENTS_PER_CLOCK_CHECK === 0 &&
      deadlineMs !== undefined &&
      performance.now() > deadlineMs
    ) {
      throw new CommandError(Code.MaxTimeMSExpired, 'operation exceeded time limit');
    }
    if (scanLimit !== undefined && examined > scanLimit) {
      throw new CommandError(
        Code.NoQueryExecutionPlans,
        `embedded-mongo: no index serves this query on ${collection.name}, and it scanned ${scanLimit} documents`,
      );
    }
    if (matches(filter, found.document)) yield found;
  }
}

function sorted(found: Iterable<Found>, { sort, skip, limit }: Query): Found[] {
  const rows: { key: Buffer; found: Found }[] = [];
  const keep = limit === 0 ? Number.POSITIVE_INFINITY : skip + limit;
  let bytes = 0;
  const byKey = (a: { key: Buffer }, b: { key: Buffer }): number => a.key.compare(b.key);
  for (const one of found) {
    rows.push({ key: sortKey(one.document, sort), found: one });
    bytes += one.document.bytes.length;
    if (bytes > MAX_SORT_BYTES) {
      throw new CommandError(
        Code.QueryExceededMemoryLimit,
        `Sort exceeded memory limit of ${MAX_SORT_BYTES} bytes`,
      );
    }
    // a top-k query needs no more than k documents; cutting back at twice that keeps it linear
    if (rows.length >= 2 * keep + DOCUMENTS_PER_CLOCK_CHECK) {
      rows.sort(byKey);
      rows.length = keep;
      bytes = rows.reduce((sum, row) => sum + row.found.document.bytes.length, 0);
    }
  }
  return rows.sort(byKey).map((row) => row.found);
}
