import { MAX_ROUTING_RULES, MAX_ROUTING_WEIGHT } from './limits';
import { readRoutingRules } from './routing-rules';

const PSPS = ['stripe', 'adyen'] as const;
const problemsOf = (...rules: readonly unknown[]): readonly string[] =>
  readRoutingRules(rules, PSPS).problems;

describe('routing rules', () => {
  it('are read with all their fields', () => {
    const { rules, problems } = readRoutingRules(
      [
        {
          name: 'eu-cards',
          merchants: ['shop'],
          currencies: ['EUR'],
          amount_from: 100,
          amount_to: 50_000,
          card_brands: ['visa'],
          order: ['adyen', 'stripe'],
        },
        { name: 'split', weights: { stripe: 70, adyen: 30 } },
      ],
      PSPS,
    );
    expect(problems).toEqual([]);
    expect(rules).toEqual([
      {
        name: 'eu-cards',
        when: {
          merchants: ['shop'],
          currencies: ['EUR'],
          amountFromMinor: 100n,
          amountToMinor: 50_000n,
          cardBrands: ['visa'],
        },
        prefer: { kind: 'order', psps: ['adyen', 'stripe'] },
      },
      {
        name: 'split',
        when: {},
        prefer: {
          kind: 'weights',
          weights: [
            { psp: 'stripe', weight: 70 },
            { psp: 'adyen', weight: 30 },
          ],
        },
      },
    ]);
  });

  it.each<[string, object, string]>([
    ['a name with a blank', { name: 'a b' }, 'name must'],
    ['a field that there is not', { currency: 'EUR' }, 'currency is no field'],
    ['a currency that nobody is charged in', { currencies: ['EUR', 'XAU'] }, 'currencies must'],
    ['no currency at all', { currencies: [] }, 'currencies must'],
    ['merchants that are no list', { merchants: 'shop' }, 'merchants must'],
    ['brands in capitals', { card_brands: ['VISA'] }, 'card_brands must'],
    ['an amount with a fraction', { currencies: ['EUR'], amount_from: 1.5 }, 'amount_from must'],
    ['an amount below nothing', { currencies: ['EUR'], amount_to: -1 }, 'amount_to must'],
    ['an amount of no currency', { amount_from: 1 }, 'currencies must be given with an amount'],
    ['a band upside down', { currencies: ['EUR'], amount_from: 2, amount_to: 1 }, 'amount_to must not'],
    ['an order and weights', { weights: { stripe: 1 } }, 'either order or weights'],
    ['neither', { order: undefined }, 'either order or weights'],
    ['a PSP twice', { order: ['stripe', 'stripe'] }, 'order must'],
    ['an unknown PSP', { order: ['paypal'] }, 'order must'],
    ['an empty order', { order: [] }, 'order must'],
    ['no weight', { order: undefined, weights: { stripe: 0 } }, 'weights must'],
    ['half a weight', { order: undefined, weights: { stripe: 0.5 } }, 'weights must'],
    ['an enormous weight', { order: undefined, weights: { stripe: MAX_ROUTING_WEIGHT + 1 } }, 'weights must'],
    ['a weight for an unknown PSP', { order: undefined, weights: { paypal: 1 } }, 'weights must'],
  ])('with %s are refused by rule and field', (_what, change, problem) => {
    const good = { name: 'first', order: ['stripe'] };
    const [first = '', ...others] = problemsOf(good, { name: 'second', order: ['stripe'], ...change });
    expect(first).toMatch(/^rule 2/);
    expect(first).toContain(problem);
    expect(others).toEqual([]);
  });

  it('have names of their own, and all that is wrong is said at once', () => {
    const good = { name: 'one', order: ['stripe'] };
    expect(problemsOf(good, good, { ...good, name: 'two', order: [] }, null)).toEqual([
      'rule 2 (one): name is that of an earlier rule',
      expect.stringMatching(/^rule 3 \(two\): order/),
      expect.stringMatching(/^rule 4: name/),
      expect.stringMatching(/^rule 4: must have/),
    ]);
  });

  it('name PSPs that are connected', () => {
    const { problems } = readRoutingRules([{ name: 'one', order: ['adyen'] }], ['stripe']);
    expect(problems).toEqual(['rule 1 (one): order must list, once each: PSPs of TENDER_PSPS (stripe)']);
  });

  it.each([
    [MAX_ROUTING_RULES, 0],
    [MAX_ROUTING_RULES + 1, 1],
  ])('may be %d: problems %d', (count, problems) => {
    const rules = Array.from({ length: count }, (_, n) => ({ name: `rule-${n}`, order: ['stripe'] }));
    expect(problemsOf(...rules)).toHaveLength(problems);
  });

  it('are a list', () => {
    expect(readRoutingRules({ name: 'one' }, PSPS).problems).toEqual(['must be a list of rules']);
  });
});
