import type { SchemaObject } from '@nestjs/swagger';
import { PSP_NAMES } from '@tender/domain';
import { EXPORT_FORMATS } from '@tender/readmodels';
import { complete, listSchema, string, stringOrNull, time } from '../payments/payment-schemas';

const seq = (): SchemaObject => ({ type: 'integer', minimum: 0, description: 'The number of a journal.' });
const minor = (description = 'ISO 4217 minor units, as decimal text'): SchemaObject =>
  string({ example: '12345', pattern: '^-?\\d+$', description });
const totals = (): Record<string, SchemaObject> => ({
  debit: minor('All debits, minor units as decimal text'),
  credit: minor('All credits'),
  balance: minor('Debits less credits: below zero where the account stands in credit'),
});
const listOf = (properties: Record<string, SchemaObject>): SchemaObject => ({
  type: 'array',
  items: complete(properties),
});
const psp = (): SchemaObject => stringOrNull({ enum: [...PSP_NAMES] });
const side = (): SchemaObject => string({ enum: ['debit', 'credit'] });
const layer = (): SchemaObject => string({ enum: ['posted', 'memo'] });
const currency = (): SchemaObject => string({ example: 'USD' });
const account = (): SchemaObject => string({ example: '1110' });
const key = (): SchemaObject =>
  string({
    description: 'What has to clear within the account, such as an attempt; empty where nothing has to.',
  });

const TRIAL_BALANCE = complete({
  object: string({ enum: ['trial_balance'] }),
  as_of_seq: seq(),
  currency: currency(),
  layer: layer(),
  effective_at: { ...time(), nullable: true },
  accounts: listOf({ number: account(), name: string({ example: 'psp_receivable' }), ...totals() }),
  debit: minor('Of all accounts; equal to `credit`'),
  credit: minor(),
});

const ACCOUNT = complete({
  object: string({ enum: ['ledger_account'] }),
  number: account(),
  name: string({ example: 'psp_receivable' }),
  kind: string({ enum: ['asset', 'liability', 'equity', 'income', 'expense', 'memo'] }),
  layer: layer(),
  normal_side: stringOrNull({ enum: ['debit', 'credit'] }),
  keyed_by: stringOrNull({ example: 'attempt' }),
  balances: listOf({ currency: currency(), ...totals() }),
});

const ENTRY = complete({
  object: string({ enum: ['ledger_entry'] }),
  seq: seq(),
  journal: string(),
  template: string({ example: 'payment.captured@1' }),
  payment: stringOrNull({ example: 'pay_6f0b54a25c0e5d0b9a552d7a1a1f3c01' }),
  key: key(),
  psp: psp(),
  currency: currency(),
  side: side(),
  amount: minor(),
  running: complete(totals(), {
    description: 'After this entry: of the account, or of the key that was asked for.',
  }),
  effective_at: time(),
  recorded_at: time(),
});

const JOURNAL = complete({
  object: string({ enum: ['journal'] }),
  id: string({ description: 'The event that caused it, and a number.' }),
  seq: seq(),
  layer: layer(),
  template: string({ example: 'payment.captured@1' }),
  payment: stringOrNull(),
  source: complete({
    stream: string(),
    revision: { type: 'integer', minimum: 0 },
    event_id: string(),
    event_type: string({ example: 'PaymentCaptured' }),
  }),
  lines: listOf({
    account: account(),
    name: string(),
    key: key(),
    psp: psp(),
    currency: currency(),
    side: side(),
    amount: minor(),
  }),
  reverses: stringOrNull(),
  effective_at: time(),
  recorded_at: time(),
  prev_hash: string({ description: 'Of the journal before it, whosever that is.' }),
  hash: string({
    description: 'SHA-256 over `prev_hash`, the number, and the journal in its canonical form.',
  }),
});

const MANIFEST = complete({
  object: string({ enum: ['ledger_export_manifest'] }),
  ledger: string(),
  from_seq: seq(),
  to_seq: seq(),
  head_hash: string({ description: 'Of the journal `to_seq`: it commits to all books up to there.' }),
  journals: { type: 'integer', minimum: 0 },
  control_totals: listOf({ layer: layer(), currency: currency(), debit: minor(), credit: minor() }),
  files: listOf({
    format: string({ enum: [...EXPORT_FORMATS] }),
    rows: { type: 'integer', minimum: 0 },
    bytes: { type: 'integer', minimum: 0 },
    sha256: string({ pattern: '^[0-9a-f]{64}$' }),
  }),
});

/** A list that says up to which journal it goes. */
const listAsOf = (item: string): SchemaObject => {
  const { object = {}, ...rest } = listSchema(item).properties as Record<string, SchemaObject>;
  return complete({ object, as_of_seq: seq(), ...rest });
};

export const LEDGER_SCHEMAS: Readonly<Record<string, SchemaObject>> = {
  TrialBalance: TRIAL_BALANCE,
  LedgerAccount: ACCOUNT,
  LedgerEntry: ENTRY,
  Journal: JOURNAL,
  LedgerExportManifest: MANIFEST,
  LedgerAccountList: listAsOf('LedgerAccount'),
  LedgerEntryList: listAsOf('LedgerEntry'),
  JournalList: listAsOf('Journal'),
};
