import type { Money } from '../money/money';
import type { PspName } from './outcome';
import { PSP_NAMES } from './outcome';
import type { PspTokens } from './tokens';

/** What a merchant may ask for: one PSP and no other, or an order of preference. */
export type RoutingWish =
  | { readonly kind: 'pinned'; readonly psp: PspName }
  | { readonly kind: 'order'; readonly psps: readonly PspName[] };

export interface RoutingRequest extends Money {
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

/** The order of preference where nobody asked for another. */
const DEFAULT_ORDER: readonly PspName[] = PSP_NAMES;

/**
 * The PSPs that may be asked for a payment, best first. Pure: the same payment and facts always give the same
 * route, so a recorded reason can be checked later.
 */
export function route(
  request: RoutingRequest,
  facts: Readonly<Partial<Record<PspName, PspFacts>>>,
): { readonly candidates: readonly RouteCandidate[] } | { readonly refusal: RoutingRefusal } {
  const wanted = wantedOrder(request.wish);
  const withToken = wanted.order.flatMap((psp) => {
    const token = request.tokens[psp];
    const requestVersion = facts[psp]?.requestVersion;
    if (token === undefined || requestVersion === undefined) return [];
    return [{ psp, token, requestVersion, reason: wanted.reason }];
  });
  if (withToken.length === 0) return { refusal: 'no_usable_payment_method' };
  const candidates = withToken.filter(({ psp }) => facts[psp]?.accepts(request) === true);
  return candidates.length === 0 ? { refusal: 'currency_not_supported' } : { candidates };
}

function wantedOrder(wish: RoutingWish | null): { order: readonly PspName[]; reason: string } {
  if (wish === null) return { order: DEFAULT_ORDER, reason: 'default order' };
  if (wish.kind === 'pinned') return { order: [wish.psp], reason: 'pinned by the merchant' };
  return { order: [...new Set(wish.psps)], reason: 'order given by the merchant' };
}
