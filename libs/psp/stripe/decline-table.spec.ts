import { DECLINE_ROWS, declineOf } from './decline-table';

const NO_ADVICE = { adviceCode: null, networkAdviceCode: null };
const refusal = (declineCode: string | null, code: string | null = 'card_declined') => ({
  code,
  declineCode,
  ...NO_ADVICE,
});

// written from Stripe docs, "Decline codes", not from the table
it.each([
  ['insufficient_funds', 'insufficient_funds', 'soft_decline'],
  ['generic_decline', 'do_not_honor', 'soft_decline'],
  ['issuer_not_available', 'issuer_unavailable', 'soft_decline'],
  ['processing_error', 'issuer_unavailable', 'soft_decline'],
  ['card_velocity_exceeded', 'limit_exceeded', 'soft_decline'],
  ['lost_card', 'lost_card', 'hard_decline'],
  ['stolen_card', 'stolen_card', 'hard_decline'],
  ['pickup_card', 'restricted_card', 'hard_decline'],
  ['fraudulent', 'suspected_fraud', 'hard_decline'],
  ['merchant_blacklist', 'suspected_fraud', 'hard_decline'],
  ['stop_payment_order', 'closed_account', 'hard_decline'],
  ['do_not_try_again', 'do_not_honor', 'hard_decline'],
  ['duplicate_transaction', 'duplicate_transaction', 'hard_decline'],
  ['expired_card', 'expired_card', 'customer_action'],
  ['incorrect_cvc', 'incorrect_cvc', 'customer_action'],
  ['authentication_required', 'authentication_required', 'customer_action'],
])('%s is %s, %s', (pspCode, code, category) => {
  expect(declineOf(refusal(pspCode))).toMatchObject({ code, category, pspCode });
});

it('a code of tomorrow is a soft decline that keeps Stripe’s word', () => {
  expect(declineOf(refusal('brand_new_reason'))).toMatchObject({
    code: 'declined',
    category: 'soft_decline',
    pspCode: 'brand_new_reason',
  });
});

it('without a decline code, the error code speaks', () => {
  expect(declineOf(refusal(null, 'expired_card'))).toMatchObject({
    code: 'expired_card',
    pspCode: 'expired_card',
  });
  expect(declineOf(refusal(null, null))).toMatchObject({ category: 'soft_decline', pspCode: 'none' });
});

it.each([[{ adviceCode: 'do_not_try_again' }], [{ networkAdviceCode: '03' }], [{ networkAdviceCode: '21' }]])(
  'advice %j makes any decline hard',
  (advice) => {
    for (const pspCode of ['insufficient_funds', 'expired_card', 'brand_new_reason']) {
      expect(declineOf({ ...refusal(pspCode), ...advice }).category).toBe('hard_decline');
    }
  },
);

it('no Stripe code is in two rows, and no message tells of theft or fraud', () => {
  const codes = DECLINE_ROWS.flatMap((row) => row.pspCodes);
  expect(new Set(codes).size).toBe(codes.length);
  expect(DECLINE_ROWS.filter(({ message }) => /lost|stolen|fraud/i.test(message))).toEqual([]);
});
