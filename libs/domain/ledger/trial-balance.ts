import type { Journal, Layer } from './journal';

/** The sums of both sides of an account in one currency; with `key`, of what bears that key in it. */
export interface Balance {
  readonly layer: Layer;
  readonly account: string;
  /** Empty where the balance is the account's. */
  readonly key: string;
  readonly currency: string;
  readonly debitMinor: bigint;
  readonly creditMinor: bigint;
}

/** Debit above zero, credit below. */
export const netOf = ({ debitMinor, creditMinor }: Pick<Balance, 'debitMinor' | 'creditMinor'>): bigint =>
  debitMinor - creditMinor;

export interface Balances {
  add(journal: Journal): void;
  /** By account, key and currency, in this order. */
  rows(): readonly Balance[];
}

/** Sums that grow journal by journal: for whoever reads more journals than fit into memory. */
export function emptyBalances(by: 'account' | 'key'): Balances {
  const rows = new Map<string, Balance>();
  return {
    add({ layer, lines }) {
      for (const { account, key: lineKey, currency, side, amountMinor } of lines) {
        const key = by === 'key' ? lineKey : '';
        const id = JSON.stringify([account, key, currency]);
        const row = rows.get(id) ?? { layer, account, key, currency, debitMinor: 0n, creditMinor: 0n };
        const sum = side === 'debit' ? 'debitMinor' : 'creditMinor';
        rows.set(id, { ...row, [sum]: row[sum] + amountMinor });
      }
    },
    rows: () => [...rows.values()].sort(inOrder),
  };
}

const inOrder = (a: Balance, b: Balance): number =>
  compared(a.account, b.account) || compared(a.key, b.key) || compared(a.currency, b.currency);

const compared = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function balancesOf(journals: Iterable<Journal>, by: 'account' | 'key'): readonly Balance[] {
  const balances = emptyBalances(by);
  for (const journal of journals) balances.add(journal);
  return balances.rows();
}

/** Debits and credits of a layer in one currency: of an honest set of books they are equal. */
export interface Total {
  readonly layer: Layer;
  readonly currency: string;
  readonly debitMinor: bigint;
  readonly creditMinor: bigint;
}

/**
 * The two columns of a trial balance: each account on the side on which it stands.
 *
 * @param accounts balances by account
 */
export function totalsOf(accounts: readonly Balance[]): readonly Total[] {
  const totals = new Map<string, Total>();
  for (const { layer, currency, ...sums } of accounts) {
    const id = `${layer} ${currency}`;
    const net = netOf(sums);
    const { debitMinor, creditMinor } = totals.get(id) ?? { debitMinor: 0n, creditMinor: 0n };
    totals.set(id, {
      layer,
      currency,
      debitMinor: debitMinor + (net > 0n ? net : 0n),
      creditMinor: creditMinor + (net < 0n ? -net : 0n),
    });
  }
  return [...totals.values()];
}
