/**
 * Adyen docs, "Refusal reasons": a reply carries the code and the text, a webhook the text alone. Compared without
 * regard to letter case; what is not here has no code, and so is a refusal of the mildest kind.
 */
export const REFUSAL_REASONS: Readonly<Record<string, string>> = {
  '2': 'Refused',
  '3': 'Referral',
  '4': 'Acquirer Error',
  '5': 'Blocked Card',
  '6': 'Expired Card',
  '7': 'Invalid Amount',
  '8': 'Invalid Card Number',
  '9': 'Issuer Unavailable',
  '10': 'Not supported',
  '11': '3D Not Authenticated',
  '12': 'Not enough balance',
  '14': 'Acquirer Fraud',
  '15': 'Cancelled',
  '16': 'Shopper Cancelled',
  '17': 'Invalid Pin',
  '18': 'Pin tries exceeded',
  '20': 'FRAUD',
  '21': 'Not Submitted',
  '22': 'FRAUD-CANCELLED',
  '23': 'Transaction Not Permitted',
  '24': 'CVC Declined',
  '25': 'Restricted Card',
  '26': 'Revocation Of Auth',
  '27': 'Declined Non Generic',
  '28': 'Withdrawal amount exceeded',
  '29': 'Withdrawal count exceeded',
  '31': 'Issuer Suspected Fraud',
  '32': 'AVS Declined',
  '33': 'Card requires online pin',
  '34': 'No checking account available on Card',
  '35': 'No savings account available on Card',
  '36': 'Mobile pin required',
  '38': 'Authentication required',
  '42': '3DS Authentication Error',
  '43': 'Online PIN required',
  '46': 'Transaction blocked by Adyen to prevent excessive retry fees',
};

const CODE_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(REFUSAL_REASONS).map(([code, reason]) => [reason.toLowerCase(), code]),
);

export const refusalCodeOf = (reason: string): string | null =>
  CODE_OF.get(reason.trim().toLowerCase()) ?? null;
