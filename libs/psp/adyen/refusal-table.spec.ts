import { declineOf, REFUSAL_ROWS } from './refusal-table';

const refused = (code: string | null, adviceCode: string | null = null) =>
  declineOf('Refused', { code, reason: 'Reason', adviceCode });

// written from Adyen docs, "Refusal reasons", not from the table
it.each([
  ['2', 'do_not_honor', 'soft_decline'],
  ['4', 'issuer_unavailable', 'soft_decline'],
  ['5', 'restricted_card', 'hard_decline'],
  ['6', 'expired_card', 'customer_action'],
  ['8', 'invalid_card_details', 'customer_action'],
  ['9', 'issuer_unavailable', 'soft_decline'],
  ['10', 'card_not_supported', 'soft_decline'],
  ['11', 'authentication_required', 'customer_action'],
  ['12', 'insufficient_funds', 'soft_decline'],
  ['14', 'suspected_fraud', 'hard_decline'],
  ['16', 'canceled_at_psp', 'hard_decline'],
  ['20', 'suspected_fraud', 'hard_decline'],
  ['24', 'incorrect_cvc', 'customer_action'],
  ['25', 'restricted_card', 'hard_decline'],
  ['26', 'closed_account', 'hard_decline'],
  ['28', 'limit_exceeded', 'soft_decline'],
  ['31', 'suspected_fraud', 'hard_decline'],
  ['38', 'authentication_required', 'customer_action'],
  ['46', 'do_not_honor', 'hard_decline'],
])('%s is %s, %s', (pspCode, code, category) => {
  expect(refused(pspCode)).toMatchObject({ code, category, pspCode: `${pspCode} Reason` });
});

it('a code of tomorrow, and none at all, is a soft decline that keeps Adyen’s word', () => {
  expect(refused('99')).toMatchObject({ code: 'declined', category: 'soft_decline', pspCode: '99 Reason' });
  expect(refused(null)).toMatchObject({ category: 'soft_decline', pspCode: 'Refused Reason' });
});

it('a final result without a reason speaks for itself', () => {
  const none = { code: null, reason: null, adviceCode: null };
  expect(declineOf('Error', none)).toMatchObject({ code: 'issuer_unavailable', pspCode: 'Error' });
  expect(declineOf('Cancelled', none)).toMatchObject({ code: 'canceled_at_psp', pspCode: 'Cancelled' });
});

it.each(['03', '21'])('advice %s makes any decline hard', (advice) => {
  for (const code of ['12', '6', '99']) expect(refused(code, advice).category).toBe('hard_decline');
  expect(refused('12', '02').category).toBe('soft_decline');
});

it('no code is in two rows, and no message tells of theft or fraud', () => {
  const codes = REFUSAL_ROWS.flatMap((row) => row.pspCodes);
  expect(new Set(codes).size).toBe(codes.length);
  expect(REFUSAL_ROWS.filter(({ message }) => /lost|stolen|fraud/i.test(message))).toEqual([]);
});
