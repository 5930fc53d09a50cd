import * as fc from 'fast-check';
import { MAX_DETAIL_LENGTH, scrub } from './scrub';

const digits = (count: number) => fc.stringMatching(new RegExp(`^[0-9]{${count}}$`));

it('no card number survives, however it is grouped', () => {
  const number = fc.integer({ min: 12, max: 19 }).chain(digits);
  const grouped = fc
    .tuple(number, fc.constantFrom('', ' ', '-'))
    .map(([all, by]) => all.replace(/(\d{4})(?=\d)/g, `$1${by}`));
  fc.assert(
    fc.property(grouped, fc.string({ maxLength: 40 }), (pan, around) => {
      expect(scrub(`${around} ${pan} ${around}`)).not.toContain(pan);
    }),
  );
});

it.each([
  'sk_test_51AbC',
  'sk_live_x',
  'rk_live_51AbC',
  'whsec_abc',
  'sk_test_********1234',
  'AQEyhmfxKonIYxZGw0m/n3Q5qf3VaY9UCJ14',
])('no %s survives', (key) => {
  expect(scrub(`Invalid API Key provided: ${key}.`)).not.toContain(key.slice(3));
});

it.each(['pm_card_visa', 'pi_3Q1', 'req_8eHKr', 'HTTP 402 card_error'])(
  '%s stays: it is evidence',
  (evidence) => {
    expect(scrub(evidence)).toBe(evidence);
  },
);

it('evidence is cut at its limit, not before', () => {
  expect(scrub('x'.repeat(MAX_DETAIL_LENGTH))).toHaveLength(MAX_DETAIL_LENGTH);
  expect(scrub('x'.repeat(MAX_DETAIL_LENGTH + 1))).toHaveLength(MAX_DETAIL_LENGTH);
});
