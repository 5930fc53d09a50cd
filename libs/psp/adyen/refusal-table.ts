import { categoryUnderAdvice, type Decline, type DeclineCategory } from '@tender/domain';
import type { SeenRefusal } from './payment-reply';

interface RefusalRow {
  /** Adyen's `refusalReasonCode`s. */
  readonly pspCodes: readonly string[];
  readonly code: string;
  readonly category: DeclineCategory;
  readonly message: string;
}

const DECLINED = 'The card was declined.';

/**
 * Adyen docs, "Refusal reasons". `hard_decline` where the card or the account can never pay or somebody suspects a
 * crime; `customer_action` where the buyer can cure it; `soft_decline` where another route or a later time may.
 * The messages are ours and never tell of theft or fraud.
 */
export const REFUSAL_ROWS: readonly RefusalRow[] = [
  { pspCodes: ['2', '3', '23', '27'], code: 'do_not_honor', category: 'soft_decline', message: DECLINED },
  {
    pspCodes: ['4', '9', '21'],
    code: 'issuer_unavailable',
    category: 'soft_decline',
    message: 'The card could not be reached; it may work later.',
  },
  {
    pspCodes: ['5', '25'],
    code: 'restricted_card',
    category: 'hard_decline',
    message: DECLINED,
  },
  {
    pspCodes: ['6'],
    code: 'expired_card',
    category: 'customer_action',
    message: 'The card has expired.',
  },
  {
    pspCodes: ['7'],
    code: 'invalid_amount',
    category: 'hard_decline',
    message: 'The amount is not allowed for this card.',
  },
  {
    pspCodes: ['8', '17', '32'],
    code: 'invalid_card_details',
    category: 'customer_action',
    message: 'A detail of the card is not correct.',
  },
  {
    pspCodes: ['10', '34', '35'],
    code: 'card_not_supported',
    category: 'soft_decline',
    message: 'The card does not support this kind of payment.',
  },
  {
    pspCodes: ['11', '33', '36', '38', '42', '43'],
    code: 'authentication_required',
    category: 'customer_action',
    message: 'The buyer has to authenticate the payment.',
  },
  {
    pspCodes: ['12'],
    code: 'insufficient_funds',
    category: 'soft_decline',
    message: 'The card has insufficient funds.',
  },
  {
    pspCodes: ['14', '20', '22', '31'],
    code: 'suspected_fraud',
    category: 'hard_decline',
    message: DECLINED,
  },
  {
    // the buyer or the merchant stopped it: going on elsewhere would be behind their back
    pspCodes: ['15', '16'],
    code: 'canceled_at_psp',
    category: 'hard_decline',
    message: 'The payment was canceled at the payment provider.',
  },
  {
    pspCodes: ['18', '28', '29'],
    code: 'limit_exceeded',
    category: 'soft_decline',
    message: 'A limit of the card is exceeded.',
  },
  {
    pspCodes: ['24'],
    code: 'incorrect_cvc',
    category: 'customer_action',
    message: 'The security code is not correct.',
  },
  {
    pspCodes: ['26'],
    code: 'closed_account',
    category: 'hard_decline',
    message: 'The card account cannot be charged.',
  },
  {
    // Adyen itself stopped it: the schemes charge a fee for every further try
    pspCodes: ['46'],
    code: 'do_not_honor',
    category: 'hard_decline',
    message: DECLINED,
  },
];

const ROW_OF: ReadonlyMap<string, RefusalRow> = new Map(
  REFUSAL_ROWS.flatMap((row) => row.pspCodes.map((pspCode) => [pspCode, row] as const)),
);

/**
 * A code that Adyen adds tomorrow is a refusal for certain, and `soft` is its safe reading: the worst case is one more
 * refusal elsewhere, while `hard` would turn buyers away until somebody reads the list.
 */
const UNLISTED: Omit<RefusalRow, 'pspCodes'> = {
  code: 'declined',
  category: 'soft_decline',
  message: DECLINED,
};

/** What a final result without a reason stands for. */
const CODE_OF_RESULT: Readonly<Record<string, string>> = { Error: '4', Cancelled: '15' };

export function declineOf(resultCode: string, { code, reason, adviceCode }: SeenRefusal): Decline {
  const row = ROW_OF.get(code ?? CODE_OF_RESULT[resultCode] ?? '') ?? UNLISTED;
  return {
    code: row.code,
    category: categoryUnderAdvice(row.category, adviceCode),
    message: row.message,
    pspCode: [code ?? resultCode, reason].filter((part) => part !== null).join(' '),
  };
}
