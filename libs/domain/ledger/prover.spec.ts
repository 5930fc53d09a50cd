import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { ACCOUNT_NUMBERS, CHART, layerOf } from './chart';
import { linesOf } from './journals';
import { flawsOf } from './prover';
import { currencyFactOf, debit, credit, template, templateId, termsOf } from './template';
import type { AnyFacts, Template } from './template';
import { TEMPLATES } from './templates';
import { PSP_CHARGE_RECORDED } from './psp-record.templates';

describe('every template', () => {
  it.each(TEMPLATES.map((one) => [templateId(one), one] as const))(
    '%s balances, whatever the amounts',
    (_, one) => {
      expect(flawsOf(one)).toEqual([]);
    },
  );

  it('is proved: no file of templates is left out, and no name is given twice', () => {
    const exported = readdirSync(__dirname)
      .filter((file) => file.endsWith('.templates.ts'))
      .flatMap((file) =>
        Object.values(jest.requireActual<Record<string, Template>>(path.join(__dirname, file))),
      );
    expect(exported.length).toBeGreaterThan(30);
    expect(new Set(TEMPLATES)).toEqual(new Set(exported));
    expect(new Set(TEMPLATES.map(templateId)).size).toBe(TEMPLATES.length);
  });

  it('together they use the whole chart', () => {
    const used = new Set(TEMPLATES.flatMap(({ lines }) => lines.map(({ account }) => account)));
    expect(ACCOUNT_NUMBERS.filter((number) => !used.has(number))).toEqual([]);
  });
});

describe('the prover', () => {
  const broken: readonly (readonly [string, Template, string])[] = [
    [
      'a fee that is taken from the balance and recognised nowhere',
      template({
        ...PSP_CHARGE_RECORDED,
        lines: [debit('1120', { gross: 1, fee: -1 }), credit('1110', 'gross')],
      }),
      'psp.charge.recorded@1: leaves -1 fee in currency',
    ],
    [
      'a side that is swapped',
      template({ ...PSP_CHARGE_RECORDED, lines: [credit('1110', 'gross'), credit('1120', 'gross')] }),
      'psp.charge.recorded@1: leaves -2 gross in currency',
    ],
    [
      'two symbols that would have to be equal',
      template({ ...PSP_CHARGE_RECORDED, lines: [debit('1110', 'asked'), credit('2100', 'done')] }),
      'psp.charge.recorded@1: leaves 1 asked in currency',
    ],
    [
      'a sum over two currencies',
      template({
        ...PSP_CHARGE_RECORDED,
        lines: [debit('1120', 'gross', { currency: 'settledCurrency' }), credit('1110', 'gross')],
      }),
      'psp.charge.recorded@1: leaves 1 gross in settledCurrency',
    ],
    [
      'a posted line in a memo',
      template({
        ...PSP_CHARGE_RECORDED,
        layer: 'memo',
        lines: [debit('9010', 'held'), credit('2100', 'held')],
      }),
      'psp.charge.recorded@1: posts 2100 in the layer memo',
    ],
    [
      'a share that each seller gets and nobody gives',
      template({
        ...PSP_CHARGE_RECORDED,
        lines: [debit('1110', 'gross'), credit('2200', 'share', { each: true })],
      }),
      'psp.charge.recorded@1: leaves -1 share in currency',
    ],
    [
      'a part of a symbol',
      template({
        ...PSP_CHARGE_RECORDED,
        lines: [debit('1110', { gross: 0.5 }), credit('2100', { gross: 0.5 })],
      }),
      'psp.charge.recorded@1: has 0.5 gross',
    ],
    [
      'a template that does nothing',
      template({ ...PSP_CHARGE_RECORDED, lines: [] }),
      'psp.charge.recorded@1: has one side only',
    ],
  ];

  it.each(broken)('finds %s', (_, one, flaw) => {
    expect(flawsOf(one)).toContain(flaw);
  });

  it('finds every coefficient that is changed by one in any template', () => {
    for (const one of TEMPLATES) {
      for (const [at, line] of one.lines.entries()) {
        for (const [symbol, coefficient] of termsOf(line.amount)) {
          const amount = { ...Object.fromEntries(termsOf(line.amount)), [symbol]: coefficient + 1 };
          const lines = one.lines.with(at, { ...line, amount });
          expect([templateId(one), flawsOf({ ...one, lines })]).not.toEqual([templateId(one), []]);
        }
      }
    }
  });
});

describe('journal lines of every template, for all amounts and currencies', () => {
  const currencies = fc.constantFrom('USD', 'EUR', 'JPY', 'BHD', 'CLP');
  const up = fc.bigInt({ min: 0n, max: 10n ** 15n });
  const both = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });

  /** Facts of every name that the template uses. */
  const factsFor = ({ lines, signed }: Template): fc.Arbitrary<AnyFacts> => {
    const namesOf = (some: Template['lines']): readonly string[] =>
      some.flatMap(({ amount }) => termsOf(amount).map(([symbol]) => symbol));
    const keysOf = (some: Template['lines']): readonly string[] =>
      some.flatMap(({ account, key }) => key ?? CHART[account].key ?? []);
    const each = lines.filter((line) => line.each === true);
    const own = lines.filter((line) => line.each !== true);
    const amounts = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, signed?.includes(name) === true ? both : up] as const));
    const keys = (names: readonly string[]) =>
      Object.fromEntries(names.map((name) => [name, fc.constantFrom('k1', 'k2')] as const));
    const ofMembers = namesOf(each);
    return fc.record({
      psp: fc.constantFrom('stripe' as const, 'adyen' as const, null),
      ...amounts(namesOf(own).filter((name) => !ofMembers.includes(name))),
      ...keys(keysOf(own)),
      ...Object.fromEntries(lines.map((line) => [currencyFactOf(line), currencies] as const)),
      members: fc.array(fc.record({ ...amounts(ofMembers), ...keys(keysOf(each)) }), { maxLength: 5 }),
    });
  };

  it.each(TEMPLATES.map((one) => [templateId(one), one] as const))('%s', (_, one) => {
    fc.assert(
      fc.property(factsFor(one), (facts) => {
        const left = new Map<string, bigint>();
        for (const { account, currency, side, amountMinor, key } of linesOf(one, facts)) {
          expect(amountMinor > 0n).toBe(true);
          const known = CHART[account as keyof typeof CHART];
          expect(layerOf(known)).toBe(one.layer);
          expect(key === '').toBe(known.key === null);
          left.set(currency, (left.get(currency) ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor));
        }
        expect([...left.values()].every((amount) => amount === 0n)).toBe(true);
      }),
    );
  });
});
