import { journalsOfStream, sampleStart } from '@tender/testing';
import { hledgerLines } from './hledger';
import type { Journal } from './journal';

const [sale] = journalsOfStream([
  ...sampleStart(),
  {
    type: 'PaymentCaptured',
    data: {
      attemptId: 'att_486bf88da9ab524e86d8a43de26b416401',
      operationId: null,
      pspReference: 'pi_1',
      amountMinor: 1_099n,
      currency: 'USD',
      occurredAt: '2026-02-28T23:59:59.000Z',
      rank: 1,
    },
  },
]) as [Journal];

const exported = (...journals: readonly Journal[]): readonly string[] => [...hledgerLines('demo', journals)];
const amountsIn = (currency: string, amountMinor: bigint): readonly string[] => {
  const lines = sale.lines.map((line) => ({ ...line, currency, amountMinor }));
  return exported({ ...sale, lines }).filter(
    (line) => line.startsWith('commodity') || /^ {4}assets/.test(line),
  );
};

describe('an export for hledger', () => {
  it('has a transaction for each journal, by the day of the record and that of the fact', () => {
    const text = exported(sale).join('\n');
    expect(text).toContain(
      [
        '2026-03-01=2026-02-28 * (payment-1-2:1) payment.captured@1  ; source:payment-1@2, event:PaymentCaptured, payment:486bf88d-a9ab-524e-86d8-a43de26b4164',
        '    assets:1110 psp_receivable  USD 10.99  ; key:att_486bf88da9ab524e86d8a43de26b416401, psp:stripe',
        '    liabilities:2100 sales_clearing  USD -10.99  ; key:486bf88d-a9ab-524e-86d8-a43de26b4164',
      ].join('\n'),
    );
  });

  it('ends with the balances that it must come to', () => {
    expect(exported(sale, sale).slice(-3)).toEqual([
      '2026-03-01 * balances',
      '    assets:1110 psp_receivable  USD 0.00 = USD 21.98',
      '    liabilities:2100 sales_clearing  USD 0.00 = USD -21.98',
    ]);
  });

  it.each([
    ['JPY', 5n, 'JPY 1000.', 'JPY 5.'],
    ['USD', 5n, 'USD 1000.00', 'USD 0.05'],
    ['BHD', 12_345n, 'BHD 1000.000', 'BHD 12.345'],
  ])('counts %s with its digits', (currency, amountMinor, declared, written) => {
    const [commodity, posting] = amountsIn(currency, amountMinor);
    expect(commodity).toBe(`commodity ${declared}`);
    expect(posting).toContain(`  ${written}  ;`);
  });

  it('writes what would end a tag or a line as a URL does', () => {
    const lines = sale.lines.map((line) => ({ ...line, key: 'a,b\n    equity:x  USD 1.00' }));
    const text = exported({ ...sale, lines }).join('\n');
    expect(text).toContain('key:a%2cb%0a    equity:x');
    expect(text).not.toMatch(/^ {4}equity/m);
  });

  it('is of one set of books, and of money alone', () => {
    expect(() => exported({ ...sale, ledger: 'other' })).toThrow('in the books of other, not of demo');
    expect(() => amountsIn('XXX', 1n)).toThrow('XXX is no currency');
  });
});
