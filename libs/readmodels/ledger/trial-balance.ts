import { accountOf, layerOf, type Layer } from '@tender/domain';
import type { ClientSession } from 'mongodb';
import { LedgerCannotAnswer, MalformedDocument } from '../failures';
import { definedFilter } from '../filters';
import { effectiveTotals, nameOf } from './effective-totals';
import { accountCurrencyOf, readTotals } from './journal-document';
import type { LedgerCollections } from './ledger-collections';
import type { AsOf } from './ledger-moment';
import { seqAt } from './ledger-moment';
import { readStoredTotals, storedHead } from './ledger-state';
import type { LedgerHead } from './posting';
import type { LineAccount, Totals } from './totals';
import { accountOfId, idsUnder, NOTHING } from './totals';

export interface TrialBalanceQuery {
  readonly ledger: string;
  readonly layer: Layer;
  /** Undefined: the one that the ledger uses. */
  readonly currency?: string;
  /** Undefined: the present. */
  readonly asOf?: AsOf;
  /** Only what was effective by then. */
  readonly effectiveAt?: Date;
}

export interface AccountTotals extends LineAccount, Totals {}

export interface TrialBalance extends Totals {
  readonly asOfSeq: bigint;
  readonly currency: string;
  /** Of all accounts with any line by then, by their numbers. */
  readonly accounts: readonly AccountTotals[];
}

/**
 * Totals of every account of one layer and currency, all of one moment. What it costs grows with the accounts and, for a
 * time of effect, with the days; never with the journals before.
 * @param session a snapshot: the head and the totals have to be of one moment
 * @throws LedgerCannotAnswer
 */
export async function readTrialBalance(
  collections: LedgerCollections,
  { ledger, layer, asOf, effectiveAt, ...asked }: TrialBalanceQuery,
  session: ClientSession,
): Promise<TrialBalance> {
  const head = await storedHead(collections, session);
  const all = await presentTotals(collections, ledger, session);
  const ofLayer = all.filter(({ account }) => isInLayer(account, layer));
  const currency = asked.currency ?? onlyCurrencyOf(ofLayer);
  const present = ofLayer.filter((one) => one.currency === currency);
  const asOfSeq = asOf === undefined ? head.seq : await seqAt(collections, head, asOf, session);
  const accounts = await totalsBy(collections, head, present, { ledger, seq: asOfSeq, effectiveAt }, session);
  const used = accounts.filter(({ debit, credit }) => debit !== 0n || credit !== 0n);
  return {
    asOfSeq,
    currency,
    accounts: used,
    debit: used.reduce((sum, { debit }) => sum + debit, 0n),
    credit: used.reduce((sum, { credit }) => sum + credit, 0n),
  };
}

async function totalsBy(
  collections: LedgerCollections,
  head: LedgerHead,
  present: readonly AccountTotals[],
  { ledger, seq, effectiveAt }: { ledger: string; seq: bigint; effectiveAt: Date | undefined },
  session: ClientSession,
): Promise<readonly AccountTotals[]> {
  if (effectiveAt !== undefined) {
    const times = { ledger, effectiveAt, seq };
    const sums = await effectiveTotals(collections, head, present, times, session);
    return present.map((one) => ({ ...one, ...(sums.get(nameOf(one)) ?? NOTHING) }));
  }
  if (seq === head.seq) return present;
  const then: AccountTotals[] = [];
  for (const one of present) then.push(await totalsAt(collections, ledger, one, seq, session));
  return then;
}

/** Every account's totals as they are, in the order of currencies and numbers. */
export async function presentTotals(
  { totals }: LedgerCollections,
  ledger: string,
  session?: ClientSession,
): Promise<readonly AccountTotals[]> {
  const filter = definedFilter({ _id: idsUnder(`account|${ledger}|`) });
  const inSession = session === undefined ? {} : { session };
  const found = await totals.find(filter, { ...inSession, sort: { _id: 1 }, batchSize: 1_000 }).toArray();
  return found.map((document) => {
    const { debit, credit } = readStoredTotals(document);
    return { ...accountOfId(document._id), debit, credit };
  });
}

/** The totals that stand in the last line of the account up to the number. */
async function totalsAt(
  { journals }: LedgerCollections,
  ledger: string,
  account: LineAccount,
  seq: bigint,
  session: ClientSession,
): Promise<AccountTotals> {
  const name = accountCurrencyOf(account);
  const filter = definedFilter({ ledger, 'lines.accountCurrency': name, seq: { $lte: seq } });
  const found = await journals.findOne(filter, { session, sort: { seq: -1 }, projection: { lines: 1 } });
  const { account: number, currency } = account;
  if (found === null) return { account: number, currency, ...NOTHING };
  const line = found.lines.findLast(({ accountCurrency }) => accountCurrency === name);
  if (line === undefined) throw new MalformedDocument(`journal ${found._id}`, `it has no line of ${name}`);
  return { account: number, currency, ...readTotals(line.accountTotals, found._id) };
}

export function isInLayer(number: string, layer: Layer): boolean {
  const account = accountOf(number);
  if (account === undefined) throw new MalformedDocument(`account ${number}`, 'it is not in the chart');
  return layerOf(account) === layer;
}

/** @throws LedgerCannotAnswer: sums of several currencies are nobody's money */
export function onlyCurrencyOf(accounts: readonly LineAccount[]): string {
  const [currency, ...others] = new Set(accounts.map((one) => one.currency));
  if (currency === undefined) throw new LedgerCannotAnswer('currency', 'is required: the books are empty');
  if (others.length > 0)
    throw new LedgerCannotAnswer(
      'currency',
      `is required: the books have ${[currency, ...others].join(', ')}`,
    );
  return currency;
}
