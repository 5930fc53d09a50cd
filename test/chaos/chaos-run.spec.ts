import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const PROGRAM = resolve(__dirname, '../../dist/test/chaos/main.js');
const MINUTES = 0.5;
const SEED = 1;
/** Payments a second; each leads to a refund or so, to a capture or to a dispute. */
const RATE = 6;
/** The search for an outcome that nobody told doubles its pauses, on a machine that may do much else. */
const TEST_TIMEOUT_MS = 15 * 60_000;

it(
  'half a minute of every kind of fault: payments are charged once, refunds given once, none is lost or left open, no answer changes, the books agree',
  async () => {
    const child = spawn(
      process.execPath,
      [
        ...['--enable-source-maps', PROGRAM, '--minutes', String(MINUTES)],
        ...['--seed', String(SEED), '--rate', String(RATE)],
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (text: Buffer) => (printed += text.toString('utf8')));
    }
    const exitCode = await new Promise((ended) => child.once('exit', ended));
    const countOf = (what: string): number =>
      Number(new RegExp(`^ *${what} +(\\d+)$`, 'm').exec(printed)?.[1]);
    console.log(printed.slice(printed.indexOf('\nFaults')));
    expect([exitCode, countOf('violations in all')]).toStrictEqual([0, 0]);
    const mustNotBe = [
      ...['double charges', 'lost payments', 'unresolved', 'answers that changed'],
      ...['refunded twice', 'lost refunds', 'unresolved refunds', 'given back beyond what was captured'],
      ...['disputes that do not agree', 'faults in the books', 'divergences'],
    ];
    expect(Object.fromEntries(mustNotBe.map((what) => [what, countOf(what)]))).toStrictEqual(
      Object.fromEntries(mustNotBe.map((what) => [what, 0])),
    );
    // a run in which nothing happened proves nothing
    expect(countOf('payments')).toBeGreaterThan(80);
    expect(countOf('duplicates among them')).toBeGreaterThan(10);
    expect(countOf('of them given')).toBeGreaterThan(20);
    expect(countOf('of them refused, as more than is left')).toBeGreaterThan(3);
    expect(countOf('refund duplicates among them')).toBeGreaterThan(10);
    expect(countOf('of them come back')).toBeGreaterThan(0);
    expect(countOf('tried again after a failure')).toBeGreaterThan(0);
    expect(countOf('captures that fell back')).toBeGreaterThan(0);
    expect(countOf('disputes')).toBeGreaterThan(5);
  },
  TEST_TIMEOUT_MS,
);
