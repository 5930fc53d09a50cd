import type { DisputeEvent } from './dispute';

export interface Refusal {
  readonly code: string;
  readonly reason: string;
}

/** What an authorisation ends with. */
export type Ending =
  | { readonly kind: 'authorised' }
  | {
      readonly kind: 'refused';
      readonly resultCode: 'Refused' | 'Error' | 'Cancelled';
      readonly refusal: Refusal;
    }
  /** `Received` at first; authorised a while later. */
  | { readonly kind: 'pending' }
  /** The payer is asked first (3-D Secure by redirect). */
  | { readonly kind: 'challenge' };

/** What becomes of an authorisation, and of what is done to it later. */
export interface Behaviour {
  readonly ending: Ending;
  readonly captureFailsLater: boolean;
  readonly refundFailsLater: boolean;
  /** The capture that failed later is done again by the scheme, and stands. */
  readonly recaptured?: true;
  /** The refund reaches the buyer's bank, and comes back from there. */
  readonly refundReturned?: true;
  readonly disputeScript?: readonly DisputeEvent[];
}

const refused = (code: string, reason: string): Ending => ({
  kind: 'refused',
  resultCode: 'Refused',
  refusal: { code, reason },
});
const ACQUIRER_ERROR: Ending = {
  kind: 'refused',
  resultCode: 'Error',
  refusal: { code: '4', reason: 'Acquirer Error' },
};
const CANCELLED: Ending = {
  kind: 'refused',
  resultCode: 'Cancelled',
  refusal: { code: '15', reason: 'Cancelled' },
};

export const CHALLENGE_FAILED: Refusal = { code: '11', reason: '3D Not Authenticated' };

const plain = (ending: Ending): Behaviour => ({
  ending,
  captureFailsLater: false,
  refundFailsLater: false,
});
const AUTHORISED = plain({ kind: 'authorised' });

const OPENED: readonly DisputeEvent[] = ['NOTIFICATION_OF_CHARGEBACK', 'CHARGEBACK'];

/** Stored payment methods that every shopper has. No card number ever enters the system. */
const STORED: Readonly<Record<string, Behaviour>> = {
  card_ok: AUTHORISED,
  card_refused: plain(refused('2', 'Refused')),
  card_insufficient: plain(refused('12', 'Not enough balance')),
  card_error: plain(ACQUIRER_ERROR),
  card_pending: plain({ kind: 'pending' }),
  card_3ds: plain({ kind: 'challenge' }),
  card_capture_fails: { ...AUTHORISED, captureFailsLater: true },
  card_refund_fails: { ...AUTHORISED, refundFailsLater: true },
  card_recaptured: { ...AUTHORISED, captureFailsLater: true, recaptured: true },
  card_refund_returned: { ...AUTHORISED, refundFailsLater: true, refundReturned: true },
  card_inquiry: { ...AUTHORISED, disputeScript: ['REQUEST_FOR_INFORMATION'] },
  card_chargeback: { ...AUTHORISED, disputeScript: OPENED },
  card_chargeback_won: {
    ...AUTHORISED,
    disputeScript: [...OPENED, 'CHARGEBACK_REVERSED', 'ISSUER_RESPONSE_TIMEFRAME_EXPIRED'],
  },
  card_chargeback_lost: {
    ...AUTHORISED,
    disputeScript: [...OPENED, 'CHARGEBACK_REVERSED', 'SECOND_CHARGEBACK'],
  },
  card_chargeback_undefended: {
    ...AUTHORISED,
    disputeScript: [...OPENED, 'DISPUTE_DEFENSE_PERIOD_ENDED'],
  },
};

/** Source: Adyen docs, "Result code testing": names and numbers of `RequestedTestAcquirerResponseCode`. */
const REQUESTED: readonly (readonly [number, string, Ending])[] = [
  [0, 'UNKNOWN', ACQUIRER_ERROR],
  [1, 'APPROVED', { kind: 'authorised' }],
  [2, 'DECLINED', refused('2', 'Refused')],
  [3, 'REFERRAL', refused('3', 'Referral')],
  [4, 'ERROR', ACQUIRER_ERROR],
  [5, 'BLOCK_CARD', refused('5', 'Blocked Card')],
  [6, 'CARD_EXPIRED', refused('6', 'Expired Card')],
  [7, 'INVALID_AMOUNT', refused('7', 'Invalid Amount')],
  [8, 'INVALID_CARD_NUMBER', refused('8', 'Invalid Card Number')],
  [9, 'ISSUER_UNAVAILABLE', refused('9', 'Issuer Unavailable')],
  [10, 'NOT_SUPPORTED', refused('10', 'Not supported')],
  [11, 'NOT_3D_AUTHENTICATED', refused('11', '3D Not Authenticated')],
  [12, 'NOT_ENOUGH_BALANCE', refused('12', 'Not enough balance')],
  [13, 'PENDING', { kind: 'pending' }],
  [14, 'ACQUIRER_FRAUD', refused('14', 'Acquirer Fraud')],
  [15, 'CANCELLED', CANCELLED],
  [16, 'SHOPPER_CANCELLED', refused('16', 'Shopper Cancelled')],
  [17, 'INVALID_PIN', refused('17', 'Invalid Pin')],
  [18, 'PIN_TRIES_EXCEEDED', refused('18', 'Pin tries exceeded')],
  [20, 'FRAUD', refused('20', 'FRAUD')],
  [23, 'TRANSACTION_NOT_PERMITTED', refused('23', 'Transaction Not Permitted')],
  [24, 'CVC_DECLINED', refused('24', 'CVC Declined')],
  [25, 'RESTRICTED_CARD', refused('25', 'Restricted Card')],
];

/** The behaviour of a stored payment method; undefined when there is none of that id. */
export function storedBehaviour(id: string): Behaviour | undefined {
  return Object.hasOwn(STORED, id) ? STORED[id] : undefined;
}

/** A name or a number; undefined when it is none of the list. */
export function requestedBehaviour(text: string): Behaviour | undefined {
  const found = REQUESTED.find(([number, name]) => text === String(number) || text === name);
  return found === undefined ? undefined : plain(found[2]);
}

/** A holder's name that is a trigger, plain or as `DECLINED : 06 : ERROR`; any other name changes nothing. */
export function holderBehaviour(name: string): Behaviour | undefined {
  if (name === 'capture failed') return STORED.card_capture_fails;
  if (name === 'refund failed') return STORED.card_refund_fails;
  return requestedBehaviour(name.split(':')[0]?.trim() ?? '');
}

export const storedIds = (): readonly string[] => Object.keys(STORED);
