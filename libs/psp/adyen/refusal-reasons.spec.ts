import { REFUSAL_REASONS, refusalCodeOf } from './refusal-reasons';
import { REFUSAL_ROWS } from './refusal-table';

// Adyen docs, "Refusal reasons"
it.each([
  ['Refused', '2'],
  ['Blocked Card', '5'],
  ['Not enough balance', '12'],
  ['Acquirer Fraud', '14'],
  ['FRAUD', '20'],
  ['Fraud', '20'],
  ['Restricted Card', '25'],
  [' Authentication required ', '38'],
  ['Something of tomorrow', null],
  ['constructor', null],
  ['', null],
])('%j is code %s', (reason, code) => {
  expect(refusalCodeOf(reason)).toBe(code);
});

it('a webhook’s text means what a reply’s code does: no listed code is without one', () => {
  const listed = REFUSAL_ROWS.flatMap(({ pspCodes }) => pspCodes);
  expect(listed.filter((code) => !Object.hasOwn(REFUSAL_REASONS, code))).toEqual([]);
  for (const [code, reason] of Object.entries(REFUSAL_REASONS)) expect(refusalCodeOf(reason)).toBe(code);
});
