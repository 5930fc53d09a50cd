import type { FactOrder } from './news';
import { FACT_RANK } from './news';

/**
 * The rank of the first word about how something ended. A greater one is told only of what had ended before: taken back,
 * or done again.
 */
export const RESULT_RANK: number = FACT_RANK.done;

/** Whether the first of two facts about one thing decides, whichever of them was heard first. */
export function isLaterFact(fact: FactOrder, than: FactOrder): boolean {
  const apartMs = Date.parse(fact.occurredAt) - Date.parse(than.occurredAt);
  return apartMs === 0 ? fact.rank > than.rank : apartMs > 0;
}
