import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

const PROGRAM = resolve(__dirname, '../../dist/test/chaos/main.js');
const MINUTES = 0.5;
const SEED = 1;
/** The search for an outcome that nobody told doubles its pauses, on a machine that may do much else. */
const TEST_TIMEOUT_MS = 15 * 60_000;

it(
  'half a minute of every kind of fault: each payment is charged once, none is lost, none stays open, no answer changes',
  async () => {
    const child = spawn(
      process.execPath,
      ['--enable-source-maps', PROGRAM, '--minutes', String(MINUTES), '--seed', String(SEED)],
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
    expect(countOf('double charges') + countOf('lost payments') + countOf('unresolved')).toBe(0);
    expect(countOf('payments')).toBeGreaterThan(100);
    expect(countOf('duplicates among them')).toBeGreaterThan(10);
  },
  TEST_TIMEOUT_MS,
);
