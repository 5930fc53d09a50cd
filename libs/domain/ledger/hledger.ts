import { exponentOf } from '../money/currency';
import type { AccountKind, AccountNumber } from './chart';
import { ACCOUNT_NUMBERS, accountOf, CHART } from './chart';
import type { Journal, JournalLine } from './journal';
import { LedgerError } from './journals';
import { emptyBalances, netOf } from './trial-balance';

/**
 * The books as an hledger journal: a tool that we did not write does the sums again. `hledger check --strict` passes
 * only where every account and currency is declared, every transaction balances in each currency, and the balances at
 * the end are those that we say.
 *
 * A journal's date is the day of its record, with the day of the fact as hledger's secondary date. Keys and PSPs are
 * tags: `hledger balance --pivot key` lists what is open. The memo layer stands under an account of its own.
 */
export interface HledgerExport {
  head(): readonly string[];
  /** @throws LedgerError for a journal of other books, or a currency that is none */
  journal(journal: Journal): readonly string[];
  /** The balances that the journals so far add up to, as assertions. */
  tail(): readonly string[];
}

export function hledgerExport(ledger: string): HledgerExport {
  const currencies = new Set<string>();
  const balances = emptyBalances('account');
  let lastDay = '0001-01-01';
  return {
    head: () => [
      `; books of ${inText(ledger)}`,
      'decimal-mark .',
      '',
      ...ACCOUNT_NUMBERS.map((number) => `account ${hledgerAccount(number)}`),
    ],
    journal(journal) {
      if (journal.ledger !== ledger) {
        throw new LedgerError(`${journal.id} is in the books of ${journal.ledger}, not of ${ledger}`);
      }
      const day = dayOf(journal.recordedAt);
      if (day > lastDay) lastDay = day;
      balances.add(journal);
      const news = [...new Set(journal.lines.map(({ currency }) => currency))].filter(
        (currency) => !currencies.has(currency),
      );
      for (const currency of news) currencies.add(currency);
      return [...news.flatMap(declared), '', ...transaction(journal, day)];
    },
    tail: () => [
      '',
      `${lastDay} * balances`,
      ...balances.rows().map(({ account, currency, ...sums }) => {
        const name = hledgerAccount(account as AccountNumber);
        return `    ${name}  ${hledgerAmount(0n, currency)} = ${hledgerAmount(netOf(sums), currency)}`;
      }),
    ],
  };
}

/** The whole export, line by line, without line ends; nothing is kept but the balances by account. */
export function* hledgerLines(ledger: string, journals: Iterable<Journal>): Generator<string> {
  const book = hledgerExport(ledger);
  yield* book.head();
  for (const journal of journals) yield* book.journal(journal);
  yield* book.tail();
}

const declared = (currency: string): readonly string[] => {
  const digits = digitsOf(currency);
  // the mark stands even where no digits follow: without it hledger cannot tell what it would be
  return ['', `commodity ${currency} 1000.${'0'.repeat(digits)}`];
};

function transaction(journal: Journal, day: string): readonly string[] {
  const { id, template, payment, source, reverses } = journal;
  const tags = [
    `source:${inText(source.stream)}@${source.revision}`,
    `event:${inText(source.eventType)}`,
    ...(payment === null ? [] : [`payment:${inText(payment)}`]),
    ...(reverses === null ? [] : [`reverses:${inText(reverses)}`]),
  ];
  return [
    `${day}=${dayOf(journal.effectiveAt)} * (${inText(id)}) ${template}  ; ${tags.join(', ')}`,
    ...journal.lines.map(posting),
  ];
}

function posting({ account, key, currency, side, amountMinor, psp }: JournalLine): string {
  const amount = hledgerAmount(side === 'debit' ? amountMinor : -amountMinor, currency);
  const tags = [...(key === '' ? [] : [`key:${inText(key)}`]), ...(psp === null ? [] : [`psp:${psp}`])];
  const comment = tags.length === 0 ? '' : `  ; ${tags.join(', ')}`;
  return `    ${hledgerAccount(account as AccountNumber)}  ${amount}${comment}`;
}

const TOP: Readonly<Record<AccountKind, string>> = {
  asset: 'assets',
  liability: 'liabilities',
  equity: 'equity',
  income: 'revenues',
  expense: 'expenses',
  memo: 'memo',
};

/** @throws LedgerError for a number that the chart does not have */
export function hledgerAccount(number: AccountNumber): string {
  if (accountOf(number) === undefined) throw new LedgerError(`${number} is no account`);
  const { kind, name } = CHART[number];
  return `${TOP[kind]}:${number} ${name}`;
}

function hledgerAmount(amountMinor: bigint, currency: string): string {
  const digits = digitsOf(currency);
  const text = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(digits + 1, '0');
  const point = text.length - digits;
  return `${currency} ${amountMinor < 0n ? '-' : ''}${text.slice(0, point)}.${text.slice(point)}`;
}

function digitsOf(currency: string): number {
  const digits = exponentOf(currency);
  if (digits === undefined) throw new LedgerError(`${currency} is no currency`);
  return digits;
}

const dayOf = (time: string): string => time.slice(0, 10);

/** A tag ends at a comma, a comment at a line's end, a code at a bracket: such characters are written as in a URL. */
const inText = (text: string): string =>
  text.replace(/[%,()\p{Cc}]/gu, (one) => `%${one.charCodeAt(0).toString(16).padStart(2, '0')}`);
