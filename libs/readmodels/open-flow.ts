import type { Attempt, DisputeStatus, Operation, Payment } from '@tender/domain';
import {
  dueCancel,
  isOpenOperation,
  overdrawnMinor,
  reversedAgainMs,
  unreturnedCharges,
} from '@tender/domain';

/**
 * Why a payment or a refund cannot go on by itself: somebody has to find out how an attempt, an operation or a refund
 * stands, the buyer has to act, the merchant has to capture while the PSP still holds the money; or a person is needed: for
 * a charge that the PSP would not give back, for more given back than is captured, for a dispute that is not decided, for a
 * refund that failed and is owed still, or that was paid out twice.
 */
export type OpenFlowKind =
  | 'outcome_unknown'
  | 'operation_open'
  | 'refund_open'
  | 'requires_action'
  | 'requires_capture'
  | PersonsFlowKind;

/** What no timer brings on. */
export type PersonsFlowKind =
  | 'charge_not_returned'
  | 'more_than_captured'
  | 'dispute_undecided'
  | 'refund_owed'
  | 'refund_given_twice';

const PERSONS: Readonly<Record<PersonsFlowKind, true>> = {
  charge_not_returned: true,
  more_than_captured: true,
  dispute_undecided: true,
  refund_owed: true,
  refund_given_twice: true,
};

export const PERSONS_FLOW_KINDS = Object.keys(PERSONS) as readonly PersonsFlowKind[];

export const needsPerson = (kind: OpenFlowKind): boolean => Object.hasOwn(PERSONS, kind);

/** Part of the document of a payment or a refund while it waits; absent otherwise. */
export interface OpenFlow {
  /**
   * When somebody has to look, RFC 3339, then a blank and the payment's id: one text that the sparse index holds, so
   * that it holds the open ones only, and in the order of time.
   */
  readonly due: string;
  readonly paymentId: string;
  /** The attempt, the operation, the dispute, the refund or the payment that waits. */
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
  /** When somebody has to look, ms since the epoch; undefined: at once. */
  readonly dueMs: number | undefined;
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
  const { subject, kind, tries } = waiting;
  if (before?.subject === subject && before.kind === kind) {
    return before.tries === tries ? before : { ...before, tries };
  }
  const dueMs = waiting.dueMs ?? Date.parse(recordedAt);
  const due = `${new Date(dueMs).toISOString()} ${payment.id}`;
  return { due, paymentId: payment.id, subject, kind, since: recordedAt, tries };
}

/**
 * The latest attempt comes first, since its end tells most; and before the attempt what is done to it, since its end tells
 * about both. Only where it waits for somebody, a charge that is given back again before that time is over goes ahead of it:
 * what stands behind is not woken, and nobody sees it.
 */
function waitingIn(payment: Payment): Waiting | undefined {
  const attempt = payment.attempts.at(-1);
  const searched = payment.operations.filter((one) => isOpenOperation(one) && one.search !== null);
  const own = searched.find(({ attemptId }) => attemptId === attempt?.id);
  if (own !== undefined) return found('operation_open', own);
  const [other] = searched;
  return (
    sooner(attempt === undefined ? undefined : waitingAttempt(payment, attempt), givenBackAgain(payment)) ??
    (other === undefined ? undefined : found('operation_open', other)) ??
    chargeNotReturned(payment) ??
    moreThanCaptured(payment) ??
    disputeUndecided(payment)
  );
}

function waitingAttempt(payment: Payment, attempt: Attempt): Waiting | undefined {
  const dueMs = dueCancel(payment, attempt)?.atMs;
  if (attempt.status === 'outcome_unknown') return found('outcome_unknown', attempt);
  if (attempt.status === 'requires_action') return found('requires_action', attempt, dueMs);
  return payment.status === 'requires_capture' ? found('requires_capture', attempt, dueMs) : undefined;
}

/** Of an attempt that waits and a charge that is to be given back again, the one that is due first; a search is due now. */
function sooner(attempt: Waiting | undefined, charge: Waiting | undefined): Waiting | undefined {
  const dueMs = attempt?.dueMs;
  const charged = charge?.dueMs;
  return dueMs !== undefined && charged !== undefined && charged < dueMs ? charge : attempt;
}

/**
 * The last try to give a charge back has failed, so its money is held without a sale: another one is made when that is due,
 * and after some of them it is a person's. What comes by itself comes first, since only what stands here is ever woken.
 */
function chargeNotReturned(payment: Payment): Waiting | undefined {
  const [left] = unreturnedCharges(payment);
  return givenBackAgain(payment) ?? (left === undefined ? undefined : found('charge_not_returned', left));
}

/** Of several, the one that is due first. */
function givenBackAgain(payment: Payment): Waiting | undefined {
  const due = unreturnedCharges(payment).flatMap((one) => {
    const dueMs = reversedAgainMs(payment, one);
    return dueMs === undefined ? [] : [{ one, dueMs }];
  });
  const [first] = due.toSorted((a, b) => a.dueMs - b.dueMs);
  return first === undefined ? undefined : found('operation_open', first.one, first.dueMs);
}

const moreThanCaptured = (payment: Payment): Waiting | undefined =>
  overdrawnMinor(payment) > 0n
    ? { subject: payment.id, kind: 'more_than_captured', tries: 0, dueMs: undefined }
    : undefined;

function disputeUndecided({ disputes }: Payment): Waiting | undefined {
  const open = disputes.find(({ status }) => UNDECIDED.has(status));
  return open === undefined
    ? undefined
    : { subject: open.id, kind: 'dispute_undecided', tries: 0, dueMs: undefined };
}

const UNDECIDED: ReadonlySet<DisputeStatus> = new Set(['inquiry', 'open', 'under_review']);

const found = (kind: OpenFlowKind, { id, search }: Attempt | Operation, dueMs?: number): Waiting => ({
  subject: id,
  kind,
  tries: search?.tries ?? 0,
  dueMs,
});
