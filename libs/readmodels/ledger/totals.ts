import type { Journal, JournalLine } from '@tender/domain';

/** What was ever debited and credited, ISO 4217 minor units: both only grow. */
export interface Totals {
  readonly debit: bigint;
  readonly credit: bigint;
}

/** Totals as they are stored, with the number of the journal that changed them last. */
export interface StoredTotals extends Totals {
  readonly seq: bigint;
}

export const NOTHING: Totals = { debit: 0n, credit: 0n };

export const added = (totals: Totals, { side, amountMinor }: JournalLine): Totals =>
  side === 'debit'
    ? { debit: totals.debit + amountMinor, credit: totals.credit }
    : { debit: totals.debit, credit: totals.credit + amountMinor };

/**
 * Ids of totals. The kind comes first, so that all of one kind within a ledger, or within one of its accounts, are one
 * range of ids. Merchants, currencies and accounts hold no bar; a key is last and may.
 */
export const accountTotalsId = (ledger: string, { account, currency }: LineAccount): string =>
  `account|${ledger}|${currency}|${account}`;

export const keyTotalsId = (ledger: string, line: LineAccount & { readonly key: string }): string =>
  `key|${ledger}|${line.currency}|${line.account}|${line.key}`;

/** Of what was effective on one day and recorded on another: what a question about both times is added up from. */
export const dayTotalsId = (ledger: string, { account, currency }: LineAccount, days: Days): string =>
  `day|${ledger}|${currency}|${account}|${days.effective}|${days.recorded}`;

export interface LineAccount {
  readonly account: string;
  readonly currency: string;
}

/** UTC, `2026-01-31`. */
export interface Days {
  readonly effective: string;
  readonly recorded: string;
}

const DAY_CHARACTERS = 10;
export const dayOf = (time: Date): string => time.toISOString().slice(0, DAY_CHARACTERS);

/** The three totals that a line counts in. */
export const totalsOf = (
  { ledger, effectiveAt }: Pick<Journal, 'ledger' | 'effectiveAt'>,
  line: JournalLine,
  recordedUpTo: Date,
): readonly [account: string, key: string, day: string] => [
  accountTotalsId(ledger, line),
  keyTotalsId(ledger, line),
  dayTotalsId(ledger, line, { effective: dayOf(new Date(effectiveAt)), recorded: dayOf(recordedUpTo) }),
];

/** Ids that begin with this text, as the bounds of a range. */
export const idsUnder = (prefix: string): { readonly $gte: string; readonly $lt: string } => ({
  $gte: prefix,
  $lt: `${prefix}\uffff`,
});

/** Currency and account of the totals of an account. */
export function accountOfId(id: string): LineAccount {
  const [, , currency = '', account = ''] = id.split('|');
  return { currency, account };
}
