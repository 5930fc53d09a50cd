import type { PspName } from './outcome';

/** A PSP's token of a payment method, by PSP. */
export type PspTokens = Readonly<Partial<Record<PspName, string>>>;

/** Our naming of tokens: Stripe's own `pm_…`; Adyen's stored payment method ids carry our prefix. */
const PREFIX_OF: Readonly<Record<PspName, string>> = { stripe: 'pm_', adyen: 'adyen_' };

/** The PSP that issued a bare token, by its prefix, or undefined when nobody we know did. */
export function pspOfToken(token: string): PspName | undefined {
  return (Object.keys(PREFIX_OF) as PspName[]).find((psp) => token.startsWith(PREFIX_OF[psp]));
}

/** A bare token stands for a set of one. */
export function tokensOf(paymentMethod: string | PspTokens): PspTokens {
  if (typeof paymentMethod !== 'string') return paymentMethod;
  const psp = pspOfToken(paymentMethod);
  return psp === undefined ? {} : { [psp]: paymentMethod };
}
