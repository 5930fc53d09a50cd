import type { Charge, Violation } from './audit';

/**
 * Judges the books of a run: by themselves, since they must balance, and by the PSP's memory, since what is due from it
 * is what it took. Pure: it is given everything and asks nobody.
 */

export interface BookLine {
  readonly account: string;
  readonly key: string;
  readonly currency: string;
  readonly side: 'debit' | 'credit';
  /** Decimal text of minor units. */
  readonly amount: string;
}

export interface BookJournal {
  readonly layer: string;
  readonly lines: readonly BookLine[];
}

export interface BookBalance {
  readonly account: string;
  readonly currency: string;
  readonly debit: string;
  readonly credit: string;
}

/** What a PSP owes for what it took, by the attempt; the bench's payments are captured with their authorisation. */
const PSP_RECEIVABLE = '1110';

/** Sums that grow journal by journal. */
export class BookSums {
  journals = 0;
  /** Debits less credits, by layer and currency. */
  readonly byLayer = new Map<string, bigint>();
  /** Debits and credits, by account and currency. */
  readonly byAccount = new Map<string, { readonly debit: bigint; readonly credit: bigint }>();
  /** Debits less credits of the receivable, by attempt and currency. */
  readonly byAttempt = new Map<string, bigint>();

  add({ layer, lines }: BookJournal): void {
    this.journals += 1;
    for (const { account, key, currency, side, amount } of lines) {
      const minor = BigInt(amount);
      const signed = side === 'debit' ? minor : -minor;
      grow(this.byLayer, `${layer} ${currency}`, signed);
      const sums = this.byAccount.get(`${account} ${currency}`) ?? { debit: 0n, credit: 0n };
      this.byAccount.set(`${account} ${currency}`, { ...sums, [side]: sums[side] + minor });
      if (account === PSP_RECEIVABLE) grow(this.byAttempt, `${key} ${currency}`, signed);
    }
  }
}

function grow(sums: Map<string, bigint>, name: string, by: bigint): void {
  sums.set(name, (sums.get(name) ?? 0n) + by);
}

export interface BooksOfARun {
  readonly sums: BookSums;
  /** As the books tell them, of the same moment as the journals. */
  readonly balances: readonly BookBalance[];
  readonly charges: readonly Charge[];
  /** Nobody else charges at this PSP: then nothing else may be due from it either. */
  readonly onlyOurs: boolean;
}

export function auditBooks({ sums, balances, charges, onlyOurs }: BooksOfARun): readonly Violation[] {
  const violations: Violation[] = [];
  for (const [name, difference] of sums.byLayer) {
    if (difference !== 0n)
      violations.push({ rule: 'debits equal credits', detail: `${name}: ${difference} apart` });
  }
  const told = new Map(balances.map((one) => [`${one.account} ${one.currency}`, one]));
  for (const name of new Set([...sums.byAccount.keys(), ...told.keys()])) {
    const sum = sums.byAccount.get(name) ?? { debit: 0n, credit: 0n };
    const { debit = '0', credit = '0' } = told.get(name) ?? {};
    if (debit !== sum.debit.toString() || credit !== sum.credit.toString())
      violations.push({
        rule: 'a balance is the sum of its lines',
        detail: `${name}: ${debit} and ${credit}, its lines make ${sum.debit} and ${sum.credit}`,
      });
  }
  return [...violations, ...receivables(sums, charges, onlyOurs)];
}

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
