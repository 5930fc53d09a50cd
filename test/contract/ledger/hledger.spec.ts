import type { Journal } from '@tender/domain';
import { hledgerLines } from '@tender/domain';
import { journalsOfStream, ledgerExamples, programIsMissing, sampleStart } from '@tender/testing';
import { spawnSync } from 'node:child_process';
import { describeUnless } from '../../not-run';

/**
 * A tool that is not ours does the sums of our books again, and refuses them for one cent.
 */

const hledger = (
  books: string,
  ...args: readonly string[]
): { readonly status: number | null; readonly out: string } => {
  const { status, stdout, stderr } = spawnSync('hledger', ['-f', '-', ...args], {
    input: books,
    encoding: 'utf8',
  });
  return { status, out: stdout + stderr };
};

const isThere = (): boolean => spawnSync('hledger', ['--version']).status === 0;

const journals = ledgerExamples().flatMap(({ steps }) => steps.flatMap((step) => step.journals));
const exported = (some: readonly Journal[]): string => `${[...hledgerLines('demo', some)].join('\n')}\n`;

/** The export with one cent more on the line of this number among those that move money. */
function oneCentMore(books: string, wanted: number): string {
  let line = -1;
  return books.replace(/^( {4}.+ {2}\w{3} -?\d+\.\d)(\d)/gm, (all, before: string, cent: string) => {
    line += 1;
    return line === wanted ? `${before}${(Number(cent) + 1) % 10}` : all;
  });
}

describeUnless(programIsMissing('hledger', isThere), 'the books, checked by hledger', () => {
  const books = exported(journals);

  it('balance in every currency, with every account and currency declared, and end as we say', () => {
    expect(hledger(books, 'check', '--strict')).toEqual({ status: 0, out: '' });
  });

  it('are refused for one cent, on any line', () => {
    const lines = journals.flatMap((journal) => journal.lines).length;
    expect(lines).toBeGreaterThan(150);
    for (let line = 0; line < lines; line += 10) {
      const forged = oneCentMore(books, line);
      expect(forged).not.toBe(books);
      expect(hledger(forged, 'check', '--strict').status).not.toBe(0);
    }
  });

  it('are refused for one cent on both sides of a journal: the balances at the end are not those', () => {
    const forged = books.replace('USD 80.00', 'USD 80.01').replace('USD -80.00', 'USD -80.01');
    expect(forged).not.toBe(books);
    const checked = hledger(forged, 'check', '--strict');
    expect(checked.out).toMatch(/balance assertion/i);
    expect(checked.status).not.toBe(0);
  });

  it('are refused with a journal left out', () => {
    for (const at of [0, 20, journals.length - 1]) {
      const tail = books.slice(books.lastIndexOf('* balances') - 12);
      const shorter = exported(journals.toSpliced(at, 1));
      const forged = shorter.slice(0, shorter.lastIndexOf('* balances') - 12) + tail;
      expect(hledger(forged, 'check', '--strict').status).not.toBe(0);
    }
  });

  it('are refused with a currency that is declared nowhere', () => {
    expect(hledger(books.replace(/^commodity EUR.*$/m, ''), 'check', '--strict').status).not.toBe(0);
  });

  it('can be asked what is open, by key', () => {
    const open = hledger(books, 'balance', 'psp_receivable', '--pivot', 'key', '--no-total', '-N');
    expect(open).toEqual({ status: 0, out: '' });
    const [first] = journalsOfStream([
      ...sampleStart(),
      {
        type: 'PaymentCaptured',
        data: {
          attemptId: 'att_486bf88da9ab524e86d8a43de26b416401',
          operationId: null,
          pspReference: 'pi_1',
          amountMinor: 1_099n,
          currency: 'USD',
          occurredAt: '2026-03-01T12:00:00.000Z',
          rank: 1,
        },
      },
    ]);
    const owed = hledger(exported([first!]), 'balance', 'psp_receivable', '--pivot', 'key', '--no-total');
    expect(owed.out).toMatch(/USD 10\.99 +att_486bf88da9ab524e86d8a43de26b416401/);
  });

  it.each(['JPY', 'BHD', 'USD'])('have the digits of %s', (currency) => {
    const yen = journals.slice(0, 4).map((journal) => ({
      ...journal,
      lines: journal.lines.map((line) => ({ ...line, currency })),
    }));
    expect(hledger(exported(yen), 'check', '--strict')).toEqual({ status: 0, out: '' });
  });
});
