import type { Journal, JournalLine, JournalSource, Layer, PspName, Side } from '@tender/domain';
import { fromInt64, toInt64 } from '../int64';
import type { Totals } from './totals';

/** One line with the totals that hold after it, so that a balance at any number is one look and no sum. */
export interface LineDocument {
  readonly account: string;
  readonly key: string;
  readonly currency: string;
  readonly side: Side;
  readonly amountMinor: bigint;
  readonly psp: PspName | null;
  /** `1110 USD`: one text, since two fields of an array's element cannot bound one index together. */
  readonly accountCurrency: string;
  readonly accountTotals: Totals;
  readonly keyTotals: Totals;
}

/** A journal as it is stored, for ever: written once, never changed. */
export interface JournalDocument {
  readonly _id: string;
  readonly ledger: string;
  /** Its number over all ledgers, from 1, without a gap. */
  readonly seq: bigint;
  readonly layer: Layer;
  readonly template: string;
  readonly effectiveAt: Date;
  readonly recordedAt: Date;
  /**
   * The latest `recordedAt` up to this journal: the clocks of several writers are not one, and a question about a time
   * needs an order that agrees with the numbers.
   */
  readonly recordedUpTo: Date;
  readonly payment: string | null;
  readonly source: JournalSource;
  /** Absent unless it takes another one back: the index over it holds nothing else. */
  readonly reverses?: string;
  readonly lines: readonly LineDocument[];
  readonly prevHash: string;
  readonly hash: string;
}

export const accountCurrencyOf = ({ account, currency }: Pick<JournalLine, 'account' | 'currency'>): string =>
  `${account} ${currency}`;

export interface JournalPlace {
  readonly seq: bigint;
  readonly recordedUpTo: Date;
  readonly prevHash: string;
  readonly hash: string;
}

export function toJournalDocument(
  journal: Journal,
  lines: readonly LineDocument[],
  { seq, recordedUpTo, prevHash, hash }: JournalPlace,
): JournalDocument {
  const { id, ledger, layer, template, effectiveAt, recordedAt, payment, source, reverses } = journal;
  return {
    _id: id,
    ledger,
    seq: toInt64(seq, `journal ${id} seq`),
    layer,
    template,
    effectiveAt: timeOf(effectiveAt, id),
    recordedAt: timeOf(recordedAt, id),
    recordedUpTo,
    payment,
    source: { ...source, revision: toInt64(source.revision, `journal ${id} revision`) },
    ...(reverses === null ? {} : { reverses }),
    lines,
    prevHash,
    hash,
  };
}

export function toLineDocument(line: JournalLine, accountTotals: Totals, keyTotals: Totals): LineDocument {
  const { account, key, currency, side, amountMinor, psp } = line;
  const place = `${account} ${key}`;
  return {
    account,
    key,
    currency,
    side,
    amountMinor: toInt64(amountMinor, place),
    psp,
    accountCurrency: accountCurrencyOf(line),
    accountTotals: storableTotals(accountTotals, place),
    keyTotals: storableTotals(keyTotals, place),
  };
}

/** @throws RangeError where int64 cannot hold them: wrapped, they would still look like money */
export const storableTotals = ({ debit, credit }: Totals, place: string): Totals => ({
  debit: toInt64(debit, `${place} debit`),
  credit: toInt64(credit, `${place} credit`),
});

/** @throws MalformedDocument */
export const readTotals = ({ debit, credit }: Totals, place: string): Totals => ({
  debit: fromInt64(debit, `${place} debit`),
  credit: fromInt64(credit, `${place} credit`),
});

/**
 * The journal that a document was made from, as its hash was taken over it.
 * @throws MalformedDocument when an amount was not stored as int64
 */
export function fromJournalDocument(document: JournalDocument): Journal {
  const { _id: id, ledger, layer, template, effectiveAt, recordedAt, payment, source } = document;
  const { stream, revision, eventId, eventType } = source;
  return {
    id,
    ledger,
    layer,
    template,
    effectiveAt: effectiveAt.toISOString(),
    recordedAt: recordedAt.toISOString(),
    payment,
    source: { stream, revision: fromInt64(revision, `journal ${id} revision`), eventId, eventType },
    lines: document.lines.map(({ account, key, currency, side, amountMinor, psp }) => ({
      account,
      key,
      currency,
      side,
      amountMinor: fromInt64(amountMinor, `journal ${id} ${account}`),
      psp,
    })),
    reverses: document.reverses ?? null,
  };
}

/** A time that does not come back as it went in would come back under another hash. */
function timeOf(text: string, id: string): Date {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()) || time.toISOString() !== text)
    throw new RangeError(`journal ${id}: "${text}" is not a time in UTC with milliseconds`);
  return time;
}
