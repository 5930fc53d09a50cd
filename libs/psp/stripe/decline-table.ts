import { categoryUnderAdvice, type Decline, type DeclineCategory } from '@tender/domain';

/** What Stripe says about a refusal, in the reply or on the intent. */
export interface StripeRefusal {
  readonly code: string | null;
  readonly declineCode: string | null;
  readonly adviceCode: string | null;
  readonly networkAdviceCode: string | null;
}

interface DeclineRow {
  readonly pspCodes: readonly string[];
  readonly code: string;
  readonly category: DeclineCategory;
  readonly message: string;
}

/**
 * Stripe docs, "Decline codes". `hard_decline` where the card or the account can never pay or the issuer suspects a
 * crime; `customer_action` where the buyer can cure it; `soft_decline` where another route or a later time may.
 * The messages are ours and never say "lost", "stolen" or "fraud": Stripe asks not to tell the person at the till.
 */
export const DECLINE_ROWS: readonly DeclineRow[] = [
  {
    pspCodes: ['insufficient_funds'],
    code: 'insufficient_funds',
    category: 'soft_decline',
    message: 'The card has insufficient funds.',
  },
  {
    pspCodes: ['card_velocity_exceeded', 'withdrawal_count_limit_exceeded', 'pin_try_exceeded'],
    code: 'limit_exceeded',
    category: 'soft_decline',
    message: 'A limit of the card is exceeded.',
  },
  {
    pspCodes: [
      'generic_decline',
      'card_declined',
      'do_not_honor',
      'no_action_taken',
      'not_permitted',
      'call_issuer',
      'service_not_allowed',
      'transaction_not_allowed',
      'approve_with_id',
      'security_violation',
    ],
    code: 'do_not_honor',
    category: 'soft_decline',
    message: 'The card was declined.',
  },
  {
    pspCodes: ['processing_error', 'try_again_later', 'reenter_transaction', 'issuer_not_available'],
    code: 'issuer_unavailable',
    category: 'soft_decline',
    message: 'The card could not be reached; it may work later.',
  },
  {
    pspCodes: ['card_not_supported', 'currency_not_supported'],
    code: 'card_not_supported',
    category: 'soft_decline',
    message: 'The card does not support this kind of payment.',
  },
  {
    pspCodes: ['duplicate_transaction'],
    code: 'duplicate_transaction',
    // the issuer has just seen the same amount: asking elsewhere is what would charge twice
    category: 'hard_decline',
    message: 'An identical payment was made very recently.',
  },
  {
    pspCodes: ['expired_card'],
    code: 'expired_card',
    category: 'customer_action',
    message: 'The card has expired.',
  },
  {
    pspCodes: ['incorrect_cvc', 'invalid_cvc'],
    code: 'incorrect_cvc',
    category: 'customer_action',
    message: 'The security code is not correct.',
  },
  {
    pspCodes: [
      'incorrect_number',
      'invalid_number',
      'invalid_expiry_month',
      'invalid_expiry_year',
      'incorrect_address',
      'incorrect_zip',
      'incorrect_pin',
      'invalid_pin',
    ],
    code: 'invalid_card_details',
    category: 'customer_action',
    message: 'A detail of the card is not correct.',
  },
  {
    pspCodes: [
      'authentication_required',
      'authentication_not_handled',
      'payment_intent_authentication_failure',
      'online_or_offline_pin_required',
      'offline_pin_required',
    ],
    code: 'authentication_required',
    category: 'customer_action',
    message: 'The buyer has to authenticate the payment.',
  },
  {
    pspCodes: ['do_not_try_again'],
    code: 'do_not_honor',
    category: 'hard_decline',
    message: 'The card was declined.',
  },
  {
    pspCodes: ['lost_card'],
    code: 'lost_card',
    category: 'hard_decline',
    message: 'The card was declined.',
  },
  {
    pspCodes: ['stolen_card'],
    code: 'stolen_card',
    category: 'hard_decline',
    message: 'The card was declined.',
  },
  {
    pspCodes: ['pickup_card', 'restricted_card'],
    code: 'restricted_card',
    category: 'hard_decline',
    message: 'The card was declined.',
  },
  {
    pspCodes: ['fraudulent', 'merchant_blacklist'],
    code: 'suspected_fraud',
    category: 'hard_decline',
    message: 'The card was declined.',
  },
  {
    pspCodes: [
      'invalid_account',
      'new_account_information_available',
      'revocation_of_all_authorizations',
      'revocation_of_authorization',
      'stop_payment_order',
    ],
    code: 'closed_account',
    category: 'hard_decline',
    message: 'The card account cannot be charged.',
  },
  {
    pspCodes: ['invalid_amount'],
    code: 'invalid_amount',
    category: 'hard_decline',
    message: 'The amount is not allowed for this card.',
  },
  {
    pspCodes: ['testmode_decline'],
    code: 'test_card',
    category: 'hard_decline',
    message: 'A test card cannot pay.',
  },
];

const ROW_OF: ReadonlyMap<string, DeclineRow> = new Map(
  DECLINE_ROWS.flatMap((row) => row.pspCodes.map((pspCode) => [pspCode, row] as const)),
);

/**
 * A code that Stripe adds tomorrow is a decline for certain (nothing was charged), and `soft` is its safe reading:
 * the worst case is one more refusal elsewhere, while `hard` would turn buyers away until somebody reads the list.
 * What must not be tried again is told by the advice codes, whatever the decline code is.
 */
const UNLISTED: Omit<DeclineRow, 'pspCodes'> = {
  code: 'declined',
  category: 'soft_decline',
  message: 'The card was declined.',
};

export function declineOf(refusal: StripeRefusal): Decline {
  const { code, declineCode, adviceCode, networkAdviceCode } = refusal;
  const pspCode = declineCode ?? code ?? 'none';
  const row = ROW_OF.get(pspCode) ?? UNLISTED;
  const category =
    adviceCode === 'do_not_try_again' ? 'hard_decline' : categoryUnderAdvice(row.category, networkAdviceCode);
  return { code: row.code, category, message: row.message, pspCode };
}
