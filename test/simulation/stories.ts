export const AMOUNT = 1_000;
/** A sale at a PSP that answers at once. */
export const SALE = {
  amount: AMOUNT,
  stripe: 'ok',
  adyen: undefined,
  first: 'stripe',
  capture: 'automatic',
  merchant: 'forgets it',
  buyer: 'stays away',
} as const;
/** The same where results may be told later. */
export const AT_ADYEN = { ...SALE, stripe: undefined, adyen: 'ok', first: 'adyen' } as const;
