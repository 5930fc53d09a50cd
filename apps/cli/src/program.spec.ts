import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SAMPLE_ATTEMPT_ID, SAMPLE_PAYMENT_ID } from '@tender/testing';
import { CliFailure, EXIT } from './exit-codes';
import { runProgram } from './program';
import { findStores, type Variables } from './stores';
import { paymentIdFrom } from './subject';
import { jsonOf } from './terminal';

const NOON = '2026-03-01T12:00:00Z';
const PUBLIC_ID = `pay_${SAMPLE_PAYMENT_ID.replaceAll('-', '')}`;

let dataPath: string;
beforeAll(() => {
  dataPath = mkdtempSync(join(tmpdir(), 'tender-cli-'));
});
afterAll(() => {
  rmSync(dataPath, { recursive: true });
});

async function run(args: readonly string[], variables: Variables = { TENDER_DATA: dataPath }) {
  const out: string[] = [];
  const aside: string[] = [];
  const terminal = {
    out: (text: string) => out.push(text),
    aside: (text: string) => aside.push(text),
    isWatched: false,
  };
  const exitCode = await runProgram(args, { variables, terminal, stopped: () => false });
  return { exitCode, out: out.join('\n'), aside: aside.join('\n') };
}

describe('the command line', () => {
  it.each([
    ['--help'],
    ['help'],
    ['help', 'audit'],
    ['audit', '--help'],
    ['replay', '--help'],
    ['verify', '--help'],
    ['rebuild', '--help'],
    ['ledger', '--help'],
    ['webhooks', '--help'],
    ['webhooks', 'replay', '--help'],
    ['resolve', '--help'],
  ])('explains itself: %s %s', async (...args) => {
    const { exitCode, out, aside } = await run(args.filter((arg) => typeof arg === 'string'));
    expect([exitCode, aside]).toStrictEqual([EXIT.ok, '']);
    expect(out).toContain('Usage: tender');
  });

  it('says in its help what each exit code means', async () => {
    const { out } = await run(['--help']);
    for (const code of Object.values(EXIT)) expect(out).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
  });

  it.each([
    [[]],
    [['nonsense']],
    [['audit']],
    [['audit', 'nonsense']],
    [['audit', PUBLIC_ID, 'more']],
    [['audit', PUBLIC_ID, '--nonsense']],
    [['replay', PUBLIC_ID]],
    [['replay', '--account', '1110', PUBLIC_ID, '--to', '1']],
    [['replay', PUBLIC_ID, '--key', 'x', '--to', '1']],
    [['replay', '--to', '1']],
    [['rebuild']],
    [['rebuild', 'everything']],
    [['ledger']],
    [['verify', 'all']],
    [['webhooks']],
    [['webhooks', 'replay', 'everything']],
    [['webhooks', 'replay', '--psp', 'nobody']],
    [['webhooks', 'replay', '--from', '3']],
    [['webhooks', 'replay', '--to', 'yesterday']],
    [['webhooks', 'replay', '--from', NOON, '--to', NOON]],
    [['replay', PUBLIC_ID, '--to', 'yesterday']],
  ])('refuses %j as not understood, and says nothing on its output', async (args) => {
    const { exitCode, out, aside } = await run(args);
    expect([exitCode, out]).toStrictEqual([EXIT.usage, '']);
    expect(aside).not.toBe('');
  });

  it('says of a replay of notices that it may be repeated, and which secret it can need', async () => {
    const { out } = await run(['webhooks', 'replay', '--help']);
    expect(out).toMatch(/as often as one likes, also while workers work/);
    expect(out).toMatch(/STRIPE_API_KEY[^]*exit code 5/);
  });

  it('without a stack and without addresses says how to get either', async () => {
    const { exitCode, aside } = await run(['audit', PUBLIC_ID]);
    expect(exitCode).toBe(EXIT.unreachable);
    expect(aside).toMatch(/npm start.*EVENTSTORE_URL and MONGODB_URI/);
  });

  it('says that a store does not answer', async () => {
    const variables = { EVENTSTORE_URL: 'esdb://127.0.0.1:1?tls=false' };
    const { exitCode, aside } = await run(['audit', PUBLIC_ID], variables);
    expect(exitCode).toBe(EXIT.unreachable);
    expect(aside).toContain('does not answer');
  });
});

describe('the stores', () => {
  const local = { eventStoreUrl: 'esdb://127.0.0.1:2113?tls=false', mongoUri: 'mongodb://127.0.0.1:27017' };

  it('are those of the local stack that runs on the data', () => {
    writeFileSync(join(dataPath, 'running.json'), JSON.stringify({ pid: 1, ...local }));
    expect(findStores({ TENDER_DATA: dataPath })).toMatchObject(local);
    rmSync(join(dataPath, 'running.json'));
  });

  it('are never one of the environment and one of the local stack', () => {
    writeFileSync(join(dataPath, 'running.json'), JSON.stringify({ pid: 1, ...local }));
    const found = findStores({ TENDER_DATA: dataPath, EVENTSTORE_URL: 'esdb://elsewhere:2113' });
    expect([found.eventStoreUrl, found.mongoUri]).toStrictEqual(['esdb://elsewhere:2113', undefined]);
    rmSync(join(dataPath, 'running.json'));
  });
});

describe('a payment', () => {
  it.each([PUBLIC_ID, SAMPLE_PAYMENT_ID, `payment-${SAMPLE_PAYMENT_ID}`, SAMPLE_ATTEMPT_ID])(
    'is found by %s',
    (text) => {
      expect(paymentIdFrom(text)).toBe(SAMPLE_PAYMENT_ID);
    },
  );

  it.each(['', 'pay_', 'payment-', 're_486bf88da9ab524e86d8a43de26b4164', `${SAMPLE_PAYMENT_ID}0`])(
    'is not named by "%s"',
    (text) => {
      expect(() => paymentIdFrom(text)).toThrow(CliFailure);
    },
  );
});

describe('JSON', () => {
  it('has bigints as integers where that is exact, as text beyond', () => {
    const values = { small: 1099n, largest: 2n ** 53n - 1n, beyond: 2n ** 53n };
    expect(JSON.parse(jsonOf(values))).toStrictEqual({
      small: 1099,
      largest: Number.MAX_SAFE_INTEGER,
      beyond: '9007199254740992',
    });
  });
});
