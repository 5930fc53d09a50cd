import type { DeclineCategory } from './outcome';

const DAY_MS = 24 * 3_600_000;

/** What a card scheme forbids after declines; to go on regardless costs fees for each further try. */
export interface SchemeLimit {
  /** The scheme as PSPs write it. */
  readonly brands: readonly string[];
  /** Tries after the first one, within a time. */
  readonly reattempts?: { readonly atMost: number; readonly withinMs: number };
  /** Advice codes of the network that forbid every further try. */
  readonly neverAfterAdvice?: readonly string[];
}

export const SCHEME_LIMITS: readonly SchemeLimit[] = [
  // Visa Core Rules, "Authorization reattempts": at most 20 within 30 days of the first decline
  { brands: ['visa'], reattempts: { atMost: 20, withinMs: 30 * DAY_MS } },
  // Mastercard merchant advice codes: 03 do not try again, 21 the cardholder ended the agreement
  { brands: ['mastercard', 'mc'], neverAfterAdvice: ['03', '21'] },
];

/** Whether Tender may try again by itself. What a buyer has to cure, no other PSP can; a hard no is the same everywhere. */
const BY_ITSELF_AFTER: Readonly<Record<DeclineCategory, boolean>> = {
  soft_decline: true,
  hard_decline: false,
  customer_action: false,
};

/** The limits for a card. While its brand is not known, it may be any: then all of them hold. */
const limitsFor = (cardBrand: string | null): readonly SchemeLimit[] =>
  cardBrand === null ? SCHEME_LIMITS : SCHEME_LIMITS.filter(({ brands }) => brands.includes(cardBrand));

/**
 * The category of a decline, given what the network advised beside it. Here and not later, because only the category is
 * recorded: whoever reads the decline afterwards cannot miss that it is for ever.
 */
export function categoryUnderAdvice(
  category: DeclineCategory,
  networkAdviceCode: string | null,
  cardBrand: string | null = null,
): DeclineCategory {
  const never = limitsFor(cardBrand).some(({ neverAfterAdvice = [] }) =>
    neverAfterAdvice.some((code) => code === networkAdviceCode),
  );
  return never ? 'hard_decline' : category;
}

export interface DeclinedTries {
  /** Of the last decline, under the network's advice. */
  readonly category: DeclineCategory;
  readonly cardBrand: string | null;
  /** When the issuer was asked for this, the first and the last time included, ms since 1970. */
  readonly triedAtMs: readonly number[];
  readonly nowMs: number;
}

export type Reattempt =
  | { readonly kind: 'may' }
  | { readonly kind: 'must_not'; readonly because: 'decline_category' | 'scheme_limit' };

/** Whether the same card may be asked for the same payment once more, at whichever PSP. */
export function mayReattempt({ category, cardBrand, triedAtMs, nowMs }: DeclinedTries): Reattempt {
  if (!BY_ITSELF_AFTER[category]) return { kind: 'must_not', because: 'decline_category' };
  const isOverLimit = limitsFor(cardBrand).some(({ reattempts }) => {
    if (reattempts === undefined) return false;
    const recent = triedAtMs.filter((atMs) => nowMs - atMs < reattempts.withinMs);
    // the first try is no re-attempt, the next one would be: the two make up for each other
    return recent.length > reattempts.atMost;
  });
  return isOverLimit ? { kind: 'must_not', because: 'scheme_limit' } : { kind: 'may' };
}
