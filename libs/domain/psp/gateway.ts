import type { AuthorizeOutcome, LookupOutcome, PspName } from './outcome';

/**
 * Everything an authorisation is built from, as recorded on `AttemptStarted`. A re-send, even by a later
 * deploy, must give the same bytes as the first send: so nothing else may enter the request.
 */
export interface AuthorizeRequest {
  /** Which layout of the PSP request this is; a gateway keeps every version it has ever sent. */
  readonly requestVersion: number;
  readonly attemptId: string;
  readonly paymentId: string;
  /** Recorded before the call; the PSP treats a second request with it as the first one. */
  readonly idempotencyKey: string;
  /** ISO 4217 minor units. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The PSP's token of the payment method; never a card number. */
  readonly token: string;
  readonly captureMethod: 'automatic' | 'manual';
  readonly statementDescriptor: string | null;
  readonly returnUrl: string | null;
  readonly customerId: string | null;
}

export interface LookupRequest {
  readonly attemptId: string;
  readonly pspReference: string | null;
  /** When `AttemptStarted` was recorded, RFC 3339: the look-up's time window starts a little before it. */
  readonly startedAt: string;
  readonly currency: string;
  readonly amountMinor: bigint;
}

/**
 * One PSP as the engine sees it. Calls never throw: every ending is one of the closed outcomes.
 */
export interface PspGateway {
  readonly psp: PspName;
  /** The version that new attempts are recorded with. */
  readonly requestVersion: number;
  /** How long after `AttemptStarted` the same key is certainly still known to the PSP, ms. */
  readonly keySafeForMs: number;
  /** Whether the PSP can be asked for a charge by our own reference at all. */
  readonly canLookUp: boolean;
  /** How long after a request the PSP's look-up may still miss it, ms. */
  readonly lookupSettlesAfterMs: number;
  authorize(request: AuthorizeRequest): Promise<AuthorizeOutcome>;
  lookup(request: LookupRequest): Promise<LookupOutcome>;
}
