import type {
  AuthorizeOutcome,
  IdentifyOutcome,
  LookupOutcome,
  NotSentReason,
  OperationLookupOutcome,
  OperationOutcome,
  PspGateway,
  RefundLookupOutcome,
  RefundOutcome,
  UnknownReason,
} from '@tender/domain';
import type { Health } from './circuit-breaker';

/** Why a call was not made. Nothing has left. */
export type Refusal = Extract<NotSentReason, 'circuit_open' | 'no_permit' | 'rate_limited'>;

/** The calls of the port: everything that asks a PSP something. */
export type PspOperation = {
  [Name in keyof PspGateway]: PspGateway[Name] extends (request: never) => Promise<unknown> ? Name : never;
}[keyof PspGateway];

export type RequestOf<Name extends PspOperation> = Parameters<PspGateway[Name]>[0];
export type OutcomeOf<Name extends PspOperation> = Awaited<ReturnType<PspGateway[Name]>>;

export interface OperationRule<Request, Outcome> {
  /** How "nothing has left" is said in the words of the operation. */
  readonly refused: (why: Refusal) => Outcome;
  readonly healthOf: (outcome: Outcome) => Health;
  /** By which a call is known again when it is repeated; none for a call that is a search in itself. */
  readonly keyOf: (request: Request) => string | undefined;
  /** Whether the outcome leaves a question, so that the same key will come again as a search. */
  readonly isUnresolved: (outcome: Outcome) => boolean;
}

const detailOf: Readonly<Record<Refusal, string>> = {
  circuit_open: 'not called: too many calls failed lately',
  no_permit: 'not called: no permit within the wait',
  rate_limited: 'not called: the rate budget is used up',
};

/**
 * What a reason says about the PSP. Only what is technical counts: a PSP that says no is healthy, and one that asks for
 * fewer requests is asked by the budget, not by the breaker.
 */
export const HEALTH_OF: Readonly<Record<UnknownReason | NotSentReason, Health>> = {
  timeout: 'down',
  connection_lost: 'down',
  connection_refused: 'down',
  server_error: 'down',
  unreadable_reply: 'down',
  key_in_progress: 'neutral',
  key_conflict: 'neutral',
  unlisted_reply: 'neutral',
  amount_mismatch: 'neutral',
  not_captured: 'neutral',
  crashed_before_reply: 'neutral',
  rejected_before_processing: 'neutral',
  rate_limited: 'neutral',
  no_permit: 'neutral',
  circuit_open: 'neutral',
  currency_not_supported: 'neutral',
  expired: 'neutral',
  never_received: 'neutral',
  not_sent: 'neutral',
};

/** The outcomes of what changes something at the PSP. */
type ChangeOutcome = AuthorizeOutcome | OperationOutcome | RefundOutcome;

/** An operation that changes something, under an idempotency key. */
const CHANGE = {
  refused: (why: Refusal) => ({ kind: 'not_sent', why, detail: detailOf[why] }) as const,
  // a replayed old error is an answer: it tells of the day on which it was stored
  healthOf: (outcome: ChangeOutcome): Health => {
    if (outcome.kind !== 'unknown' && outcome.kind !== 'not_sent') return 'up';
    return 'keyBurnt' in outcome && outcome.keyBurnt ? 'neutral' : HEALTH_OF[outcome.why];
  },
  keyOf: ({ idempotencyKey }: { readonly idempotencyKey: string }) => idempotencyKey,
  isUnresolved: ({ kind }: ChangeOutcome) => kind === 'unknown' || kind === 'pending',
};

/** An operation's own id is its key. */
const OPERATION = { ...CHANGE, keyOf: ({ operationId }: { readonly operationId: string }) => operationId };

type Answer = LookupOutcome | OperationLookupOutcome | RefundLookupOutcome | IdentifyOutcome;

/** A question that changes nothing. */
const LOOKUP = {
  refused: (why: Refusal) => ({ kind: 'unavailable', detail: detailOf[why] }) as const,
  healthOf: (outcome: Answer): Health => {
    if (outcome.kind !== 'unavailable') return 'up';
    return outcome.rateLimited === true ? 'neutral' : 'down';
  },
  keyOf: (): string | undefined => undefined,
  isUnresolved: (): boolean => false,
};

/** One line an operation; a new operation of the port does not compile before it has its own. */
export const OPERATION_RULES: {
  readonly [Name in PspOperation]: OperationRule<RequestOf<Name>, OutcomeOf<Name>>;
} = {
  authorize: CHANGE,
  completeAction: CHANGE,
  capture: OPERATION,
  cancel: OPERATION,
  reverse: OPERATION,
  refund: OPERATION,
  lookup: LOOKUP,
  lookupOperation: LOOKUP,
  lookupRefund: LOOKUP,
  identify: LOOKUP,
};

export const PSP_OPERATIONS = Object.keys(OPERATION_RULES) as readonly PspOperation[];
