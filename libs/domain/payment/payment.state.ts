import type { Decline, PspName, RedirectAction } from '../psp/outcome';
import type { RouteCandidate } from '../psp/routing';
import type { PspTokens } from '../psp/tokens';
import type {
  CaptureMethod,
  FreeText,
  PaymentEvent,
  PaymentFailed,
  PaymentInitiated,
} from './payment.events';

export type PaymentStatus =
  | 'processing'
  | 'requires_action'
  | 'requires_capture'
  | 'succeeded'
  | 'failed'
  | 'canceled'
  | 'outcome_unknown';

export type AttemptStatus =
  | 'started'
  | 'requires_action'
  | 'authorized'
  | 'succeeded'
  | 'declined'
  | 'not_sent'
  | 'outcome_unknown'
  | 'voided';

/** One try at one PSP. Times are RFC 3339. */
export interface Attempt {
  readonly id: string;
  readonly number: number;
  readonly psp: PspName;
  readonly status: AttemptStatus;
  readonly reason: string;
  readonly requestVersion: number;
  readonly pspIdempotencyKey: string;
  readonly token: string;
  readonly pspReference: string | null;
  readonly decline: Decline | null;
  readonly startedAt: string;
  readonly finishedAt: string | null;
  /** Present from the first unknown outcome on: how far the ladder has been climbed. */
  readonly search: Search | null;
}

export interface Search {
  readonly since: string;
  /** Rungs climbed so far without proof. */
  readonly tries: number;
  /** Look-ups after the settling time that did not find the attempt. */
  readonly notFound: number;
  /** The last time a request with our key may have left. */
  readonly lastSentAt: string;
  readonly keyBurnt: boolean;
}

/** A payment as its stream tells it. Plain data: it is stored as it is in the status read model. */
export interface Payment {
  readonly id: string;
  readonly merchant: string;
  readonly fingerprint: string;
  readonly representation: number;
  readonly status: PaymentStatus;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly captureMethod: CaptureMethod;
  readonly paymentMethod: string | PspTokens;
  readonly statementDescriptor: string | null;
  readonly returnUrl: string | null;
  readonly candidates: readonly RouteCandidate[];
  readonly freeText: FreeText;
  readonly authorizedMinor: bigint;
  readonly capturedMinor: bigint;
  readonly nextAction: RedirectAction | null;
  readonly failure: PaymentFailed | null;
  readonly attempts: readonly Attempt[];
  /** PSP references of charges found after we had said "not charged". */
  readonly lateSuccesses: readonly string[];
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** `null`: the stream has no event yet. */
export type PaymentState = Payment | null;

/** A payment's outcome is its state at the first status that is neither of these. */
export const hasOutcome = (payment: Payment): boolean =>
  payment.status !== 'processing' && payment.status !== 'outcome_unknown';

/** Whether the attempt may still hold or get a charge that no event has told of. */
export const isOpen = (attempt: Attempt): boolean =>
  attempt.status === 'started' ||
  attempt.status === 'outcome_unknown' ||
  attempt.status === 'requires_action';

export const findAttempt = (payment: Payment, attemptId: string): Attempt | undefined =>
  payment.attempts.find((attempt) => attempt.id === attemptId);

export function evolvePayment(state: PaymentState, event: PaymentEvent, recordedAt: string): PaymentState {
  if (event.type === 'PaymentInitiated') return initiated(event.data, recordedAt);
  if (state === null) throw new Error(`${event.type} before PaymentInitiated`);
  return { ...applied(state, event, recordedAt), updatedAt: recordedAt };
}

type LaterEvent = Exclude<PaymentEvent, { type: 'PaymentInitiated' }>;

function applied(state: Payment, event: LaterEvent, at: string): Payment {
  switch (event.type) {
    case 'AttemptStarted': {
      const { attemptId, number, psp, reason, requestVersion, pspIdempotencyKey, token } = event.data;
      const attempt: Attempt = {
        id: attemptId,
        number,
        psp,
        status: 'started',
        reason,
        requestVersion,
        pspIdempotencyKey,
        token,
        pspReference: null,
        decline: null,
        startedAt: at,
        finishedAt: null,
        search: null,
      };
      return { ...state, status: 'processing', attempts: [...state.attempts, attempt] };
    }
    case 'AttemptActionRequired': {
      const { attemptId, pspReference, action } = event.data;
      return {
        ...withAttempt(state, attemptId, { status: 'requires_action', pspReference }),
        status: 'requires_action',
        nextAction: action,
      };
    }
    case 'AttemptAuthorized': {
      const { attemptId, pspReference, amountMinor } = event.data;
      return {
        ...withAttempt(state, attemptId, { status: 'authorized', pspReference, finishedAt: at }),
        // with automatic capture the money is not ours until PaymentCaptured says so
        status: state.captureMethod === 'manual' ? 'requires_capture' : 'processing',
        authorizedMinor: amountMinor,
        nextAction: null,
      };
    }
    case 'AttemptDeclined': {
      const { attemptId, pspReference, decline } = event.data;
      return {
        ...withAttempt(state, attemptId, { status: 'declined', pspReference, decline, finishedAt: at }),
        status: 'processing',
        nextAction: null,
      };
    }
    case 'AttemptNotSent':
      return {
        ...withAttempt(state, event.data.attemptId, { status: 'not_sent', finishedAt: at }),
        status: 'processing',
        nextAction: null,
      };
    case 'AttemptOutcomeUnknown': {
      const { attemptId, pspReference, keyBurnt } = event.data;
      const search: Search = { since: at, tries: 0, notFound: 0, lastSentAt: at, keyBurnt };
      return {
        ...withAttempt(state, attemptId, { status: 'outcome_unknown', pspReference, search }),
        status: 'outcome_unknown',
        nextAction: null,
      };
    }
    case 'EvidenceRecorded':
      return withEvidence(state, event.data, at);
    case 'PaymentCaptured': {
      const { attemptId, amountMinor } = event.data;
      return {
        ...withAttempt(state, attemptId, { status: 'succeeded' }),
        status: 'succeeded',
        capturedMinor: state.capturedMinor + amountMinor,
      };
    }
    case 'PaymentFailed':
      return { ...state, status: 'failed', failure: event.data };
    case 'LateSuccessFound':
      // the payment stays what its merchant was told; the charge is an open position of its own
      return { ...state, lateSuccesses: [...state.lateSuccesses, event.data.pspReference] };
  }
}

function initiated(data: PaymentInitiated, at: string): Payment {
  return {
    id: data.paymentId,
    merchant: data.merchant,
    fingerprint: data.fingerprint,
    representation: data.representation,
    status: 'processing',
    amountMinor: data.amountMinor,
    currency: data.currency,
    captureMethod: data.captureMethod,
    paymentMethod: data.paymentMethod,
    statementDescriptor: data.statementDescriptor,
    returnUrl: data.returnUrl,
    candidates: data.candidates,
    freeText: data.freeText,
    authorizedMinor: 0n,
    capturedMinor: 0n,
    nextAction: null,
    failure: null,
    attempts: [],
    lateSuccesses: [],
    createdAt: at,
    updatedAt: at,
  };
}

function withAttempt(state: Payment, attemptId: string, change: Partial<Attempt>): Payment {
  return {
    ...state,
    attempts: state.attempts.map((attempt) =>
      attempt.id === attemptId ? { ...attempt, ...change } : attempt,
    ),
  };
}

function withEvidence(
  state: Payment,
  data: Extract<PaymentEvent, { type: 'EvidenceRecorded' }>['data'],
  at: string,
): Payment {
  const attempt = findAttempt(state, data.attemptId);
  if (attempt?.search == null) return state;
  const search: Search = {
    ...attempt.search,
    tries: attempt.search.tries + 1,
    // a request that left after a look-up makes that look-up worthless as proof
    notFound: data.rung === 'same_key' ? 0 : attempt.search.notFound + (data.answer === 'not_found' ? 1 : 0),
    lastSentAt: data.rung === 'same_key' ? at : attempt.search.lastSentAt,
    keyBurnt: attempt.search.keyBurnt || data.keyBurnt,
  };
  return withAttempt(state, attempt.id, { search, pspReference: data.pspReference ?? attempt.pspReference });
}
