import {
  ACCOUNT_NUMBERS,
  accountOf,
  type AccountNumber,
  CHART,
  jsonInteger,
  type JournalLine,
  type KeyDimension,
  layerOf,
  publicId,
  type PublicIdPrefix,
  uuidOf,
} from '@tender/domain';
import type {
  AccountTotals,
  ChainedJournal,
  ExportManifest,
  LedgerEntry,
  Totals,
  TrialBalance,
} from '@tender/readmodels';

/** Decimal text of minor units, as every sum of the ledger: it may pass what a JSON number can hold. */
type Minor = string;

interface TotalsJson {
  readonly debit: Minor;
  readonly credit: Minor;
  /** Debits less credits. */
  readonly balance: Minor;
}

const totalsJson = ({ debit, credit }: Totals): TotalsJson => ({
  debit: debit.toString(),
  credit: credit.toString(),
  balance: (debit - credit).toString(),
});

export const trialBalanceJson = (
  { asOfSeq, currency, accounts, debit, credit }: TrialBalance,
  asked: { readonly layer: string; readonly effectiveAt: Date | undefined },
): object => ({
  object: 'trial_balance',
  as_of_seq: jsonInteger(asOfSeq),
  currency,
  layer: asked.layer,
  effective_at: asked.effectiveAt?.toISOString() ?? null,
  accounts: accounts.map(({ account, ...totals }) => ({
    number: account,
    name: nameOf(account),
    ...totalsJson(totals),
  })),
  debit: debit.toString(),
  credit: credit.toString(),
});

/** The whole chart, also what was never used: an account that is missing would look like one that is empty. */
export const accountsJson = (accounts: readonly AccountTotals[]): readonly object[] =>
  ACCOUNT_NUMBERS.map((number) => {
    const { name, kind, normal, key } = CHART[number];
    return {
      object: 'ledger_account',
      number,
      name,
      kind,
      layer: layerOf(CHART[number]),
      normal_side: normal,
      keyed_by: key,
      balances: accounts
        .filter(({ account }) => account === number)
        .map(({ currency, ...totals }) => ({ currency, ...totalsJson(totals) })),
    };
  });

export const entryJson = (account: AccountNumber, entry: LedgerEntry): object => ({
  object: 'ledger_entry',
  seq: jsonInteger(entry.seq),
  journal: entry.journal,
  template: entry.template,
  payment: publicPayment(entry.payment),
  key: publicKey(account, entry.key),
  psp: entry.psp,
  currency: entry.currency,
  side: entry.side,
  amount: entry.amountMinor.toString(),
  running: totalsJson(entry.totals),
  effective_at: entry.effectiveAt,
  recorded_at: entry.recordedAt,
});

export const journalJson = ({ journal, seq, prevHash, hash }: ChainedJournal): object => ({
  object: 'journal',
  id: journal.id,
  seq: jsonInteger(seq),
  layer: journal.layer,
  template: journal.template,
  payment: publicPayment(journal.payment),
  source: {
    stream: journal.source.stream,
    revision: jsonInteger(journal.source.revision),
    event_id: journal.source.eventId,
    event_type: journal.source.eventType,
  },
  lines: journal.lines.map(lineJson),
  reverses: journal.reverses,
  effective_at: journal.effectiveAt,
  recorded_at: journal.recordedAt,
  prev_hash: prevHash,
  hash,
});

const lineJson = ({ account, key, currency, side, amountMinor, psp }: JournalLine): object => ({
  account,
  name: nameOf(account),
  key: publicKey(account, key),
  psp,
  currency,
  side,
  amount: amountMinor.toString(),
});

export const manifestJson = (manifest: ExportManifest): object => ({
  object: 'ledger_export_manifest',
  ledger: manifest.ledger,
  from_seq: jsonInteger(manifest.fromSeq),
  to_seq: jsonInteger(manifest.toSeq),
  head_hash: manifest.headHash,
  journals: manifest.journals,
  control_totals: manifest.controlTotals.map(({ layer, currency, debit, credit }) => ({
    layer,
    currency,
    debit: debit.toString(),
    credit: credit.toString(),
  })),
  files: manifest.files.map(({ format, rows, bytes, sha256 }) => ({
    format,
    rows,
    bytes: jsonInteger(bytes),
    sha256,
  })),
});

const nameOf = (account: string): string | null => accountOf(account)?.name ?? null;

const publicPayment = (payment: string | null): string | null =>
  payment === null ? null : publicId('pay', payment);

/** What an account's keys are called outside, where they are ids of ours that have another form there. */
const PREFIX_OF_KEY: Readonly<Partial<Record<KeyDimension, PublicIdPrefix>>> = {
  payment: 'pay',
  refund: 're',
};

const prefixOf = (account: string): PublicIdPrefix | undefined => {
  const dimension = accountOf(account)?.key;
  return dimension == null ? undefined : PREFIX_OF_KEY[dimension];
};

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function publicKey(account: string, key: string): string {
  const prefix = prefixOf(account);
  return prefix !== undefined && UUID.test(key) ? publicId(prefix, key) : key;
}

/** The key as the books have it. */
export function keyFrom(account: string, key: string): string {
  const prefix = prefixOf(account);
  return (prefix === undefined ? undefined : uuidOf(prefix, key)) ?? key;
}
