import type { OperationFailure, OperationKind, OperationOutcome, PaymentCommand } from '@tender/domain';
import { RESULT_RANK } from '@tender/domain';
import { SAMPLE_ATTEMPT_ID } from './payment-samples';

/** The n-th operation of its kind on the sample attempt. */
export const sampleOperationId = (kind: OperationKind, ordinal = 1): string =>
  `${SAMPLE_ATTEMPT_ID}-${kind}-${ordinal}`;

export const requestCapture = (
  amountMinor: bigint | null = null,
  requestId = 'capture-request',
  fingerprint = 'body',
): PaymentCommand => ({ type: 'RequestCapture', data: { requestId, fingerprint, amountMinor } });

export const requestCancel = (requestId = 'cancel-request', fingerprint = 'body'): PaymentCommand => ({
  type: 'RequestCancel',
  data: { requestId, fingerprint, reason: null },
});

export const returnFromAction: PaymentCommand = {
  type: 'ReturnFromAction',
  data: { attemptId: SAMPLE_ATTEMPT_ID, result: [{ name: 'redirectResult', value: 'X6XtfGC3' }] },
};

/** Long after everything, far past any settling time, unless told otherwise. */
const LATE = '2026-03-01T13:00:00.000Z';

export const operationReply = (
  operationId: string,
  outcome: OperationOutcome,
  heardAt = LATE,
): PaymentCommand => ({
  type: 'RecordOperationOutcome',
  data: { operationId, outcome, heardAt, settlesAfterMs: 90_000 },
});

export const operationNews = (
  operation: OperationKind,
  outcome: OperationOutcome,
  pspReference: string | null = null,
  rank = RESULT_RANK,
  paymentReference: string | null = null,
): PaymentCommand => ({
  type: 'RecordOperationNews',
  data: {
    attemptId: SAMPLE_ATTEMPT_ID,
    operation,
    pspReference,
    paymentReference,
    outcome,
    rank,
    heardAt: LATE,
    settlesAfterMs: 90_000,
  },
});

/** What an operator found out, long after every key was forgotten. */
export const operatorsWord = (
  operationId: string,
  isDone: boolean,
  { requestId = `word about ${operationId}`, fingerprint = 'body', toldAt = '2026-06-01T12:00:00.000Z' } = {},
): PaymentCommand => {
  const freeText = { by: 'R. Jansen', evidence: 'Customer Area' };
  const word = { operationId, requestId, fingerprint, toldAt, occurredAt: null, freeText };
  return {
    type: 'ResolveOperation',
    data: isDone
      ? { ...word, found: 'done', pspReference: 'seen_1' }
      : { ...word, found: 'not_done', pspReference: null },
  };
};

export const done = (amountMinor: bigint | null = 1099n, pspReference = 'ref_1'): OperationOutcome => ({
  kind: 'succeeded',
  pspReference,
  amountMinor,
  occurredAt: '2026-03-01T12:00:02.000Z',
});

export const refused = (why: OperationFailure, pspReference: string | null = null): OperationOutcome => ({
  kind: 'failed',
  why,
  detail: '',
  pspReference,
  occurredAt: '2026-03-01T12:00:02.000Z',
});
