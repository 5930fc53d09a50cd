import type { RefundJson } from '@tender/domain';
import { publicId, representRefund } from '@tender/domain';
import { RETRY_AFTER_S } from '../config/limits';
import { Problem, PROBLEM_OF_REFUSAL } from '../http/problem';
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
  switch (answer.kind) {
    case 'refund': {
      const { at, settled, replayed } = answer;
      const location = `/v1/refunds/${publicId('re', at.refund.id)}`;
      return {
        status: settled ? settledStatus : 202,
        headers: { location, ...(replayed ? { [REPLAYED_HEADER]: 'true' } : {}) },
        body: representRefund(at.refund, at.revision),
      };
    }
    case 'not_found':
      throw new Problem('not_found');
    case 'refused':
      throw new Problem(PROBLEM_OF_REFUSAL[answer.code]);
    case 'unconfirmed':
      throw new Problem('unavailable', {
        detail:
          'The event store did not confirm the request in time. Recorded or not, it may be sent again with the same key safely.',
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    case 'conflict':
      throw new Problem('conflict', {
        detail: 'Other requests kept writing here. The same request may be sent again.',
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
  }
}
