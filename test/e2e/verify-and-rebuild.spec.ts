import { randomUUID } from 'node:crypto';
import {
  connectReadStore,
  DocumentVersions,
  FIRST_LEDGER_VERSION,
  ledgerCollections,
  LedgerModels,
  PAYMENT_STATUS,
  storedHead,
  type LedgerHead,
  type ReadStore,
} from '@tender/readmodels';
import { ApiClient } from '../stack/api-client';
import { LocalStack, newDataDirectory, STACK_HOOK_TIMEOUT_MS } from '../stack/local-stack';
import { KeptTender } from '../stack/kept-tender/kept-tender';
import type { EndedProgram } from '../stack/tender-program';

const TEST_TIMEOUT_MS = 120_000;
const LOOK_EVERY_MS = 200;

let stack: LocalStack;
let api: ApiClient;
let store: ReadStore;
let kept: KeptTender;

beforeAll(async () => {
  // all of the time, so that the test need not wait for the rest of it
  stack = await LocalStack.start(newDataDirectory(), { TENDER_VERIFY_SHARE_PERCENT: '100' });
  api = new ApiClient(stack.running.apiUrl);
  store = await connectReadStore({ uri: stack.running.mongoUri, appName: 'test' });
  kept = new KeptTender(stack.dataPath);
}, STACK_HOOK_TIMEOUT_MS);
afterAll(async () => {
  await kept.end();
  await store.close();
  await stack.destroy();
}, STACK_HOOK_TIMEOUT_MS);

const tender = (...args: readonly string[]): Promise<EndedProgram> => kept.run(...args);

const pay = async (payment_method = 'pm_card_visa'): Promise<void> => {
  const body = { amount: 1099, currency: 'USD', payment_method };
  await api.pay(`books-${randomUUID()}`, body, { Prefer: 'wait=30' });
};

const pause = (): Promise<void> => new Promise((wake) => setTimeout(wake, LOOK_EVERY_MS));

const liveBooks = async () => ledgerCollections(store, (await new LedgerModels(store).pointer()).live);

/** Once the books have come to this many journals. */
async function headAt(least: bigint): Promise<LedgerHead> {
  for (;;) {
    const head = await storedHead(await liveBooks());
    if (head.seq >= least) return head;
    await pause();
  }
}

/** Customers who are being served already, for as long as the work takes. */
async function amidTraffic<Result>(work: () => Promise<Result>): Promise<{ result: Result; paid: number }> {
  let paid = 0;
  let working = true;
  const isWorking = (): boolean => working;
  const customer = async (): Promise<void> => {
    while (isWorking()) {
      await pay(paid % 2 === 0 ? 'pm_card_visa' : 'adyen_card_ok');
      paid += 1;
    }
  };
  const customers = Promise.all([customer(), customer()]);
  try {
    while (paid === 0) await pause();
    return { result: await work(), paid };
  } finally {
    working = false;
    await customers;
  }
}

it(
  'read models made again amid traffic are the same, and take the place of the live ones',
  async () => {
    for (let count = 0; count < 5; count += 1) await pay();
    const before = await headAt(5n);
    const { result } = await amidTraffic(async () => ({
      ledger: await tender('rebuild', 'ledger'),
      payments: await tender('rebuild', 'payment_status', '--drop-old'),
    }));
    expect([result.ledger.exitCode, result.payments.exitCode]).toStrictEqual([0, 0]);
    expect((await liveBooks()).version).toBe(`${FIRST_LEDGER_VERSION}_r1`);
    const journal = await (await liveBooks()).journals.findOne({ seq: before.seq });
    expect(journal?.hash).toBe(before.hash);
    // the projectors have gone on from where the rebuilt ones had come to
    const { seq } = await storedHead(await liveBooks());
    await pay();
    await headAt(seq + 1n);
    expect(await tender('verify')).toMatchObject({ exitCode: 0 });
  },
  TEST_TIMEOUT_MS,
);

it(
  'read models that were dropped amid traffic are made again with the same head',
  async () => {
    await pay();
    const before = await headAt(1n);
    const books = await liveBooks();
    const documents = store.db.collection(await new DocumentVersions(store, PAYMENT_STATUS).live());
    const { result } = await amidTraffic(async () => {
      for (const collection of [books.journals, books.totals, books.streams, documents])
        await collection.drop();
      await books.checkpoints.deleteOne({ _id: books.version });
      return {
        ledger: await tender('rebuild', 'ledger'),
        payments: await tender('rebuild', 'payment_status'),
      };
    });
    expect([result.ledger.exitCode, result.payments.exitCode]).toStrictEqual([0, 0]);
    const journal = await (await liveBooks()).journals.findOne({ seq: before.seq });
    expect(journal?.hash).toBe(before.hash);
    expect(await tender('verify')).toMatchObject({ exitCode: 0 });
  },
  TEST_TIMEOUT_MS,
);

it(
  'a flipped byte in the books is named, and halts them until somebody says that they may go on',
  async () => {
    await pay();
    const { seq } = await headAt(1n);
    const { journals } = await liveBooks();
    const found = await journals.findOneAndUpdate({ seq }, { $set: { 'lines.0.amountMinor': 1098n } });
    const verified = await tender('verify', '--json');
    expect(verified.exitCode).toBe(1);
    expect(JSON.parse(verified.out.split('\n')[0] ?? '')).toStrictEqual({
      where: 'ledger',
      kind: 'different',
      id: found?._id,
      at: `journal ${seq} lines.0.amountMinor`,
      expected: '1099',
      found: '1098',
    });
    // the worker's own check begins a walk when it starts, and else once a minute
    stack.kill('worker');
    while ((await tender('ledger', 'status')).exitCode !== 1) await pause();
    expect((await tender('ledger', 'status')).out).toContain(found?._id);
    const halted = await storedHead(await liveBooks());
    await pay();
    await pay();
    expect((await storedHead(await liveBooks())).seq).toBe(halted.seq);
    // what the streams say takes the place of what was edited; then the books may go on
    expect((await tender('rebuild', 'ledger', '--drop-old')).exitCode).toBe(0);
    expect((await tender('ledger', 'resume')).exitCode).toBe(0);
    await pay();
    await headAt(halted.seq + 3n);
    expect(await tender('verify')).toMatchObject({ exitCode: 0 });
  },
  TEST_TIMEOUT_MS,
);
