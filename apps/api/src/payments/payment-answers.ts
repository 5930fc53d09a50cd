import { publicId, representPayment } from '@tender/domain';
import type { PaymentJson } from '@tender/domain';
import { RETRY_AFTER_S } from '../config/limits';
import { validationFailed } from '../http/dto-rules';
import { Problem, PROBLEM_OF_REFUSAL } from '../http/problem';
import type { ChangePaymentAnswer } from './change-payment';
import type { CreatePaymentAnswer } from './create-payment';

export interface HttpAnswer {
  readonly status: 200 | 201 | 202;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: PaymentJson;
}

export const REPLAYED_HEADER = 'idempotent-replayed';

/**
 * An answer in HTTP's words.
 *
 * @param settledStatus of the payment at its goal: 201 where the request created it
 * @throws Problem where nothing was recorded by this request, or where it is not known whether it was
 */
export function httpAnswerOf(
  answer: CreatePaymentAnswer | ChangePaymentAnswer,
  settledStatus: 200 | 201,
): HttpAnswer {
  switch (answer.kind) {
    case 'payment': {
      const { at, settled, replayed } = answer;
      const location = `/v1/payments/${publicId('pay', at.payment.id)}`;
      return {
        status: settled ? settledStatus : 202,
        headers: { location, ...(replayed ? { [REPLAYED_HEADER]: 'true' } : {}) },
        body: representPayment(at.payment, at.revision),
      };
    }
    case 'not_found':
      throw new Problem('not_found');
    case 'refused':
      throw new Problem(PROBLEM_OF_REFUSAL[answer.code]);
    case 'amount_too_large':
      throw validationFailed([{ field: 'amount', message: `must be at most ${answer.maxAmountMinor}` }]);
    case 'unconfirmed':
      throw new Problem('unavailable', {
        detail:
          'The event store did not confirm the request in time. Recorded or not, it may be sent again with the same key safely.',
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    case 'conflict':
      throw new Problem('conflict', {
        detail:
          'Other requests about this payment kept writing. Nothing was recorded by this one; it may be sent again.',
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
  }
}
