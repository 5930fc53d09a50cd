import type { ActionResultEntry, Attempt, Payment, PaymentCommand, ResolutionText } from '@tender/domain';
import { findAttempt, hasOutcome, requestIdOf, requestProgress } from '@tender/domain';
import type { KnownStream, OutcomeWatcher, PaymentAt, PaymentGoal } from '@tender/engine';
import { foldToGoal, loadPayment, PAYMENTS, paymentStream, timestampOf } from '@tender/engine';
import { MIN_COMMAND_WAIT_MS } from '../config/limits';
import type { NotRecorded } from '../http/not-recorded';
import { awaitGoal, type GoalAnswer } from './await-goal';
import type { CreatePaymentDeps } from './create-payment';
import type { Found } from './resolve.dto';

export interface ChangePaymentDeps extends Pick<
  CreatePaymentDeps,
  'commands' | 'log' | 'clock' | 'patience'
> {
  readonly outcomes: {
    watch(stream: string, goal: PaymentGoal, known: KnownStream<Payment>): OutcomeWatcher<PaymentAt>;
  };
}

/** What a merchant asks of a payment that is there. */
export type Change =
  | { readonly kind: 'capture'; readonly key: MerchantKey; readonly amountMinor: bigint | null }
  | { readonly kind: 'cancel'; readonly key: MerchantKey; readonly reason: string | null }
  /** An operator has found out at the PSP how an operation stands. */
  | {
      readonly kind: 'resolve';
      readonly key: MerchantKey;
      readonly operationId: string;
      readonly found: Found;
      readonly freeText: ResolutionText;
    }
  /** The buyer is back; there is no key, since an attempt is returned from once. */
  | { readonly kind: 'continue'; readonly result: readonly ActionResultEntry[] };

export interface MerchantKey {
  readonly idempotencyKey: string;
  readonly fingerprint: string;
}

export interface ChangePaymentRequest {
  readonly merchant: string;
  readonly keyId: string;
  readonly paymentId: string;
  /** Of this HTTP request alone. */
  readonly requestId: string;
  readonly change: Change;
  readonly waitMs: number;
}

export type ChangePaymentAnswer =
  | ({ readonly kind: 'payment'; readonly replayed: boolean } & GoalAnswer<PaymentAt>)
  | NotRecorded;

interface Planned {
  readonly command: PaymentCommand;
  readonly goal: PaymentGoal;
}

/**
 * From a valid request to the end of what it asked for. As for a creation: answers come from the stream as it is, and a
 * repetition gets the payment as it was when that ended, whatever came later.
 */
export class ChangePaymentFlow {
  constructor(private readonly deps: ChangePaymentDeps) {}

  async change(request: ChangePaymentRequest): Promise<ChangePaymentAnswer> {
    const { clock, log, outcomes } = this.deps;
    const waitUntilMs = clock.now() + request.waitMs;
    const stream = paymentStream(request.paymentId);
    const known = await loadPayment(log, stream);
    if (known?.payment.merchant !== request.merchant) return { kind: 'not_found' };
    const { command, goal } = planned(known, request.change, timestampOf(clock.now()));
    const watcher = outcomes.watch(stream, goal, { state: known.payment, revision: known.revision });
    try {
      const handled = await this.send(stream, command, request);
      switch (handled.kind) {
        case 'recorded':
        case 'nothing': {
          const replayed = handled.kind === 'nothing';
          const earlier = replayed ? foldToGoal(await log.readStream(stream), goal) : undefined;
          if (earlier !== undefined) return { kind: 'payment', at: earlier, settled: true, replayed };
          const answer = await awaitGoal(this.deps, PAYMENTS, { stream, goal, watcher, waitUntilMs });
          return { kind: 'payment', ...answer, replayed };
        }
        case 'refused':
          return { kind: 'refused', code: handled.refusal.code };
        case 'unconfirmed':
        case 'conflict':
          return { kind: handled.kind };
      }
    } finally {
      watcher.release();
    }
  }

  private send(
    stream: string,
    command: PaymentCommand,
    { paymentId, requestId, keyId, waitMs }: ChangePaymentRequest,
  ): ReturnType<ChangePaymentDeps['commands']['handle']> {
    return this.deps.commands.handle(
      stream,
      command,
      {
        commandId: requestId,
        correlationId: paymentId,
        causationId: requestId,
        actor: `api-key:${keyId}`,
      },
      { waitMs: Math.max(waitMs, MIN_COMMAND_WAIT_MS) },
    );
  }
}

/** @param now RFC 3339 */
function planned({ payment }: PaymentAt, change: Change, now: string): Planned {
  switch (change.kind) {
    case 'capture': {
      const { fingerprint, idempotencyKey } = change.key;
      const requestId = requestIdOf(payment.id, 'capture', idempotencyKey);
      const { amountMinor } = change;
      const command = { type: 'RequestCapture', data: { requestId, fingerprint, amountMinor } } as const;
      return { command, goal: endOf(requestId) };
    }
    case 'cancel': {
      const { fingerprint, idempotencyKey } = change.key;
      const requestId = requestIdOf(payment.id, 'cancel', idempotencyKey);
      const { reason } = change;
      const command = { type: 'RequestCancel', data: { requestId, fingerprint, reason } } as const;
      return { command, goal: endOf(requestId) };
    }
    case 'resolve': {
      const { key, operationId, found, freeText } = change;
      const { fingerprint, idempotencyKey } = key;
      const requestId = requestIdOf(payment.id, 'resolve', idempotencyKey);
      const word = { requestId, fingerprint, freeText, toldAt: now };
      const command = { type: 'ResolveOperation', data: { ...word, ...found, operationId } } as const;
      return { command, goal: endOf(requestId) };
    }
    case 'continue': {
      const attempt = payment.attempts.at(-1);
      if (attempt === undefined) throw new Error(`${payment.id} has no attempt`);
      const { result } = change;
      const command = { type: 'ReturnFromAction', data: { attemptId: attempt.id, result } } as const;
      return { command, goal: outcomeAfterReturn(attempt) };
    }
  }
}

const endOf = (requestId: string): PaymentGoal => ({
  name: requestId,
  isReached: (payment) => requestProgress(payment, requestId) === 'concluded',
});

/** The PSP may send the buyer away again, which is an answer, too. */
const outcomeAfterReturn = ({ id, actionSince }: Attempt): PaymentGoal => ({
  name: `return of ${id} since ${actionSince ?? ''}`,
  isReached: (payment) => {
    const attempt = findAttempt(payment, id);
    const returned = attempt !== undefined && attempt.actionResult !== null;
    const askedAgain = (attempt?.actionSince ?? '') > (actionSince ?? '');
    return hasOutcome(payment) && (returned || askedAgain);
  },
});
