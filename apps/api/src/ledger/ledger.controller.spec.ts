import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { book } from '@tender/domain';
import { startMongo } from '@tender/embedded/mongo';
import { LEDGER_PREFIXES } from '@tender/engine';
import {
  connectReadStore,
  FIRST_LEDGER_VERSION,
  LedgerBooks,
  LedgerProjector,
  type ReadStore,
} from '@tender/readmodels';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory, OTHER_MERCHANT_KEY, READ_ONLY_KEY } from '../../spec/api-on-memory';
import { MAX_LEDGER_KEY_CHARACTERS, MAX_PAGE_SIZE } from '../config/limits';

type Json = Readonly<Record<string, unknown>>;
type List = Json & { readonly data: readonly Json[]; readonly next_cursor: string | null };

const other = { authorization: `Bearer ${OTHER_MERCHANT_KEY}` };
const dir = mkdtempSync(join(tmpdir(), 'tender-ledger-api-'));
let server: Awaited<ReturnType<typeof startMongo>>;
let store: ReadStore;
let on: ApiOnMemory;
let captured: string;

beforeAll(async () => {
  server = await startMongo({ dir, durable: false });
  store = await connectReadStore({ uri: server.uri, appName: 'ledger-api' });
  on = await apiOnMemory({ books: new LedgerBooks(store) });
  for (const [amount, currency] of [
    [1099, 'USD'],
    [901, 'USD'],
  ] as const) {
    captured = (await on.post({ amount, currency, payment_method: 'pm_card_visa' })).json<{ id: string }>()
      .id;
  }
  await on.post(
    { amount: 77, currency: 'EUR', payment_method: 'pm_card_visa' },
    { authorization: other.authorization },
  );
  const projector = new LedgerProjector({ store, version: FIRST_LEDGER_VERSION, book });
  await projector.prepare();
  const { events } = await on.log.readAll({ after: 'start', prefixes: LEDGER_PREFIXES, maxCount: 1000 });
  await projector.apply(events);
});
afterAll(async () => {
  await on.close();
  await store.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const get = async (path: string, headers = {}) => {
  const answer = await on.get(`/v1/ledger/${path}`, headers);
  return { status: answer.statusCode, body: answer.json<Json>() };
};

const codeAndFields = async (path: string): Promise<readonly unknown[]> => {
  const { status, body } = await get(path);
  const errors = (body.errors ?? []) as readonly { readonly field: string }[];
  return [status, body.code, ...errors.map(({ field }) => field)];
};

const refused = (field: string): readonly unknown[] => [422, 'validation_failed', field];

describe('the trial balance', () => {
  it('is that of the caller’s books alone, in decimal text', async () => {
    const { status, body } = await get('trial_balance');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      as_of_seq: 3,
      currency: 'USD',
      layer: 'posted',
      accounts: [
        { number: '1110', name: 'psp_receivable', debit: '2000', credit: '0', balance: '2000' },
        { number: '2100', name: 'sales_clearing', debit: '0', credit: '2000', balance: '-2000' },
      ],
      debit: '2000',
      credit: '2000',
    });
    expect((await get('trial_balance', other)).body).toMatchObject({ currency: 'EUR', debit: '77' });
  });

  it('is as of any number, and of no other than the books have', async () => {
    expect((await get('trial_balance?as_of=1')).body).toMatchObject({ as_of_seq: 1, debit: '1099' });
    expect((await get('trial_balance?as_of=0')).body).toMatchObject({ as_of_seq: 0, accounts: [] });
    expect(await codeAndFields('trial_balance?as_of=4')).toEqual(refused('as_of'));
    expect(await codeAndFields('trial_balance?as_of=2999-01-01T00:00:00Z')).toEqual(refused('as_of'));
    const longAgo = await get('trial_balance?as_of=2001-01-01T00:00:00Z&effective_at=2001-01-01T00:00:00Z');
    expect(longAgo.body).toMatchObject({ as_of_seq: 0, debit: '0' });
  });

  it.each([
    ['as_of', 'yesterday'],
    ['as_of', '-1'],
    ['as_of', '9223372036854775808'],
    ['effective_at', '12'],
    ['currency', 'usd'],
    ['layer', 'both'],
    ['surprise', '1'],
  ])('refuses %s=%s by its name', async (field, value) => {
    expect(await codeAndFields(`trial_balance?${field}=${value}`)).toEqual(refused(field));
  });
});

describe('accounts and entries', () => {
  it('list the whole chart with balances', async () => {
    const { body } = await get('accounts');
    const accounts = (body as List).data;
    expect(body).toMatchObject({ object: 'list', as_of_seq: 3, next_cursor: null });
    expect(accounts.length).toBeGreaterThan(20);
    expect(accounts.filter(({ balances }) => (balances as Json[]).length > 0)).toMatchObject([
      { number: '1110', balances: [{ currency: 'USD', debit: '2000', balance: '2000' }] },
      { number: '2100', balances: [{ currency: 'USD', credit: '2000', balance: '-2000' }] },
    ]);
  });

  it('page through an account, newest first, with running totals', async () => {
    const first = (await get('accounts/2100/entries?limit=1')).body as List;
    expect(first).toMatchObject({
      as_of_seq: 3,
      data: [{ seq: 2, key: captured, payment: captured, side: 'credit', running: { balance: '-2000' } }],
    });
    const second = (await get(`accounts/2100/entries?limit=1&cursor=${first.next_cursor}`)).body;
    expect(second).toMatchObject({ data: [{ seq: 1, running: { balance: '-1099' } }], next_cursor: null });
  });

  it('list one key as it is called outside', async () => {
    const { body } = await get(`accounts/2100/entries?key=${captured}`);
    expect(body).toMatchObject({ data: [{ amount: '901', running: { credit: '901' } }], next_cursor: null });
  });

  it('are empty for an account without entries, and not found for a number that is none', async () => {
    expect((await get('accounts/1010/entries')).body).toMatchObject({ data: [], as_of_seq: 3 });
    expect((await get('accounts/1111/entries')).status).toBe(404);
  });

  it('refuse what is out of bounds by its name', async () => {
    expect(await codeAndFields(`accounts/2100/entries?limit=${MAX_PAGE_SIZE + 1}`)).toEqual(refused('limit'));
    expect((await get(`accounts/2100/entries?limit=${MAX_PAGE_SIZE}`)).status).toBe(200);
    expect(await codeAndFields('accounts/2100/entries?cursor=x')).toEqual(refused('cursor'));
    const key = 'k'.repeat(MAX_LEDGER_KEY_CHARACTERS);
    expect((await get(`accounts/2100/entries?key=${key}`)).status).toBe(200);
    expect(await codeAndFields(`accounts/2100/entries?key=${key}k`)).toEqual(refused('key'));
  });
});

describe('journals', () => {
  it('of a payment are its own, and of another merchant’s are not there', async () => {
    const { body } = await get(`journals?payment=${captured}`);
    expect(body).toMatchObject({ as_of_seq: 3, data: [{ seq: 2, payment: captured, layer: 'posted' }] });
    expect((await get(`journals?payment=${captured}`, other)).status).toBe(404);
    expect((await get('journals?payment=pay_1')).status).toBe(404);
    expect(await codeAndFields('journals')).toEqual(refused('payment'));
  });
});

describe('an export', () => {
  it('is as its manifest says', async () => {
    const { body } = await get('export?format=manifest&to_seq=2');
    const files = body.files as readonly { format: string; bytes: number; sha256: string; rows: number }[];
    expect(files.map(({ format }) => format)).toEqual(['csv', 'jsonl', 'hledger']);
    for (const { format, bytes, sha256 } of files) {
      const file = await on.get(`/v1/ledger/export?format=${format}&to_seq=2`);
      expect(file.headers['content-disposition']).toContain('ledger-1-2.');
      expect(file.rawPayload.length).toBe(bytes);
      expect(createHash('sha256').update(file.rawPayload).digest('hex')).toBe(sha256);
    }
    expect(body).toMatchObject({ journals: 2, control_totals: [{ debit: '2000', credit: '2000' }] });
  });

  it('refuses a range that is not in the books by the field’s name', async () => {
    expect(await codeAndFields('export?format=csv&to_seq=4')).toEqual(refused('to_seq'));
    expect(await codeAndFields('export?format=csv&from_seq=0')).toEqual(refused('from_seq'));
    expect(await codeAndFields('export?format=csv&from_seq=3&to_seq=1')).toEqual(refused('from_seq'));
    expect(await codeAndFields('export?format=pdf')).toEqual(refused('format'));
    expect(await codeAndFields('export')).toEqual(refused('format'));
  });
});

it('asks for the scope', async () => {
  const headers = { authorization: `Bearer ${READ_ONLY_KEY}` };
  for (const path of ['trial_balance', 'accounts', 'accounts/1110/entries', 'journals', 'export'])
    expect((await get(path, headers)).status).toBe(403);
});

it('cannot be answered before anybody has projected', async () => {
  const unread = await apiOnMemory();
  const answer = await unread.get('/v1/ledger/trial_balance');
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '1']);
  await unread.close();
});

it('names the fields of its answers as the OpenAPI document does', async () => {
  const document = (await on.get('/openapi.json')).json<{
    components: { schemas: Record<string, { properties: object }> };
  }>();
  const fieldsOf = (name: string) => Object.keys(document.components.schemas[name]?.properties ?? {});
  const answers: readonly (readonly [path: string, whole: string, item?: string])[] = [
    ['trial_balance', 'TrialBalance'],
    ['accounts', 'LedgerAccountList', 'LedgerAccount'],
    ['accounts/2100/entries', 'LedgerEntryList', 'LedgerEntry'],
    [`journals?payment=${captured}`, 'JournalList', 'Journal'],
    ['export?format=manifest', 'LedgerExportManifest'],
  ];
  for (const [path, whole, item] of answers) {
    const { body } = await get(path);
    expect(Object.keys(body)).toEqual(fieldsOf(whole));
    const [one = {}] = item === undefined ? [] : (body as List).data;
    expect(Object.keys(one)).toEqual(item === undefined ? [] : fieldsOf(item));
  }
});
