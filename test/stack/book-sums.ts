/** A line of a journal, as the API's export tells it. */
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

export interface BookFault {
  readonly rule: 'debits equal credits' | 'a balance is the sum of its lines';
  readonly detail: string;
}

/** What a PSP owes for what it took, by the attempt. */
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

export function grow(sums: Map<string, bigint>, name: string, by: bigint): void {
  sums.set(name, (sums.get(name) ?? 0n) + by);
}

/**
 * Judges books by themselves: each layer nets to zero in each currency, and what they tell of an account is what its
 * lines make.
 *
 * @param balances as the books tell them, of the same moment as the journals
 */
export function faultsIn(sums: BookSums, balances: readonly BookBalance[]): readonly BookFault[] {
  const faults: BookFault[] = [];
  for (const [name, difference] of sums.byLayer) {
    if (difference !== 0n)
      faults.push({ rule: 'debits equal credits', detail: `${name}: ${difference} apart` });
  }
  const told = new Map(balances.map((one) => [`${one.account} ${one.currency}`, one]));
  for (const name of new Set([...sums.byAccount.keys(), ...told.keys()])) {
    const sum = sums.byAccount.get(name) ?? { debit: 0n, credit: 0n };
    const { debit = '0', credit = '0' } = told.get(name) ?? {};
    if (debit !== sum.debit.toString() || credit !== sum.credit.toString())
      faults.push({
        rule: 'a balance is the sum of its lines',
        detail: `${name}: ${debit} and ${credit}, its lines make ${sum.debit} and ${sum.credit}`,
      });
  }
  return faults;
}
