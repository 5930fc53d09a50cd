import type { NotSentReason } from '@tender/domain';

/** The layout that new attempts are recorded with; that of their operations has the same number. */
export const REQUEST_VERSION = 1;

/** Adyen docs, "API idempotency". */
export const MAX_KEY_LENGTH = 64;

/** What a merchant account adds to every request. */
export interface AccountSettings {
  readonly merchantAccount: string;
  /** For payments that name none: Adyen demands one. A re-send is the same bytes only while this stays the same. */
  readonly returnUrl: string;
}

/** Why a request cannot be made: nothing was sent. */
export type Unbuilt =
  | { readonly kind: 'currency_not_supported' }
  | { readonly kind: 'not_possible'; readonly detail: string };

export type Built<Params> = { readonly kind: 'built'; readonly params: Params } | Unbuilt;

export const notPossible = (detail: string): Unbuilt => ({ kind: 'not_possible', detail });

/** What holds for every request of ours; null when this one keeps it. */
export function brokenRule(asked: {
  readonly requestVersion: number;
  readonly key: string;
  readonly references: readonly string[];
}): Unbuilt | null {
  if (asked.requestVersion !== REQUEST_VERSION) {
    return notPossible(`request version ${asked.requestVersion} is not known to this build`);
  }
  if (asked.key.length > MAX_KEY_LENGTH) {
    return notPossible(`Adyen takes keys of ${MAX_KEY_LENGTH} characters at most`);
  }
  // the signed fields of a webhook are joined by it: a reference with one could be moved into its neighbours
  return asked.references.some((reference) => reference.includes(':'))
    ? notPossible('a reference must not contain ":"')
    : null;
}

export function notSentFor(
  unbuilt: Unbuilt,
  currency: string,
): { readonly kind: 'not_sent'; readonly why: NotSentReason; readonly detail: string } {
  return unbuilt.kind === 'currency_not_supported'
    ? { kind: 'not_sent', why: 'currency_not_supported', detail: currency }
    : { kind: 'not_sent', why: 'rejected_before_processing', detail: unbuilt.detail };
}
