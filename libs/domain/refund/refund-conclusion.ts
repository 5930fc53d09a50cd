import { refundReferenceOf } from '../kernel/ids';
import type { EvidenceRung } from '../payment/payment.events';
import type { RefundOutcome } from '../psp/outcome';
import type { Refund } from './refund';
import { currentTry, pspReasonOf } from './refund';
import type { RefundEvent, RefundEvidenceRecorded, RefundOutcomeUnknown } from './refund.events';

type Started = Pick<
  Refund,
  | 'id'
  | 'amountMinor'
  | 'currency'
  | 'psp'
  | 'attemptId'
  | 'paymentReference'
  | 'captureReference'
  | 'requestVersion'
  | 'freeText'
>;

const given = ({ id: refundId, amountMinor, currency }: Pick<Refund, 'id' | 'amountMinor' | 'currency'>) => ({
  refundId,
  amountMinor,
  currency,
});

/** The event that a try begins with; `number` counts from 1. */
export function attemptStarted(refund: Started, number: number): RefundEvent {
  const { psp, attemptId, paymentReference: pspReference, captureReference, requestVersion } = refund;
  return {
    type: 'RefundAttemptStarted',
    data: {
      ...given(refund),
      number,
      operationId: refundReferenceOf(refund.id, number),
      psp,
      attemptId,
      pspReference,
      captureReference,
      requestVersion,
      reason: pspReasonOf(refund.freeText),
    },
  };
}

export function accepted(refund: Refund, pspReference: string, occurredAt: string): RefundEvent {
  const { number } = currentTry(refund);
  return {
    type: 'RefundAccepted',
    data: { ...given(refund), number, pspReference, first: !refund.owed, occurredAt },
  };
}

/**
 * What a PSP has failed under a name of its own, it had accepted, whether we heard that or not: so it is owed. And another
 * try of what is owed was on its way, if money came back of it: the PSP's record shows both.
 */
function acceptedFirst(
  refund: Refund,
  { debited }: Pick<Extract<RefundOutcome, { kind: 'failed' }>, 'debited'>,
  pspReference: string,
  occurredAt: string,
): readonly RefundEvent[] {
  const isUnheard = debited && !currentTry(refund).accepted && refund.status !== 'succeeded';
  return refund.owed && !isUnheard ? [] : [accepted(refund, pspReference, occurredAt)];
}

export function succeeded(
  refund: Refund,
  { pspReference, occurredAt }: Extract<RefundOutcome, { kind: 'succeeded' }>,
  rank: number,
): readonly RefundEvent[] {
  const { number } = currentTry(refund);
  return [{ type: 'RefundSucceeded', data: { ...given(refund), number, pspReference, occurredAt, rank } }];
}

/** A refusal without a name of the PSP's for the refund was never accepted: then nothing was ever owed by it. */
export function failed(
  refund: Refund,
  outcome: Omit<Extract<RefundOutcome, { kind: 'failed' }>, 'kind'>,
  rank: number,
): readonly RefundEvent[] {
  const { why, detail, pspReference, occurredAt } = outcome;
  const { number } = currentTry(refund);
  const wasDebited = outcome.debited || refund.status === 'succeeded';
  const first = pspReference === null ? [] : acceptedFirst(refund, outcome, pspReference, occurredAt);
  const isOwed = refund.owed || first.length > 0;
  return [
    ...first,
    {
      type: 'RefundFailed',
      data: {
        ...given(refund),
        number,
        when: wasDebited ? 'after_debit' : 'before_debit',
        reservation: isOwed ? 'kept' : 'released',
        why,
        detail,
        pspReference,
        occurredAt,
        rank,
      },
    },
  ];
}

export const unknown = (
  { id: refundId, ...refund }: Refund,
  { why, detail, pspReference, keyBurnt }: Omit<RefundOutcomeUnknown, 'refundId' | 'number'>,
): RefundEvent => ({
  type: 'RefundOutcomeUnknown',
  data: {
    refundId,
    number: currentTry({ id: refundId, ...refund }).number,
    why,
    detail,
    pspReference,
    keyBurnt,
  },
});

export const searched = (
  refund: Refund,
  rung: EvidenceRung,
  answer: RefundEvidenceRecorded['answer'],
  detail: string,
  pspReference: string | null = null,
  keyBurnt = false,
): RefundEvent => ({
  type: 'RefundEvidenceRecorded',
  data: {
    refundId: refund.id,
    number: currentTry(refund).number,
    rung,
    answer,
    detail,
    pspReference,
    keyBurnt,
  },
});

export const givenTwice = ({ id: refundId }: Refund, number: number, pspReference: string): RefundEvent => ({
  type: 'RefundEvidenceRecorded',
  data: {
    refundId,
    number,
    rung: 'webhook',
    answer: 'given_twice',
    detail: 'an earlier try was paid out',
    pspReference,
    keyBurnt: false,
  },
});

export const reissued = (refund: Refund, number: number, requestId: string): RefundEvent => ({
  type: 'RefundReissued',
  data: { ...given(refund), number, requestId },
});

export const abandoned = (refund: Refund, reason: string | null): RefundEvent => ({
  type: 'RefundAbandoned',
  data: { ...given(refund), reason },
});
