import { field, integer, text } from './json-fields';
import type { CallEnd } from './one-call-client';
import type { FailedReply } from './reply';
import { readEnd } from './reply';

/** What came back from `/captures`, `/refunds`, `/cancels` or `/reversals`. */
export type ModificationReply =
  | { readonly kind: 'modification'; readonly modification: SeenModification }
  | FailedReply;

/** The part of the answer that we judge by. `null` where Adyen says nothing, or something else than expected. */
export interface SeenModification {
  readonly status: string;
  /** Of the modification. */
  readonly pspReference: string | null;
  /** Ours of the modification. */
  readonly reference: string | null;
  readonly paymentPspReference: string | null;
  /** Ours of the payment, where it was named by that. */
  readonly paymentReference: string | null;
  readonly value: number | null;
  readonly currency: string | null;
}

const HTTP_CREATED = 201;

export const readModificationReply = (end: CallEnd): ModificationReply =>
  readEnd<ModificationReply>(end, (httpStatus, json) => {
    const modification = httpStatus === HTTP_CREATED ? readModification(json) : null;
    return modification === null ? null : { kind: 'modification', modification };
  });

export function readModification(json: unknown): SeenModification | null {
  const status = text(json, 'status');
  if (status === null) return null;
  const amount = field(json, 'amount');
  return {
    status,
    pspReference: text(json, 'pspReference'),
    reference: text(json, 'reference'),
    paymentPspReference: text(json, 'paymentPspReference'),
    paymentReference: text(json, 'paymentReference'),
    value: integer(amount, 'value'),
    currency: text(amount, 'currency'),
  };
}
