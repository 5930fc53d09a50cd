import { searchedOn, searchFrom } from '../payment/search';
import type { Refund, RefundState, RefundTry } from './refund';
import { currentTry } from './refund';
import type {
  RefundAttemptStarted,
  RefundEvent,
  RefundEvidenceRecorded,
  RefundInitiated,
} from './refund.events';

export function evolveRefund(state: RefundState, event: RefundEvent, recordedAt: string): RefundState {
  if (event.type === 'RefundInitiated') return initiated(event.data, recordedAt);
  if (state === null) throw new Error(`${event.type} before RefundInitiated`);
  return { ...applied(state, event, recordedAt), updatedAt: recordedAt };
}

type LaterEvent = Exclude<RefundEvent, { type: 'RefundInitiated' }>;

function applied(state: Refund, event: LaterEvent, at: string): Refund {
  switch (event.type) {
    case 'RefundAttemptStarted':
      return { ...state, status: 'started', tries: [...state.tries, started(event.data, at)] };
    case 'RefundAccepted': {
      const { pspReference } = event.data;
      const search = currentTry(state).search ?? searchFrom(at, false);
      const tried = withTry(state, { accepted: true, pspReference, search });
      return { ...tried, status: 'pending', owed: true };
    }
    case 'RefundSucceeded': {
      const { pspReference, occurredAt, rank } = event.data;
      const tried = withTry(state, { pspReference, fact: { occurredAt, rank } });
      return { ...tried, status: 'succeeded', owed: true, returned: false, failure: null };
    }
    case 'RefundFailed': {
      const { pspReference, occurredAt, rank, why, detail, when, reservation } = event.data;
      const known = currentTry(state).pspReference;
      const tried = withTry(state, { pspReference: pspReference ?? known, fact: { occurredAt, rank } });
      return {
        ...tried,
        status: 'failed',
        owed: reservation === 'kept',
        returned: state.returned || when === 'after_debit',
        failure: { why, detail, occurredAt },
      };
    }
    case 'RefundOutcomeUnknown': {
      const { why, pspReference, keyBurnt } = event.data;
      const known = currentTry(state).pspReference;
      const search = searchFrom(at, keyBurnt);
      const tried = withTry(state, { search, pspReference: pspReference ?? known });
      return { ...tried, status: why === 'not_sent' ? 'pending' : 'outcome_unknown' };
    }
    case 'RefundEvidenceRecorded':
      return withEvidence(state, event.data, at);
    case 'RefundReissued': {
      // the new try begins in the same append
      const { requestId, number } = event.data;
      return { ...state, retries: [...state.retries, { requestId, number }] };
    }
    case 'RefundResolved': {
      const { requestId, fingerprint } = event.data;
      return { ...state, resolutions: [...state.resolutions, { requestId, fingerprint }] };
    }
    case 'RefundAbandoned':
      return { ...state, status: 'abandoned', owed: false, returned: false };
  }
}

function initiated(data: RefundInitiated, at: string): Refund {
  return {
    id: data.refundId,
    paymentId: data.paymentId,
    merchant: data.merchant,
    fingerprint: data.fingerprint,
    representation: data.representation,
    status: 'started',
    amountMinor: data.amountMinor,
    currency: data.currency,
    psp: data.psp,
    attemptId: data.attemptId,
    paymentReference: data.pspReference,
    captureReference: data.captureReference,
    requestVersion: data.requestVersion,
    freeText: data.freeText,
    owed: false,
    returned: false,
    failure: null,
    tries: [],
    givenTwice: [],
    retries: [],
    resolutions: [],
    createdAt: at,
    updatedAt: at,
  };
}

const started = ({ number, operationId }: RefundAttemptStarted, at: string): RefundTry => ({
  number,
  operationId,
  pspReference: null,
  accepted: false,
  fact: null,
  startedAt: at,
  search: null,
});

function withEvidence(state: Refund, data: RefundEvidenceRecorded, at: string): Refund {
  const { number, answer, pspReference } = data;
  if (answer === 'given_twice') return { ...state, givenTwice: [...state.givenTwice, number] };
  const { search, pspReference: known } = currentTry(state);
  if (search === null) return state;
  return withTry(state, {
    search: searchedOn(search, { ...data, answer }, at),
    pspReference: pspReference ?? known,
  });
}

const withTry = (state: Refund, change: Partial<RefundTry>): Refund => ({
  ...state,
  tries: state.tries.map((one, at) => (at === state.tries.length - 1 ? { ...one, ...change } : one)),
});
