import { apiOf, readBooks } from '../stack/told-books';
import type { Charge, Violation } from './audit';
import { auditBooks } from './books-audit';

/** What a run left in the books. */
export interface BooksFigures {
  readonly journals: number;
  /** From the record of the first to that of the last. */
  readonly journalsPerS: number;
  /** From the record of an event to its journal in the books, of the latest journals; undefined where nobody tells. */
  readonly lagP50Ms: number | undefined;
  readonly lagP99Ms: number | undefined;
  readonly violations: readonly Violation[];
}

interface ReadinessJson {
  readonly checks: { readonly ledger?: { readonly lag_p50_ms?: number; readonly lag_p99_ms?: number } };
}

const MS_PER_S = 1_000;

/** Reads all books of the bench's merchant once everything has ended, and holds them against the PSP's memory. */
export async function checkBooks(options: {
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly charges: readonly Charge[];
  readonly onlyOurs: boolean;
}): Promise<BooksFigures> {
  const { apiUrl, apiKey, charges, onlyOurs } = options;
  const ask = apiOf(apiUrl, apiKey);
  const { sums, balances, firstMs, lastMs } = await readBooks(ask);
  const { checks } = (await (await ask('/health/ready')).json()) as ReadinessJson;
  return {
    journals: sums.journals,
    journalsPerS: (sums.journals * MS_PER_S) / Math.max(1, lastMs - firstMs),
    lagP50Ms: checks.ledger?.lag_p50_ms,
    lagP99Ms: checks.ledger?.lag_p99_ms,
    violations: auditBooks({ sums, balances, charges, onlyOurs }),
  };
}
