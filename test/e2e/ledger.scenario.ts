import { createHash, randomUUID } from 'node:crypto';
import { ApiClient, type Json, type PaymentJson } from '../stack/api-client';
import { type LocalStack, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { sharedStack } from '../stack/shared-stack';
import { PspTruth, type TruthRow } from '../stack/psp-truth';

interface AccountJson {
  readonly number: string;
  readonly debit: string;
  readonly credit: string;
  readonly balance: string;
}

interface TrialBalanceJson {
  readonly as_of_seq: number;
  readonly accounts: readonly AccountJson[];
  readonly debit: string;
  readonly credit: string;
}

interface EntriesJson {
  readonly as_of_seq: number;
  readonly data: readonly (Json & { readonly seq: number; readonly amount: string; readonly side: string })[];
  readonly next_cursor: string | null;
}

const TEST_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 50;
const OTHER_KEY = 'sk_other_merchant';
const NO_BOOKS_KEY = 'sk_no_books';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const keyEntry = (key: string, merchant: string, scopes: readonly string[]): Json => ({
  id: `key_${merchant}`,
  merchant,
  scopes,
  sha256: sha256(key),
});

export const LEDGER_VARIABLES = {
  TENDER_API_KEYS: JSON.stringify([
    keyEntry(OTHER_KEY, 'other', ['payments:write', 'payments:read', 'ledger:read']),
    keyEntry(NO_BOOKS_KEY, 'demo', ['payments:read']),
  ]),
};

let stack: LocalStack;
let api: ApiClient;
let other: ApiClient;
let noBooks: ApiClient;

beforeAll(async () => {
  stack = await sharedStack();
  const { apiUrl } = stack.running;
  [api, other, noBooks] = [
    new ApiClient(apiUrl),
    new ApiClient(apiUrl, OTHER_KEY),
    new ApiClient(apiUrl, NO_BOOKS_KEY),
  ];
}, STACK_HOOK_TIMEOUT_MS);

const newKey = (): string => `books-${randomUUID()}`;
const paid = async (by: ApiClient, more: Json): Promise<PaymentJson> =>
  (await by.pay(newKey(), { currency: 'USD', ...more }, { Prefer: 'wait=30' })).payment();

const read = async <Answer>(by: ApiClient, path: string): Promise<Answer> => {
  const answer = await by.get(`/v1/ledger/${path}`);
  expect(answer.status).toBe(200);
  return JSON.parse(answer.text) as Answer;
};

/** The books follow the log by a moment; the test's own time limit ends the wait. */
async function journalsOf(by: ApiClient, { id }: PaymentJson, atLeast: number): Promise<readonly Json[]> {
  for (;;) {
    const answer = await by.get(`/v1/ledger/journals?payment=${id}`);
    const found = answer.status === 200 ? (JSON.parse(answer.text) as { data: readonly Json[] }).data : [];
    if (found.length >= atLeast) return found;
    await new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));
  }
}

const balanceOf = ({ accounts }: TrialBalanceJson, number: string): string =>
  accounts.find((account) => account.number === number)?.balance ?? '0';

it(
  'the books say what the PSP says, and give the same answer about the same moment for ever',
  async () => {
    const charged = await paid(api, { amount: 1099, payment_method: 'pm_card_visa' });
    const held = await paid(api, { amount: 5000, payment_method: 'pm_card_visa', capture_method: 'manual' });
    const declined = await paid(api, { amount: 700, payment_method: 'pm_card_chargeDeclined' });
    const foreign = await paid(other, { amount: 321, payment_method: 'pm_card_visa' });
    expect(await journalsOf(api, charged, 1)).toMatchObject([{ layer: 'posted' }]);
    expect(await journalsOf(api, held, 1)).toMatchObject([{ layer: 'memo' }]);
    await journalsOf(other, foreign, 1);
    expect((await journalsOf(api, declined, 0)).length).toBe(0);

    const readiness = JSON.parse((await api.get('/health/ready')).text) as { checks: Record<string, Json> };
    expect(readiness.checks.ledger).toMatchObject({ status: 'up', live: 'true' });

    const before = await read<TrialBalanceJson>(api, 'trial_balance');
    expect(balanceOf(before, '1110')).toBe('1099');
    expect(await read(api, 'trial_balance?layer=memo')).toMatchObject({ debit: '5000', credit: '5000' });
    expect(await read(other, 'trial_balance')).toMatchObject({ debit: '321', credit: '321' });

    await api.change(held.id, 'capture', newKey(), { amount: 1900 });
    expect(await journalsOf(api, held, 3)).toMatchObject([
      { layer: 'memo' },
      { layer: 'memo' },
      { layer: 'posted' },
    ]);
    const after = await read<TrialBalanceJson>(api, 'trial_balance');
    const truth = await new PspTruth(stack.running.stripeUrl).rows();
    const takenBy = ({ attempts }: PaymentJson, kind: TruthRow['kind']): number =>
      truth
        .filter((row) => row.kind === kind && row.status === 'succeeded')
        .filter((row) => row.our_reference?.startsWith(attempts[0]?.id ?? 'none') === true)
        .reduce((sum, { amount }) => sum + amount, 0);
    const taken = takenBy(charged, 'charge') + takenBy(held, 'capture');
    expect(taken).toBe(1099 + 1900);
    expect(balanceOf(after, '1110')).toBe(String(taken));
    expect(after.debit).toBe(after.credit);
    const memo = await read<TrialBalanceJson>(api, 'trial_balance?layer=memo');
    expect(memo.accounts.map(({ balance }) => balance)).toEqual(['0', '0']);

    const again = await read<TrialBalanceJson>(api, `trial_balance?as_of=${before.as_of_seq}`);
    expect(again).toEqual(before);
  },
  TEST_TIMEOUT_MS,
);

it(
  'an account is paged through without a gap, and its last running total is its balance',
  async () => {
    const payments = await Promise.all(
      [10, 20, 30, 40, 50].map((amount) => paid(api, { amount, payment_method: 'pm_card_visa' })),
    );
    for (const payment of payments) await journalsOf(api, payment, 1);
    const data: EntriesJson['data'][number][] = [];
    let cursor: string | null = '';
    do {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: EntriesJson = await read(api, `accounts/1110/entries?limit=2${more}`);
      data.push(...page.data);
      cursor = page.next_cursor;
    } while (cursor !== null);
    const trial = await read<TrialBalanceJson>(api, 'trial_balance');
    const sum = data.reduce(
      (total, { amount, side }) => total + Number(amount) * (side === 'debit' ? 1 : -1),
      0,
    );
    expect(String(sum)).toBe(balanceOf(trial, '1110'));
    expect(data[0]).toMatchObject({ running: { balance: balanceOf(trial, '1110') } });
    expect(data.map(({ seq }) => seq)).toEqual([...data.map(({ seq }) => seq)].sort((a, b) => b - a));
    const id = payments[2]?.attempts[0]?.id ?? '';
    expect(await read(api, `accounts/1110/entries?key=${id}`)).toMatchObject({
      data: [{ amount: '30', running: { balance: '30' } }],
    });
  },
  TEST_TIMEOUT_MS,
);

it(
  'the books are read with the scope for it, and nobody sees another merchant’s',
  async () => {
    const payment = await paid(api, { amount: 60, payment_method: 'pm_card_visa' });
    await journalsOf(api, payment, 1);
    for (const path of ['trial_balance', 'accounts', 'accounts/1110/entries', 'export?format=csv']) {
      const answer = await noBooks.get(`/v1/ledger/${path}`);
      expect([answer.status, answer.problem().code]).toEqual([403, 'forbidden']);
    }
    expect((await other.get(`/v1/ledger/journals?payment=${payment.id}`)).status).toBe(404);
    expect((await other.get('/v1/ledger/export?format=jsonl')).text).not.toContain('"ledger":"demo"');
    const beyond = await api.get('/v1/ledger/trial_balance?as_of=999999');
    expect([beyond.status, beyond.problem().errors?.[0]?.field]).toEqual([422, 'as_of']);
  },
  TEST_TIMEOUT_MS,
);

it(
  'an export is whole, adds up, and is what its manifest says',
  async () => {
    const { as_of_seq: toSeq } = await read<TrialBalanceJson>(api, 'trial_balance');
    const manifest = await read<{ files: { format: string; sha256: string }[]; control_totals: Json[] }>(
      api,
      `export?format=manifest&to_seq=${toSeq}`,
    );
    for (const { format, sha256: expected } of manifest.files) {
      const file = await api.get(`/v1/ledger/export?format=${format}&to_seq=${toSeq}`);
      expect(sha256(file.text)).toBe(expected);
    }
    const jsonl = (await api.get(`/v1/ledger/export?format=jsonl&to_seq=${toSeq}`)).text;
    const lines = jsonl
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { layer: string; lines: { side: string; amount: string }[] })
      .filter(({ layer }) => layer === 'posted')
      .flatMap((journal) => journal.lines);
    const total = (side: string): number =>
      lines.filter((line) => line.side === side).reduce((sum, { amount }) => sum + Number(amount), 0);
    const trial = await read<TrialBalanceJson>(api, `trial_balance?as_of=${toSeq}`);
    expect([String(total('debit')), String(total('credit'))]).toEqual([trial.debit, trial.credit]);
  },
  TEST_TIMEOUT_MS,
);
