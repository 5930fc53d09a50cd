import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { balancesOf, CHART, EVENT_CATALOG, netOf, totalsOf, type AccountNumber } from '@tender/domain';
import { ledgerExamples } from '@tender/testing';
import { renderLedger } from './ledger-page';

const PAGE = join(__dirname, '..', '..', 'docs', 'ledger.md');

const examples = ledgerExamples();
const journals = examples.flatMap(({ steps }) => steps.flatMap((step) => step.journals));

/** By hand, from the amounts of the examples: what stands on each side at the end, minor units. */
const EXPECTED = {
  USD: {
    debit: { 1010: 6_680n, 1120: 38_099n, 5100: 2_789n, 5110: 4_500n, 5120: 50n, 5200: 10_000n, 5900: 2n },
    credit: { 2100: 35_000n, 2210: 14_000n, 3900: 10_800n, 4100: 2_300n, 4200: 20n },
  },
  EUR: { debit: { 3900: 10_000n }, credit: { 2100: 10_000n } },
} as const;

describe('the worked examples', () => {
  const balances = balancesOf(journals, 'account');

  it.each(['USD', 'EUR'] as const)(
    'end in the trial balance that was worked out by hand, in %s',
    (currency) => {
      const standing = balances.filter((one) => one.currency === currency && netOf(one) !== 0n);
      const onSide = (wanted: (net: bigint) => boolean): unknown =>
        Object.fromEntries(
          standing
            .filter((one) => wanted(netOf(one)))
            .map((one) => [one.account, netOf(one) < 0n ? -netOf(one) : netOf(one)]),
        );
      expect(onSide((net) => net > 0n)).toEqual(EXPECTED[currency].debit);
      expect(onSide((net) => net < 0n)).toEqual(EXPECTED[currency].credit);
    },
  );

  it('balance in each layer and currency', () => {
    const totals = totalsOf(balances);
    expect(totals.length).toBe(3);
    for (const { debitMinor, creditMinor } of totals) expect(debitMinor).toBe(creditMinor);
  });

  it('leave nothing open: every clearing key is zero, and so is the memo', () => {
    const clearing: readonly AccountNumber[] = [
      '1110',
      '1130',
      '1140',
      '1150',
      '1160',
      '1190',
      '2010',
      '2015',
      '2190',
      '2220',
      '2310',
    ];
    const cleared = (account: string): boolean =>
      clearing.includes(account as AccountNumber) || CHART[account as AccountNumber].kind === 'memo';
    const keys = balancesOf(journals, 'key').filter(({ account }) => cleared(account));
    expect(keys.length).toBeGreaterThan(30);
    expect(keys.filter((one) => netOf(one) !== 0n)).toEqual([]);
  });

  it('of a partial refund leave 70.00 of the sale, the fee, and the rest in the bank', () => {
    const [first] = examples;
    const own = balancesOf(
      first!.steps.flatMap((step) => step.journals),
      'account',
    );
    const net = Object.fromEntries(own.map((one) => [one.account, netOf(one)]));
    expect(net).toMatchObject({ 1010: 6_680n, 5100: 320n, 2100: -7_000n, 1110: 0n, 1120: 0n, 2010: 0n });
  });
});

describe('docs/ledger.md', () => {
  const rendered = renderLedger(examples);

  it('is what the code posts', () => {
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(PAGE, rendered);
    expect(existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : '').toBe(rendered);
  });

  it('answers first how a partial refund is booked', () => {
    const [, first = ''] = rendered.split(/^## /m);
    expect(first).toContain('| 2100[p1] 3000 | 2010[re_r1-1] 3000 |');
    expect(first).toContain('| 2010[re_r1-1] 3000 | 1120[stripe] 3000 |');
  });

  it('tells of every event what it posts, or why nothing', () => {
    const [, told = ''] = rendered.split('## What each event posts');
    for (const type of Object.keys(EVENT_CATALOG)) expect(told).toContain(`| \`${type}\` |`);
  });
});
