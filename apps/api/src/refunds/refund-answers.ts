import type { RefundJson } from '@tender/domain';
import { publicId, representRefund } from '@tender/domain';
import { problemOf } from '../http/not-recorded';
import { REPLAYED_HEADER } from '../payments/payment-answers';
import type { RefundAnswer } from './create-refund';

export interface RefundHttpAnswer {
  readonly status: 200 | 201 | 202;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: RefundJson;
}

/**
 * An answer in HTTP's words.
 *
 * @param settledStatus of a refund that a PSP has in hand, or that has ended
 * @throws Problem where nothing was recorded by this request, or where it is not known whether it was
 */
export function refundHttpAnswerOf(answer: RefundAnswer, settledStatus: 200 | 201): RefundHttpAnswer {
  if (answer.kind !== 'refund') throw problemOf(answer);
  const { at, settled, replayed } = answer;
  const location = `/v1/refunds/${publicId('re', at.refund.id)}`;
  return {
    status: settled ? settledStatus : 202,
    headers: { location, ...(replayed ? { [REPLAYED_HEADER]: 'true' } : {}) },
    body: representRefund(at.refund, at.revision),
  };
}
