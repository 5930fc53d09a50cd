import type { Layer, Side } from './journal';

export type AccountKind = 'asset' | 'liability' | 'equity' | 'income' | 'expense' | 'memo';

/** What the line's key names within an account; the fact of this name is what a template keys the account by. */
export type KeyDimension =
  | 'bankAccount'
  | 'attempt'
  | 'pspAccount'
  | 'hold'
  | 'payout'
  | 'dispute'
  | 'seller'
  | 'record'
  | 'refund'
  | 'payment'
  | 'sellerPayout'
  | 'subject';

export interface Account {
  readonly name: string;
  readonly kind: AccountKind;
  /** The side on which the balance stands when all is well; null where both are ordinary. */
  readonly normal: Side | null;
  /** Null: nothing has to clear within the account, and the key of its lines is the empty text. */
  readonly key: KeyDimension | null;
  /** Whether its lines say which PSP's record clears them. */
  readonly byPsp: boolean;
  /** Whether a balance on the other side, of any key, is a fault of ours. */
  readonly neverOnOtherSide: boolean;
  /** What it must hold, for people and for the reconciliation. */
  readonly rule: string;
}

type Details = Partial<Pick<Account, 'byPsp' | 'neverOnOtherSide'>>;

const accountsOf =
  (kind: AccountKind, normal: Side | null) =>
  <const Key extends KeyDimension | null>(
    name: string,
    key: Key,
    { byPsp = false, neverOnOtherSide = false }: Details,
    rule: string,
  ): Account & { readonly key: Key } => ({ name, kind, normal, key, byPsp, neverOnOtherSide, rule });

const asset = accountsOf('asset', 'debit');
const liability = accountsOf('liability', 'credit');
const position = accountsOf('equity', null);
const income = accountsOf('income', 'credit');
const expense = accountsOf('expense', 'debit');
const memo = accountsOf('memo', 'debit');
const contra = accountsOf('memo', 'credit');

const byPsp = true;
const neverOnOtherSide = true;

/**
 * The chart of accounts of a payments sub-ledger: it never recognises a merchant's revenue, it credits sales_clearing,
 * which the merchant's own books clear. Numbers are storage format: one is never given to another meaning.
 */
export const CHART = {
  '1010': asset('bank', 'bankAccount', {}, 'equals the bank’s statement at its cut'),
  '1110': asset(
    'psp_receivable',
    'attempt',
    { byPsp },
    'zero for each attempt once the PSP’s record came; credit for a while where the record came first',
  ),
  '1120': asset(
    'psp_balance',
    'pspAccount',
    { byPsp },
    'equals what the PSP reports, pending and available, at its cut',
  ),
  '1130': asset('psp_reserve', 'hold', { byPsp, neverOnOtherSide }, 'equals the PSP’s report of its reserve'),
  '1140': asset(
    'payout_in_transit',
    'payout',
    { byPsp, neverOnOtherSide },
    'zero for each payout once the bank shows it',
  ),
  '1150': asset(
    'dispute_receivable',
    'dispute',
    { byPsp, neverOnOtherSide },
    'zero for each dispute once it is closed',
  ),
  '1160': asset('seller_receivable', 'seller', { neverOnOtherSide }, 'what sellers owe after a lost dispute'),
  '1190': asset(
    'suspense_debits',
    'record',
    { byPsp, neverOnOtherSide },
    'unexplained deductions; meant to be zero',
  ),
  '2010': liability(
    'refunds_payable',
    'refund',
    { byPsp, neverOnOtherSide },
    'zero for each refund once the PSP’s record came',
  ),
  '2015': liability(
    'refunds_failed',
    'refund',
    { byPsp, neverOnOtherSide },
    'still owed to a buyer whose refund came back',
  ),
  '2050': liability(
    'accrued_psp_fees',
    'attempt',
    { byPsp },
    'zero for each attempt once the PSP’s record came; only where fees are accrued at capture',
  ),
  '2100': liability('sales_clearing', 'payment', {}, 'cleared by the merchant’s own books'),
  '2190': liability(
    'suspense_credits',
    'record',
    { byPsp, neverOnOtherSide },
    'money of somebody else that came without a sale; meant to be zero',
  ),
  '2200': liability('seller_held', 'seller', { neverOnOtherSide }, 'a seller’s share until its release'),
  '2210': liability(
    'seller_available',
    'seller',
    { neverOnOtherSide },
    'what a seller may be paid; the aggregate sees to it',
  ),
  '2220': liability(
    'seller_payout_in_flight',
    'sellerPayout',
    { neverOnOtherSide },
    'zero for each payout once it is paid or came back',
  ),
  '2230': liability('seller_reserve', 'seller', { neverOnOtherSide }, 'kept back of a seller’s money'),
  '2310': liability(
    'platform_fee_unearned',
    'payment',
    { neverOnOtherSide },
    'zero for each payment once all is released or refunded',
  ),
  '2400': liability(
    'dispute_provision',
    'dispute',
    { neverOnOtherSide },
    'only where losses are provided for when a dispute opens',
  ),
  '3900': position(
    'fx_trading',
    'payment',
    {},
    'a position in each currency, valued at the close of a period',
  ),
  '4100': income('platform_fee_income', null, {}, 'earned with the release of the share it belongs to'),
  '4200': income('fx_gain', null, {}, 'by valuation at the close of a period'),
  '4900': income('recon_gain', null, {}, 'residues written off in our favour, capped by day'),
  '5100': expense('psp_fees', null, { byPsp }, 'recognised by the PSP’s record; compared with the contract'),
  '5110': expense(
    'dispute_fees',
    null,
    { byPsp },
    'recognised by the PSP’s record; compared with the contract',
  ),
  '5120': expense(
    'payout_fees',
    null,
    { byPsp },
    'recognised by the PSP’s record; compared with the contract',
  ),
  '5200': expense('chargeback_losses', null, {}, 'disputes that were lost'),
  '5400': expense('fx_loss', null, {}, 'by valuation at the close of a period'),
  '5900': expense('recon_writeoff', null, {}, 'written off with a case and an approval'),
  '9010': memo(
    'auth_open',
    'attempt',
    { byPsp, neverOnOtherSide },
    'what issuers hold for us; zero once captured, voided or expired',
  ),
  '9020': contra('auth_contra', 'attempt', { byPsp, neverOnOtherSide }, 'the other side of auth_open'),
  '9030': memo(
    'unknown_open',
    'subject',
    { byPsp, neverOnOtherSide },
    'how much is in doubt, by attempt or operation; zero once proven',
  ),
  '9040': contra('unknown_contra', 'subject', { byPsp, neverOnOtherSide }, 'the other side of unknown_open'),
} as const;

export type AccountNumber = keyof typeof CHART;

/** In the order of the chart. */
export const ACCOUNT_NUMBERS = (Object.keys(CHART) as AccountNumber[]).sort();

/** Undefined where the text is no number of the chart. */
export const accountOf = (number: string): Account | undefined =>
  Object.hasOwn(CHART, number) ? CHART[number as AccountNumber] : undefined;

export const layerOf = ({ kind }: Account): Layer => (kind === 'memo' ? 'memo' : 'posted');
