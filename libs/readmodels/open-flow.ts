import type { Payment } from '@tender/domain';

/** Why a payment cannot go on by itself: somebody has to find out, or the buyer has to act. */
export type OpenFlowKind = 'outcome_unknown' | 'requires_action';

/** Part of a payment's document while one of its attempts waits; absent otherwise. */
export interface OpenFlow {
  /** The document's own id again: what the sparse index holds, so that it holds the open ones only. */
  readonly paymentId: string;
  readonly attemptId: string;
  readonly kind: OpenFlowKind;
  /** When this attempt came into this kind, RFC 3339. */
  readonly since: string;
  /** Steps of the search for evidence taken so far. */
  readonly tries: number;
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
  // an attempt is live only as the last one: another is started after proof about the one before
  const attempt = payment.attempts.at(-1);
  if (attempt?.status !== 'outcome_unknown' && attempt?.status !== 'requires_action') return undefined;
  const tries = attempt.search?.tries ?? 0;
  if (before?.attemptId !== attempt.id || before.kind !== attempt.status) {
    return { paymentId: payment.id, attemptId: attempt.id, kind: attempt.status, since: recordedAt, tries };
  }
  return before.tries === tries ? before : { ...before, tries };
}
