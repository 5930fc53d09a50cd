import type { Money } from '../money/money';
import type { PspName } from './outcome';
import { PSP_NAMES } from './outcome';
import { preferenceByRules, type Preference, type RoutedPayment, type RoutingRule } from './routing-rules';
import type { PspTokens } from './tokens';

/** What a merchant may ask for: one PSP and no other, or an order of preference. */
export type RoutingWish =
  | { readonly kind: 'pinned'; readonly psp: PspName }
  | { readonly kind: 'order'; readonly psps: readonly PspName[] };

export interface RoutingRequest extends RoutedPayment {
  readonly tokens: PspTokens;
  readonly wish: RoutingWish | null;
}

/** What the policy knows of a PSP besides the payment. */
export interface PspFacts {
  /** The gateway's request layout that new attempts are recorded with. */
  readonly requestVersion: number;
  /** Whether the PSP can be asked for exactly this amount in this currency. */
  accepts(money: Money): boolean;
}

/** A PSP that may be asked, and why it stands where it stands; recorded on `AttemptStarted`. */
export interface RouteCandidate {
  readonly psp: PspName;
  readonly token: string;
  readonly requestVersion: number;
  readonly reason: string;
}

export type RoutingRefusal = 'no_usable_payment_method' | 'currency_not_supported';

/** Whether a PSP is well, as far as the caller knows. Who knows nothing says nothing, and the PSP counts as healthy. */
export type PspHealth = 'healthy' | 'circuit_open';

export interface RoutingPolicy {
  readonly rules: readonly RoutingRule[];
  readonly health?: Readonly<Partial<Record<PspName, PspHealth>>>;
}

/** The order of preference where nobody asked for another. */
const DEFAULT_ORDER: readonly PspName[] = PSP_NAMES;

/**
 * The PSPs that may be asked for a payment, best first. Pure: the same payment, facts and policy always give the same
 * route, so a recorded reason can be checked later.
 */
export function route(
  request: RoutingRequest,
  facts: Readonly<Partial<Record<PspName, PspFacts>>>,
  policy: RoutingPolicy,
): { readonly candidates: readonly RouteCandidate[] } | { readonly refusal: RoutingRefusal } {
  const withToken = preferenceFor(request, policy).flatMap(({ psp, reason }) => {
    const token = request.tokens[psp];
    const requestVersion = facts[psp]?.requestVersion;
    if (token === undefined || requestVersion === undefined) return [];
    return [{ psp, token, requestVersion, reason }];
  });
  if (withToken.length === 0) return { refusal: 'no_usable_payment_method' };
  const candidates = withToken.filter(({ psp }) => facts[psp]?.accepts(request) === true);
  return candidates.length === 0 ? { refusal: 'currency_not_supported' } : { candidates };
}

/** A merchant's wish is kept as it is: whoever pins a PSP that is down has pinned it. */
function preferenceFor(request: RoutingRequest, { rules, health = {} }: RoutingPolicy): Preference {
  const { wish } = request;
  if (wish?.kind === 'pinned') return [{ psp: wish.psp, reason: 'pinned by the merchant' }];
  if (wish?.kind === 'order')
    return [...new Set(wish.psps)].map((psp) => ({ psp, reason: 'order given by the merchant' }));
  const preference =
    preferenceByRules(rules, request) ?? DEFAULT_ORDER.map((psp) => ({ psp, reason: 'default order' }));
  const isDown = ({ psp }: { readonly psp: PspName }): boolean => health[psp] === 'circuit_open';
  return [
    ...preference.filter((each) => !isDown(each)),
    // behind, not out: when everybody is down, somebody has to be asked
    ...preference
      .filter(isDown)
      .map(({ psp, reason }) => ({ psp, reason: `${reason}, behind: circuit open` })),
  ];
}
