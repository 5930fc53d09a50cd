import type { Charge } from './audit';
import { BookSums, type BookBalance, type BookJournal, type BookLine } from '../stack/book-sums';
import { auditBooks } from './books-audit';

const line = (more: Partial<BookLine> = {}): BookLine => ({
  account: '1110',
  key: 'att_1',
  currency: 'USD',
  side: 'debit',
  amount: '1099',
  ...more,
});
const sale = line({ account: '2100', key: 'pay_1', side: 'credit' });
const charge: Charge = {
  reference: 'pi_1',
  our_reference: 'att_1',
  amount: 1099,
  currency: 'USD',
  status: 'succeeded',
};
const balances: readonly BookBalance[] = [
  { account: '1110', currency: 'USD', debit: '1099', credit: '0' },
  { account: '2100', currency: 'USD', debit: '0', credit: '1099' },
];

function rulesBroken(more: {
  readonly journals?: readonly BookJournal[];
  readonly balances?: readonly BookBalance[];
  readonly charges?: readonly Charge[];
  readonly onlyOurs?: boolean;
}): readonly string[] {
  const sums = new BookSums();
  for (const journal of more.journals ?? [{ layer: 'posted', lines: [line(), sale] }]) sums.add(journal);
  const found = auditBooks({ sums, balances, charges: [charge], onlyOurs: true, ...more });
  return [...new Set(found.map(({ rule }) => rule))];
}

describe('the audit of the books', () => {
  it('has nothing to say of one charge that is booked', () => {
    expect(rulesBroken({})).toEqual([]);
  });

  it('finds a layer that does not balance, also where both together do', () => {
    const journals = [
      { layer: 'posted', lines: [line()] },
      { layer: 'memo', lines: [sale] },
    ];
    expect(rulesBroken({ journals })).toEqual(['debits equal credits']);
  });

  it('finds currencies that balance each other', () => {
    const journals = [{ layer: 'posted', lines: [line(), { ...sale, currency: 'EUR' }] }];
    expect(rulesBroken({ journals })).toContain('debits equal credits');
  });

  it('finds a balance that is not the sum of its lines, or that is missing', () => {
    const [first, second] = balances;
    if (first === undefined || second === undefined) throw new Error('two balances');
    const rule = ['a balance is the sum of its lines'];
    expect(rulesBroken({ balances: [{ ...first, debit: '1098' }, second] })).toEqual(rule);
    expect(rulesBroken({ balances: [first] })).toEqual(rule);
  });

  it('finds money that the PSP took and nobody booked, and the other way round', () => {
    const rule = ['what is due from the PSP is what it took'];
    expect(rulesBroken({ charges: [charge, { ...charge, our_reference: 'att_2' }] })).toEqual(rule);
    expect(rulesBroken({ charges: [{ ...charge, status: 'failed' }] })).toEqual(rule);
    expect(rulesBroken({ charges: [] })).toEqual(rule);
    // on a stack that others use, too, their charges are not known
    expect(rulesBroken({ charges: [], onlyOurs: false })).toEqual([]);
  });
});
