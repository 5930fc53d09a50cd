import type {
  AuthorizeRequest,
  CompleteActionRequest,
  OperationRequest,
  RefundRequest,
} from '@tender/domain';
import * as fc from 'fast-check';
import { createAdyenGateway, type AdyenGateway } from './adyen.gateway';
import { MODIFICATION_VALIDATION_CODES } from './operation-table';
import type { ErrorReply, FailedReply } from './reply';
import type { ReplyPattern } from './reply-table';

/** Loading the SDK's models at the first call may take a busy machine a second. */
export const PATIENT_MS = 10_000;

export const gatewayAt = (
  baseUrl: string,
  changes: Partial<Parameters<typeof createAdyenGateway>[0]> = {},
): AdyenGateway =>
  createAdyenGateway({
    apiKey: 'AQE',
    merchantAccount: 'TenderECOM',
    baseUrl,
    callTimeoutMs: PATIENT_MS,
    returnUrl: 'https://pay.example/return',
    ...changes,
  });

export const REQUEST: AuthorizeRequest = {
  requestVersion: 1,
  attemptId: 'att_1',
  paymentId: 'pay_1',
  idempotencyKey: 'att_1-authorize-1',
  amountMinor: 1099n,
  currency: 'USD',
  token: 'adyen_card_ok',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
};

/** What a successful `REQUEST` is answered with, as Adyen writes it. */
export const payment = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  pspReference: 'NC6HT9CRT65ZGN82',
  resultCode: 'Authorised',
  merchantReference: 'att_1',
  amount: { currency: 'USD', value: 1099 },
  paymentMethod: { brand: 'visa', type: 'scheme' },
  additionalData: { authCode: '064231', cardSummary: '1111' },
  ...changes,
});

/** A refusal as the docs show one: no amount and no reference of ours in it. */
export const refusal = (refusalReasonCode: string, refusalReason = 'Refused') => ({
  pspReference: 'KNBFXHZ7KTZG5S82',
  resultCode: 'Refused',
  refusalReason,
  refusalReasonCode,
});

export const ATTEMPT_ID = 'att_486bf88da9ab524e86d8a43de26b416401';

export const OPERATION: OperationRequest = {
  kind: 'capture',
  requestVersion: 1,
  operationId: `${ATTEMPT_ID}-capture-1`,
  attemptId: ATTEMPT_ID,
  paymentId: 'pay_1',
  pspReference: 'NC6HT9CRT65ZGN82',
  amountMinor: 1099n,
  currency: 'USD',
  captured: false,
};

export const REFUND: RefundRequest = {
  requestVersion: 1,
  operationId: 're_0a1b2c3d4e5f50608a90a0b0c0d0e0f0-1',
  refundId: '0a1b2c3d-4e5f-5060-8a90-a0b0c0d0e0f0',
  attemptId: ATTEMPT_ID,
  paymentId: 'pay_1',
  pspReference: 'NC6HT9CRT65ZGN82',
  captureReference: null,
  amountMinor: 1099n,
  currency: 'USD',
  reason: null,
};

export const COMPLETION: CompleteActionRequest = {
  requestVersion: 1,
  attemptId: 'att_1',
  paymentId: 'pay_1',
  idempotencyKey: 'att_1-authorize-2',
  pspReference: 'NC6HT9CRT65ZGN82',
  amountMinor: 1099n,
  currency: 'USD',
  captureMethod: 'automatic',
  result: [{ name: 'redirectResult', value: 'X6XtfGC3!Y' }],
};

/** What `OPERATION` is answered with, as Adyen writes it. */
export const received = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  merchantAccount: 'TenderECOM',
  paymentPspReference: 'NC6HT9CRT65ZGN82',
  pspReference: 'WNS7WQ756L2GWR82',
  reference: OPERATION.operationId,
  status: 'received',
  amount: { currency: 'USD', value: 1099 },
  ...changes,
});

export const error = (changes: Partial<ErrorReply>): ErrorReply => ({
  kind: 'error',
  status: 422,
  errorCode: null,
  errorType: null,
  message: '',
  pspReference: null,
  date: null,
  ...changes,
});

/** The plainest reply that a row of a table is about, where that is no result. */
export function failedReplyLike({
  kind,
  failure = 'lost',
  status = 418,
  errorType,
  errorCode,
}: ReplyPattern): FailedReply {
  const number = status === '5xx' ? 502 : status;
  switch (kind) {
    case 'not_started':
      return { kind };
    case 'transport':
      return { kind, failure, detail: '' };
    case 'unreadable':
      return { kind, status: number, detail: '' };
    case 'error':
      return error({ status: number, errorType: errorType ?? null, errorCode: errorCode ?? null });
    case 'payment':
    case 'modification':
      throw new Error(`a ${kind} is no failed reply`);
  }
}

/** That an error reply proves "not done" in the combinations that Adyen's docs list, and in no other; told without the table. */
export function expectProofsAsListed(verdictOf: (reply: ErrorReply) => { readonly kind: string }): void {
  const codes = [...MODIFICATION_VALIDATION_CODES, '167'];
  fc.assert(
    fc.property(
      fc.oneof(fc.constantFrom(400, 401, 403, 404, 409, 422, 429, 500), fc.integer({ min: 300, max: 599 })),
      fc.constantFrom('validation', 'security', 'configuration', 'internal', null),
      fc.constantFrom('000', '702', '704', '800', '901', ...codes, null),
      (status, errorType, errorCode) => {
        const proves =
          errorCode !== '704' &&
          ((errorType === 'security' && (status === 401 || status === 403)) ||
            (errorType === 'validation' && status === 400 && errorCode === '702') ||
            (errorType === 'validation' && status === 422 && codes.includes(errorCode ?? '')));
        expect(verdictOf(error({ status, errorType, errorCode })).kind !== 'unknown').toBe(proves);
      },
    ),
    { numRuns: 2_000 },
  );
}
