import { ModificationsApi } from '@adyen/api-library/lib/src/services/checkout/modificationsApi';
import type { OperationOutcome, OperationRequest } from '@tender/domain';
import type { AdyenAccount } from './adyen-account';
import { readModificationReply } from './modification-reply';
import { operationOutcomeOf } from './operation-outcome';
import type { AccountSettings, Unbuilt } from './request-rules';
import { brokenRule, notSentFor } from './request-rules';

/** A request to Adyen's Modifications API, complete but for its key; or why there can be none. */
export type BuiltOperation =
  | {
      readonly kind: 'built';
      send(api: ModificationsApi, keyed: { readonly idempotencyKey: string }): Promise<unknown>;
    }
  | Unbuilt;

/**
 * How a kind of operation is asked for. As with payments: built from the recorded operation alone, by a layout that is
 * never edited once it has been deployed.
 */
export type OperationLayout = (request: OperationRequest, account: AccountSettings) => BuiltOperation;

/**
 * The operation's id is the key and also the reference that Adyen's webhook repeats, so that the result leads back to
 * the operation even when the answer was lost.
 */
export const operationBy =
  (layout: OperationLayout) =>
  (account: AdyenAccount) =>
  async (request: OperationRequest): Promise<OperationOutcome> => {
    const { requestVersion, operationId: key, attemptId, currency } = request;
    const built =
      brokenRule({ requestVersion, key, references: [key, attemptId] }) ?? layout(request, account);
    if (built.kind !== 'built') return notSentFor(built, currency);
    const end = await account.call((client) =>
      built.send(new ModificationsApi(client), { idempotencyKey: key }),
    );
    return operationOutcomeOf(readModificationReply(end), request, account.nowMs);
  };
