import { type Divergence, publicId } from '@tender/domain';
import { PAYMENT_PREFIX, REFUND_PREFIX } from '@tender/engine';
import type { RecordedEvent } from '@tender/eventstore';
import { liveModels, verificationOf } from '@tender/nest';
import {
  connectReadStore,
  PaymentStatusModel,
  type ReadStore,
  RefundStatusModel,
  type StoredPayment,
  type StoredRefund,
} from '@tender/readmodels';
import type { Stack } from '../../apps/local/src/stack';
import { type Answer, type ApiClient, DEMO_KEY, type EventJson, type Json } from '../stack/api-client';
import type { BookBalance } from '../stack/book-sums';
import { PspTruth, type TruthRow } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';
import { apiOf, type AskApi, readBooks, type ToldBooks } from '../stack/told-books';
import { type Heard, pause } from './asking';

/** Whose keys all of them are. */
export const MERCHANT = 'demo';

/** One payment as the API shows it to whoever asks now. */
export interface ShownPayment {
  readonly payment: Json;
  readonly events: readonly EventJson[];
  readonly refunds: readonly Json[];
  readonly disputes: readonly Json[];
}

export interface ShownTrialBalance {
  readonly layer: string;
  readonly currency: string;
  /** Decimal texts of minor units. */
  readonly debit: string;
  readonly credit: string;
  readonly balances: readonly BookBalance[];
}

/** Everything that remembers a run. */
export interface Evidence {
  /** Of payments and refunds, in the order of the log. */
  readonly events: readonly RecordedEvent[];
  readonly truth: { readonly stripe: readonly TruthRow[]; readonly adyen: readonly TruthRow[] };
  readonly payments: ReadonlyMap<string, StoredPayment>;
  readonly refunds: ReadonlyMap<string, StoredRefund>;
  readonly shown: ReadonlyMap<string, ShownPayment>;
  /** All disputes that there are, as they are listed. */
  readonly disputes: readonly Json[];
  readonly books: Pick<ToldBooks, 'sums' | 'balances'>;
  readonly trialBalances: readonly ShownTrialBalance[];
  /** What differs from the streams in anything that is made from them. */
  readonly divergences: readonly Divergence[];
  readonly heard: readonly Heard[];
}

/** Payments; of each four things are asked at once. */
const AT_ONCE = 8;
/** A reader this fast may meet the limit of requests of its key. */
const RATE_LIMITED_FOR_MS = 200;
const LIST_LIMIT = 100;
/** Projections catch up within this after everything has ended. */
const READ_MODEL_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** Reads log, API, PSPs, read store and books, once everything has come to rest. */
export async function gather(stack: Stack, api: ApiClient, heard: readonly Heard[]): Promise<Evidence> {
  const recorded = new RecordedEvents(stack.eventStoreUrl);
  const store = await connectReadStore({ uri: stack.mongoUri, appName: 'tender-chaos' });
  try {
    const events = await recorded.all([PAYMENT_PREFIX, REFUND_PREFIX]);
    const [stripe, adyen] = await Promise.all(
      [stack.stripeUrl, stack.adyenUrl].map((url) => new PspTruth(url).rows()),
    );
    const revisions = revisionsOf(events);
    const documents = await documentsOf(store, revisions);
    const ask = apiOf(stack.apiUrl, DEMO_KEY);
    const books = await readBooks(ask);
    return {
      events,
      truth: { stripe: stripe ?? [], adyen: adyen ?? [] },
      ...documents,
      shown: await shownPayments(api, [...revisions.payments.keys()]),
      disputes: await wholeList(api, '/v1/disputes'),
      books,
      trialBalances: await trialBalances(ask, books),
      divergences: await divergences(recorded, store),
      heard,
    };
  } finally {
    await Promise.all([recorded.close(), store.close()]);
  }
}

interface Revisions {
  readonly payments: ReadonlyMap<string, bigint>;
  readonly refunds: ReadonlyMap<string, bigint>;
}

function revisionsOf(events: readonly RecordedEvent[]): Revisions {
  const [payments, refunds] = [new Map<string, bigint>(), new Map<string, bigint>()];
  for (const { stream, revision } of events) {
    if (stream.startsWith(PAYMENT_PREFIX)) payments.set(stream.slice(PAYMENT_PREFIX.length), revision);
    else refunds.set(stream.slice(REFUND_PREFIX.length), revision);
  }
  return { payments, refunds };
}

async function documentsOf(
  store: ReadStore,
  revisions: Revisions,
): Promise<Pick<Evidence, 'payments' | 'refunds'>> {
  const deadlineMs = performance.now() + READ_MODEL_WITHIN_MS;
  const [paymentModel, refundModel] = [new PaymentStatusModel(store), new RefundStatusModel(store)];
  for (;;) {
    const payments = await paymentModel.getMany([...revisions.payments.keys()]);
    const refunds = await refundModel.getMany([...revisions.refunds.keys()]);
    const isThere = caughtUp(payments, revisions.payments) && caughtUp(refunds, revisions.refunds);
    if (isThere || performance.now() > deadlineMs) return { payments, refunds };
    await pause(LOOK_EVERY_MS);
  }
}

const caughtUp = (
  documents: ReadonlyMap<string, { readonly revision: bigint }>,
  revisions: ReadonlyMap<string, bigint>,
): boolean => [...revisions].every(([id, revision]) => (documents.get(id)?.revision ?? -1n) >= revision);

async function shownPayments(
  api: ApiClient,
  paymentIds: readonly string[],
): Promise<ReadonlyMap<string, ShownPayment>> {
  const shown = new Map<string, ShownPayment>();
  for (let from = 0; from < paymentIds.length; from += AT_ONCE) {
    const some = paymentIds.slice(from, from + AT_ONCE);
    const each = await Promise.all(some.map((id) => shownPayment(api, publicId('pay', id))));
    for (const [index, id] of some.entries()) {
      const one = each[index];
      if (one !== undefined) shown.set(id, one);
    }
  }
  return shown;
}

async function shownPayment(api: ApiClient, id: string): Promise<ShownPayment> {
  const path = `/v1/payments/${id}`;
  const [payment, events, refunds, disputes] = await Promise.all([
    read(api, path),
    read(api, `${path}/events`),
    wholeList(api, `${path}/refunds`),
    wholeList(api, `${path}/disputes`),
  ]);
  return {
    payment: payment.json() as Json,
    events: events.status === 200 ? events.events() : [],
    refunds,
    disputes,
  };
}

async function read(api: ApiClient, path: string): Promise<Answer> {
  for (;;) {
    const answer = await api.get(path);
    if (answer.status !== 429) return answer;
    await pause(RATE_LIMITED_FOR_MS);
  }
}

/** Page by page. */
async function wholeList(api: ApiClient, path: string): Promise<readonly Json[]> {
  const all: Json[] = [];
  for (let cursor = ''; ;) {
    const answer = await read(api, `${path}?limit=${LIST_LIMIT}${cursor}`);
    if (answer.status !== 200) throw new Error(`${path} was answered ${answer.status}: ${answer.text}`);
    const { data, next_cursor: next } = answer.json() as {
      readonly data: readonly Json[];
      readonly next_cursor: string | null;
    };
    all.push(...data);
    if (next === null) return all;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

async function trialBalances(
  ask: AskApi,
  { balances, seq }: ToldBooks,
): Promise<readonly ShownTrialBalance[]> {
  const shown: ShownTrialBalance[] = [];
  for (const currency of new Set(balances.map((one) => one.currency))) {
    for (const layer of ['posted', 'memo']) {
      const query = `layer=${layer}&currency=${currency}&as_of=${seq}`;
      const reply = await ask(`/v1/ledger/trial_balance?${query}`);
      const { debit, credit, accounts } = (await reply.json()) as Pick<
        ShownTrialBalance,
        'debit' | 'credit'
      > & { readonly accounts: readonly (Omit<BookBalance, 'account'> & { readonly number: string })[] };
      const its = accounts.map((one) => ({ ...one, account: one.number, currency }));
      shown.push({ layer, currency, debit, credit, balances: its });
    }
  }
  return shown;
}

/** What had moved on during the first walk is come by in the second. */
async function divergences({ log }: RecordedEvents, store: ReadStore): Promise<readonly Divergence[]> {
  const found: Divergence[] = [];
  const verification = verificationOf({
    log,
    readStore: store,
    models: await liveModels(store),
    report: (divergence) => found.push(divergence),
  });
  for (let walks = 0; walks < 2;) if ((await verification.nextPage()).done) walks += 1;
  return found;
}
