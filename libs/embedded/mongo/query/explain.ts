import type { EncodableDocument } from '../values/encode';
import { isIdIndex } from '../storage/catalog';
import type { Query } from './query';
import type { Plan } from './plan';

/** The shape MongoDB's explain gives, as far as a test needs it to prove which index is used. */
export function describePlan(plan: Plan | undefined, query: Query): EncodableDocument {
  const access = accessOf(plan);
  if (query.sort.length === 0 || plan?.sorted === true) return access;
  return { stage: 'SORT', inputStage: access };
}

function accessOf(plan: Plan | undefined): EncodableDocument {
  if (plan === undefined) return { stage: 'EOF' };
  const { index, reverse } = plan;
  if (index === undefined) return { stage: 'COLLSCAN' };
  if (isIdIndex(index) && plan.ranges.every((range) => range.exact)) return { stage: 'IDHACK' };
  const { name, keyPattern, arrays, unique: isUnique } = index;
  const isMultiKey = arrays.size > 0;
  const direction = reverse ? 'backward' : 'forward';
  const scan = { stage: 'IXSCAN', indexName: name, keyPattern, isMultiKey, isUnique, direction };
  return { stage: 'FETCH', inputStage: scan };
}
