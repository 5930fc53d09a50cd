import { type BookBalance, type BookSums, faultsIn, grow } from '../stack/book-sums';
import type { Charge, Violation } from './audit';

export interface BooksOfARun {
  readonly sums: BookSums;
  /** As the books tell them, of the same moment as the journals. */
  readonly balances: readonly BookBalance[];
  readonly charges: readonly Charge[];
  /** Nobody else charges at this PSP: then nothing else may be due from it either. */
  readonly onlyOurs: boolean;
}

/**
 * Judges the books of a run: by themselves, since they must balance, and by the PSP's memory, since what is due from it
 * is what it took; the bench's payments are captured with their authorisation. Pure: it is given everything and asks
 * nobody.
 */
export const auditBooks = ({ sums, balances, charges, onlyOurs }: BooksOfARun): readonly Violation[] => [
  ...faultsIn(sums, balances),
  ...receivables(sums, charges, onlyOurs),
];

function receivables(
  { byAttempt }: BookSums,
  charges: readonly Charge[],
  onlyOurs: boolean,
): readonly Violation[] {
  const taken = new Map<string, bigint>();
  for (const { our_reference: attempt, currency, amount, status } of charges)
    if (status === 'succeeded') grow(taken, `${attempt ?? 'nobody'} ${currency}`, BigInt(amount));
  const names = new Set([...taken.keys(), ...(onlyOurs ? byAttempt.keys() : [])]);
  return [...names].flatMap((name) => {
    const [due, took] = [byAttempt.get(name) ?? 0n, taken.get(name) ?? 0n];
    return due === took
      ? []
      : [{ rule: 'what is due from the PSP is what it took', detail: `${name}: ${due}, it took ${took}` }];
  });
}
