import {
  findRefund,
  type Payment,
  paymentIdOf,
  refundIdOf,
  requestIdOf,
  RESULT_RANK,
  spokenForMinor,
  uuidOf,
} from '@tender/domain';
import type { Auditor } from '@tender/testing';
import type { ProblemJson } from '../stack/api-client';
import type { Heard } from './asking';
import { MERCHANT } from './evidence';

export interface AnswerCounts {
  /** Refunds, by their keys, that were refused since there was not so much left. */
  readonly exceeding: number;
  /** … since a bank had the money. */
  readonly disputed: number;
}

/** Whatever a valid request may be answered with besides a result: nothing happened, or nobody can say yet. */
const NO_RESULT = new Set([409, 429, 503]);

interface ResultJson {
  readonly id: string;
  readonly revision: number;
}

/** Holds every answer that anybody got against what is recorded, and against the other answers under its key. */
export function auditAnswers(auditor: Auditor, heard: readonly Heard[]): AnswerCounts {
  const refused = new Map<string, Heard>();
  const changes = new Map<string, string>();
  for (const one of heard) {
    const { request, status, text } = one;
    if (NO_RESULT.has(status)) continue;
    const { kind } = request.about;
    if (kind === 'retry' || kind === 'abandon') auditChange(auditor, one, changes);
    else if (status === 422 && codeOf(text) !== 'idempotency_key_reused') {
      if (kind === 'refund') refused.set(`${request.path} ${request.key}`, one);
      else if (kind === 'payment') unexpected(auditor, one);
    } else auditResult(auditor, one);
  }
  const codes = [...refused.values()].map((one) => auditRefusal(auditor, one));
  const countOf = (code: string): number => codes.filter((one) => one === code).length;
  return { exceeding: countOf('amount_exceeds_captured'), disputed: countOf('payment_disputed') };
}

const codeOf = (text: string): string => (JSON.parse(text) as ProblemJson).code;

function unexpected(auditor: Auditor, { request, status, text }: Heard): void {
  auditor.violated('key_of_another_body', `${request.path} ${request.key}`, `answered ${status}: ${text}`);
}

/** What a request names, by its key, as the API derives it. */
function nameOf({ request: { about, key } }: Heard): { paymentId: string; requestId: string | null } {
  switch (about.kind) {
    case 'capture':
      return { paymentId: about.paymentId, requestId: requestIdOf(about.paymentId, 'capture', key) };
    case 'refund':
      return { paymentId: about.paymentId, requestId: refundIdOf(MERCHANT, about.paymentId, key) };
    case 'payment':
    case 'retry':
    case 'abandon':
      return { paymentId: paymentIdOf(MERCHANT, key), requestId: null };
  }
}

function auditResult(auditor: Auditor, one: Heard): void {
  const { request, fingerprint, status, text } = one;
  const { paymentId, requestId } = nameOf(one);
  const named = { keyName: `${request.path} ${request.key}`, paymentId, fingerprint, requestId };
  if (status === 422) {
    auditor.answered({ ...named, told: { kind: 'key_reused' } });
    return;
  }
  const isRefund = request.about.kind === 'refund';
  const settledStatus = request.about.kind === 'capture' ? 200 : 201;
  if (status !== settledStatus && status !== 202) {
    unexpected(auditor, one);
    return;
  }
  const result = JSON.parse(text) as ResultJson;
  if (isRefund) auditor.refunds.answered(uuidOf('re', result.id) ?? result.id, BigInt(result.revision));
  auditor.answered({
    ...named,
    paymentId: isRefund ? paymentId : (uuidOf('pay', result.id) ?? result.id),
    told: {
      kind: 'payment',
      payment: result,
      // a refund has a stream and revisions of its own
      revision: isRefund ? 0n : BigInt(result.revision),
      settled: status === settledStatus ? text : undefined,
    },
  });
}

/** Of a refund that failed: what was told of the same try again is told again. */
function auditChange(auditor: Auditor, one: Heard, told: Map<string, string>): void {
  const { request, status, text } = one;
  if (status === 422) return;
  if (status !== 200 && status !== 202) {
    unexpected(auditor, one);
    return;
  }
  const { id, revision } = JSON.parse(text) as ResultJson;
  auditor.refunds.answered(uuidOf('re', id) ?? id, BigInt(revision));
  if (status !== 200 || request.about.kind !== 'retry') return;
  const name = `${request.path} ${request.key}`;
  const before = told.get(name) ?? text;
  told.set(name, before);
  if (before !== text) auditor.violated('same_key_same_outcome', id, `${before} became ${text}`);
}

/**
 * A refund that was refused is nowhere, and there was a reason: as nothing comes back to a payment by itself, what was too
 * much then is too much at the end.
 *
 * @returns the code of the refusal
 */
function auditRefusal(auditor: Auditor, one: Heard): string {
  const { paymentId, requestId } = nameOf(one);
  const code = codeOf(one.text);
  const payment = auditor.stateOf(paymentId);
  // refused, and granted when it was asked again later: something had come back meanwhile
  if (payment === null || findRefund(payment, requestId ?? '') !== undefined) return code;
  const { amount } = one.request.body;
  const leftMinor = payment.capturedMinor - spokenForMinor(payment);
  const wantedMinor = typeof amount === 'number' ? BigInt(amount) : 1n;
  if (code === 'amount_exceeds_captured' && hasOnlyGiven(payment) && wantedMinor <= leftMinor) {
    const detail = `${wantedMinor} refused with ${leftMinor} left`;
    auditor.violated('refunds_within_captured', paymentId, detail);
  }
  if (code === 'payment_disputed' && payment.disputes.length === 0)
    auditor.violated('disputes_agree', paymentId, 'refused a refund for a dispute that is not there');
  return code;
}

/** Whether what is left of it has never grown. */
const hasOnlyGiven = ({ refunds, disputes, captures }: Payment): boolean =>
  disputes.length === 0 &&
  captures.length <= 1 &&
  captures.every(({ reversed, rank }) => !reversed && rank <= RESULT_RANK) &&
  refunds.every(
    ({ standing }) => standing === 'settled' || standing === 'reserved' || standing === 'returned',
  );
