import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { attemptIdOf, book, paymentIdOf } from '@tender/domain';
import {
  connectReadStore,
  FIRST_LEDGER_VERSION,
  LedgerBooks,
  ledgerCollections,
  LedgerProjector,
  type LedgerEvent,
  type ReadStore,
} from '@tender/readmodels';
import { sampleInitiated } from '@tender/testing';
import { summaryOf } from './percentiles';

/**
 * How fast the ledger alone is, and whether its questions stay as fast: charges are projected into a read store of its
 * own, and at each size the trial balance is asked for. Arguments: the numbers of journals to stop at.
 */

const SERVER = resolve(__dirname, '../../libs/embedded/mongo/main.js');
const EVENTS_PER_BATCH = 2_000;
const EVENTS_PER_PAYMENT = 3;
const RAW_DOCUMENTS = 20_000;
const RAW_BATCH = 250;
const QUESTIONS = 300;
const MERCHANT = 'bench';

const say = (line: string): void => {
  console.log(line);
};

async function startServer(dir: string): Promise<{ child: ChildProcess; uri: string }> {
  const child = fork(SERVER, ['--dir', dir], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const uri = await new Promise<string>((ready, failed) => {
    child.once('exit', (code) => {
      failed(new Error(`the read store ended with ${code ?? 'a signal'}`));
    });
    child.stdout?.once('data', (line: Buffer) => {
      ready((JSON.parse(line.toString()) as { uri: string }).uri);
    });
  });
  return { child, uri };
}

const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

/** The events of the n-th charge, as the log gives them: one journal of two lines. */
function charge(n: number): readonly LedgerEvent[] {
  const paymentId = paymentIdOf(MERCHANT, `ledger-rate-${n}`);
  const attemptId = attemptIdOf(paymentId, 1);
  const recordedAt = new Date(START_MS + n * 10).toISOString();
  const amountMinor = BigInt(100 + (n % 10_000));
  const initiated = sampleInitiated({ paymentId, merchant: MERCHANT, amountMinor, currency: 'USD' });
  const captured = { attemptId, operationId: null, pspReference: `pi_${n}`, amountMinor, currency: 'USD' };
  const data: readonly (readonly [type: string, data: object])[] = [
    ['PaymentInitiated', initiated],
    ['AttemptStarted', { attemptId, psp: 'stripe' }],
    ['PaymentCaptured', { ...captured, occurredAt: recordedAt }],
  ];
  return data.map(([type, content], revision) => {
    const at = BigInt(n * EVENTS_PER_PAYMENT + revision);
    return {
      id: `${paymentId}-${revision}`,
      type,
      data: content,
      stream: `payment-${paymentId}`,
      revision: BigInt(revision),
      position: { commit: at, prepare: at },
      metadata: { recordedAt },
    };
  });
}

async function project(projector: LedgerProjector, from: number, to: number): Promise<number> {
  let events: LedgerEvent[] = [];
  let busyMs = 0;
  for (let n = from; n < to; n += 1) {
    events.push(...charge(n));
    if (events.length < EVENTS_PER_BATCH && n + 1 < to) continue;
    const startedAt = performance.now();
    await projector.apply(events);
    busyMs += performance.now() - startedAt;
    events = [];
  }
  return ((to - from) * 1000) / busyMs;
}

/** The same journals, with the same indexes, without books around them: what the store can take. */
async function rawInserts(store: ReadStore): Promise<number> {
  const { journals } = ledgerCollections(store, FIRST_LEDGER_VERSION);
  const documents = await journals.find({}, { sort: { seq: 1 }, limit: RAW_DOCUMENTS }).toArray();
  const raw = ledgerCollections(store, 'raw');
  await new LedgerProjector({ store, version: 'raw', book }).prepare();
  const startedAt = performance.now();
  for (let from = 0; from < documents.length; from += RAW_BATCH) {
    await raw.journals.insertMany(documents.slice(from, from + RAW_BATCH));
  }
  const perSecond = (documents.length * 1000) / (performance.now() - startedAt);
  await raw.journals.drop();
  return perSecond;
}

async function questions(store: ReadStore, journals: number): Promise<void> {
  const books = new LedgerBooks(store);
  const query = { ledger: MERCHANT, layer: 'posted', currency: 'USD' } as const;
  const seq = BigInt(Math.floor(journals / 2));
  const time = new Date(START_MS + Math.floor(journals / 2) * 10);
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    'trial balance now': () => books.trialBalance(query),
    '  as of a number': () => books.trialBalance({ ...query, asOf: { seq } }),
    '  as of a time': () => books.trialBalance({ ...query, asOf: { time } }),
    'entries, a page of 20': () => books.entries({ ...query, account: '1110', limit: 20 }),
  };
  for (const [what, ask] of Object.entries(asked)) {
    const ms: number[] = [];
    for (let n = 0; n < QUESTIONS; n += 1) {
      const startedAt = performance.now();
      await ask();
      ms.push(performance.now() - startedAt);
    }
    const { p50Ms, p99Ms } = summaryOf(ms);
    say(`  ${what.padEnd(24)} p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms`);
  }
}

async function main(sizes: readonly number[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'tender-ledger-rate-'));
  const { child, uri } = await startServer(dir);
  const store = await connectReadStore({ uri, appName: 'ledger-rate' });
  try {
    const projector = new LedgerProjector({ store, version: FIRST_LEDGER_VERSION, book });
    await projector.prepare();
    let posted = 0;
    for (const size of sizes) {
      const perSecond = await project(projector, posted, size);
      posted = size;
      say(`${size} journals: ${perSecond.toFixed(0)} journals/s`);
      const raw = await rawInserts(store);
      say(`  raw insertMany of them   ${raw.toFixed(0)}/s, ${(raw / perSecond).toFixed(1)} : 1`);
      await questions(store, size);
    }
  } finally {
    await store.close();
    child.kill();
    await new Promise((ended) => child.once('exit', ended));
    rmSync(dir, { recursive: true, force: true });
  }
}

const DEFAULT_SIZES = [10_000, 100_000];

main(process.argv.length > 2 ? process.argv.slice(2).map(Number) : DEFAULT_SIZES).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
