import type { Attempt, Operation, Payment } from '@tender/domain';
import { ACTION_WITHIN_MS, AUTHORIZATION_HELD_FOR_MS, isOpenOperation } from '@tender/domain';

/**
 * Why a payment cannot go on by itself: somebody has to find out how an attempt or an operation stands, the buyer has
 * to act, or the merchant has to capture while the PSP still holds the money.
 */
export type OpenFlowKind = 'outcome_unknown' | 'operation_open' | 'requires_action' | 'requires_capture';

/** Part of a payment's document while it waits; absent otherwise. */
export interface OpenFlow {
  /**
   * When somebody has to look, RFC 3339, then a blank and the payment's id: one text that the sparse index holds, so
   * that it holds the open ones only, and in the order of time.
   */
  readonly due: string;
  readonly paymentId: string;
  /** The attempt or the operation that waits. */
  readonly subject: string;
  readonly kind: OpenFlowKind;
  /** When the subject came into this kind, RFC 3339. */
  readonly since: string;
  /** Steps of the search for evidence taken so far. */
  readonly tries: number;
}

interface Waiting {
  readonly subject: string;
  readonly kind: OpenFlowKind;
  readonly tries: number;
  /** From the beginning of the wait until somebody has to look, ms. */
  readonly patienceMs: number;
}

/**
 * The open flow after one event. Folded event by event, since `since` is the time of the event that opened it: derived
 * from the final state alone it would depend on where a batch happened to end.
 */
export function evolveOpenFlow(
  before: OpenFlow | undefined,
  payment: Payment,
  recordedAt: string,
): OpenFlow | undefined {
  const waiting = waitingIn(payment);
  if (waiting === undefined) return undefined;
  const { subject, kind, tries, patienceMs } = waiting;
  if (before?.subject === subject && before.kind === kind) {
    return before.tries === tries ? before : { ...before, tries };
  }
  const dueMs = Date.parse(recordedAt) + patienceMs;
  const due = `${new Date(dueMs).toISOString()} ${payment.id}`;
  return { due, paymentId: payment.id, subject, kind, since: recordedAt, tries };
}

/** An operation that is searched for comes before the attempt that it is done to: its end tells about both. */
function waitingIn(payment: Payment): Waiting | undefined {
  const operation = payment.operations.find((one) => isOpenOperation(one) && one.search !== null);
  if (operation !== undefined) return found('operation_open', operation);
  // an attempt is live only as the last one: another is started after proof about the one before
  const attempt = payment.attempts.at(-1);
  switch (attempt?.status) {
    case 'outcome_unknown':
      return found('outcome_unknown', attempt);
    case 'requires_action':
      return found('requires_action', attempt, ACTION_WITHIN_MS);
    case 'authorized':
      return payment.status === 'requires_capture'
        ? found('requires_capture', attempt, AUTHORIZATION_HELD_FOR_MS[attempt.psp])
        : undefined;
    default:
      return undefined;
  }
}

const found = (kind: OpenFlowKind, { id, search }: Attempt | Operation, patienceMs = 0): Waiting => ({
  subject: id,
  kind,
  tries: search?.tries ?? 0,
  patienceMs,
});
