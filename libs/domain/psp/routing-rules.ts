import type { Money } from '../money/money';
import type { PspName } from './outcome';

/** What rules look at. */
export interface RoutedPayment extends Money {
  readonly merchant: string;
  /** As PSPs write it: `visa`, `mc`, `amex`. Null while nobody has said it: then a rule by brand does not apply. */
  readonly cardBrand: string | null;
  /** The payment's own place in [0, 1): by it, and not by chance, weights decide. */
  readonly share: number;
}

/** Every condition that is given has to hold; a rule without conditions is for every payment. */
export interface RoutingConditions {
  readonly merchants?: readonly string[];
  readonly currencies?: readonly string[];
  /** Bounds in minor units, both included; with them, the currencies are named. */
  readonly amountFromMinor?: bigint;
  readonly amountToMinor?: bigint;
  readonly cardBrands?: readonly string[];
}

export interface WeightedPsp {
  readonly psp: PspName;
  /** Of all payments under the rule, so many parts go here first; with 0 it is only asked after the others. */
  readonly weight: number;
}

export interface RoutingRule {
  /** Recorded with every attempt that it led to. */
  readonly name: string;
  readonly when: RoutingConditions;
  /** The PSPs that may be asked, and no others: best first, or by weight. */
  readonly prefer:
    | { readonly kind: 'order'; readonly psps: readonly PspName[] }
    | { readonly kind: 'weights'; readonly weights: readonly WeightedPsp[] };
}

/** PSPs in order, each with the reason for its place. */
export type Preference = readonly { readonly psp: PspName; readonly reason: string }[];

/** The first rule whose conditions hold decides alone. */
export function preferenceByRules(
  rules: readonly RoutingRule[],
  payment: RoutedPayment,
): Preference | undefined {
  const rule = rules.find(({ when }) => applies(when, payment));
  if (rule === undefined) return undefined;
  const { name, prefer } = rule;
  return prefer.kind === 'order'
    ? prefer.psps.map((psp) => ({ psp, reason: `rule ${name}` }))
    : drawn(name, prefer.weights, payment.share);
}

function applies(when: RoutingConditions, payment: RoutedPayment): boolean {
  const { merchants, currencies, amountFromMinor, amountToMinor, cardBrands } = when;
  return (
    (merchants === undefined || merchants.includes(payment.merchant)) &&
    (currencies === undefined || currencies.includes(payment.currency)) &&
    (amountFromMinor === undefined || payment.amountMinor >= amountFromMinor) &&
    (amountToMinor === undefined || payment.amountMinor <= amountToMinor) &&
    (cardBrands === undefined || (payment.cardBrand !== null && cardBrands.includes(payment.cardBrand)))
  );
}

/** The one that the payment's share falls to, then the others, heaviest first. */
function drawn(name: string, weights: readonly WeightedPsp[], share: number): Preference {
  const total = weights.reduce((sum, { weight }) => sum + weight, 0);
  let upTo = 0;
  const first = weights.find(({ weight }) => {
    upTo += weight;
    return share * total < upTo;
  });
  if (first === undefined) throw new Error(`rule ${name} has no weight for the share ${share}`);
  const others = weights.filter((each) => each !== first).sort((a, b) => b.weight - a.weight);
  return [
    { psp: first.psp, reason: `rule ${name}, weight ${first.weight} of ${total}` },
    ...others.map(({ psp }) => ({ psp, reason: `rule ${name}, not drawn` })),
  ];
}

const SHARES = 2 ** 32;

/**
 * A payment's share: the first 32 bits of its id, which are a hash of merchant and key. So a repeated request takes the
 * same route, and over many payments the shares are spread evenly.
 */
export function shareOf(paymentId: string): number {
  const bits = /^([0-9a-f]{8})-/.exec(paymentId)?.[1];
  if (bits === undefined) throw new Error('a payment id is a uuid in lower case');
  return Number.parseInt(bits, 16) / SHARES;
}
