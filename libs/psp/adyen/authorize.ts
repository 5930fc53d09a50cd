import { PaymentsApi } from '@adyen/api-library/lib/src/services/checkout/paymentsApi';
import type { PspGateway } from '@tender/domain';
import type { AdyenAccount } from './adyen-account';
import { buildAuthorizeRequest } from './authorize-request';
import { outcomeOf } from './outcome';
import { readPaymentReply } from './payment-reply';
import { notSentFor } from './request-rules';

/** `POST /payments` */
export const authorizeWith =
  (account: AdyenAccount): PspGateway['authorize'] =>
  async (request) => {
    const built = buildAuthorizeRequest(request, account);
    if (built.kind !== 'built') return notSentFor(built, request.currency);
    const { idempotencyKey } = request;
    const end = await account.call((client) =>
      new PaymentsApi(client).payments(built.params, { idempotencyKey }),
    );
    return outcomeOf(readPaymentReply(end), request, account.nowMs);
  };
