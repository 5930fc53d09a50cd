import type { Payment } from '@tender/domain';

/** Part of a payment's document once it was disputed; absent otherwise. */
export interface Disputed {
  readonly merchant: string;
  /**
   * When it was disputed last, RFC 3339, then a blank and the payment's id: one text that the sparse index holds, so that
   * it holds disputed payments only, and in the order of time.
   */
  readonly place: string;
}

export function disputedOf({ id, merchant, disputes }: Payment): Disputed | undefined {
  const last = disputes.at(-1);
  return last === undefined ? undefined : { merchant, place: `${last.createdAt} ${id}` };
}
