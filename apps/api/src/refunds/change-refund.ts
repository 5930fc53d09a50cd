import type { Refund, RefundCommand, ResolutionText } from '@tender/domain';
import { isOwedStill, MAX_REFUND_TRIES, nextTryOf, requestIdOf } from '@tender/domain';
import type { RefundAt } from '@tender/engine';
import {
  answerToTry,
  foldRefundToGoal,
  loadRefund,
  paymentStream,
  REFUNDS,
  refundStream,
  timestampOf,
} from '@tender/engine';
import { MIN_COMMAND_WAIT_MS } from '../config/limits';
import { awaitGoal } from '../payments/await-goal';
import type { MerchantKey } from '../payments/change-payment';
import type { FoundOfRefund } from '../payments/resolve.dto';
import type { CreateRefundDeps, RefundAnswer } from './create-refund';
import { contextOf } from './create-refund';

/** What is asked of a refund that failed and is owed still, or told of one that nobody tells the end of. */
export type RefundChange =
  | { readonly kind: 'retry'; readonly idempotencyKey: string }
  | { readonly kind: 'abandon'; readonly reason: string | null }
  /** An operator has found out at the PSP how it stands. */
  | {
      readonly kind: 'resolve';
      /** Of the try that was looked for. */
      readonly number: number;
      readonly key: MerchantKey;
      readonly found: FoundOfRefund;
      readonly freeText: ResolutionText;
    };

export interface ChangeRefundRequest {
  readonly merchant: string;
  readonly keyId: string;
  readonly refundId: string;
  /** Of this HTTP request alone. */
  readonly requestId: string;
  readonly change: RefundChange;
  readonly waitMs: number;
}

/** From a valid request to what became of it. */
export class ChangeRefundFlow {
  constructor(
    private readonly deps: Pick<
      CreateRefundDeps,
      'commands' | 'refundCommands' | 'refundOutcomes' | 'log' | 'clock' | 'patience'
    >,
  ) {}

  async change(request: ChangeRefundRequest): Promise<RefundAnswer> {
    const { log, clock } = this.deps;
    const waitUntilMs = clock.now() + request.waitMs;
    const known = await loadRefund(log, refundStream(request.refundId));
    if (known?.refund.merchant !== request.merchant) return { kind: 'not_found' };
    const { change } = request;
    switch (change.kind) {
      case 'abandon':
        return this.end(known, request, { type: 'AbandonRefund', data: { reason: change.reason } });
      case 'resolve': {
        const { key, number, found, freeText } = change;
        const requestId = requestIdOf(known.refund.id, 'resolve', key.idempotencyKey);
        const word = { requestId, fingerprint: key.fingerprint, freeText, toldAt: timestampOf(clock.now()) };
        return this.end(known, request, { type: 'ResolveRefund', data: { ...word, ...found, number } });
      }
      case 'retry':
        return this.retry(known, request, change.idempotencyKey, waitUntilMs);
    }
  }

  /** What is decided at once, and waits for no PSP. */
  private async end(
    { refund }: RefundAt,
    request: ChangeRefundRequest,
    command: RefundCommand,
  ): Promise<RefundAnswer> {
    const sent = await this.send(command, request, refund.paymentId);
    return 'kind' in sent
      ? sent
      : { kind: 'refund', at: sent.at, settled: true, replayed: sent.replayed, payment: undefined };
  }

  private async retry(
    known: RefundAt,
    request: ChangeRefundRequest,
    idempotencyKey: string,
    waitUntilMs: number,
  ): Promise<RefundAnswer> {
    const { log, refundOutcomes } = this.deps;
    const { refund } = known;
    const requestId = requestIdOf(refund.id, 'retry', idempotencyKey);
    const before = refund.retries.find((one) => one.requestId === requestId);
    const number = before?.number ?? nextTryOf(refund);
    const barred =
      before === undefined ? await this.barred(refund, { requestId, number }, request) : undefined;
    if (barred !== undefined) return barred;
    const stream = refundStream(refund.id);
    const goal = answerToTry(number);
    const watcher = refundOutcomes.watch(stream, goal);
    try {
      const retry = { type: 'RetryRefund', data: { requestId, number } } as const;
      const sent = await this.send(retry, request, refund.paymentId);
      if ('kind' in sent) return sent;
      // where the worker was quicker to begin what this request was allowed, it is this request's own all the same
      const replayed = before !== undefined;
      const earlier = replayed ? foldRefundToGoal(await log.readStream(stream), goal) : undefined;
      const answer =
        earlier === undefined
          ? await awaitGoal(this.deps, REFUNDS, { stream, goal, watcher, waitUntilMs })
          : { at: earlier, settled: true };
      return { kind: 'refund', ...answer, replayed, payment: undefined };
    } finally {
      watcher.release();
    }
  }

  /**
   * What the buyer's bank has taken is not given back on top of it. The payment decides, under its revision: a dispute is
   * told either before, and then nothing is tried, or after the try was allowed.
   */
  private async barred(
    refund: Refund,
    data: { readonly requestId: string; readonly number: number },
    { requestId, keyId, waitMs }: ChangeRefundRequest,
  ): Promise<RefundAnswer | undefined> {
    if (!isOwedStill(refund)) return { kind: 'refused', code: 'not_retryable' };
    if (data.number > MAX_REFUND_TRIES) return { kind: 'refused', code: 'too_many_tries' };
    const handled = await this.deps.commands.handle(
      paymentStream(refund.paymentId),
      { type: 'GrantRefundRetry', data: { ...data, refundId: refund.id } },
      contextOf({ requestId, keyId, paymentId: refund.paymentId }),
      { waitMs: Math.max(waitMs, MIN_COMMAND_WAIT_MS) },
    );
    if (handled.kind === 'refused') return { kind: 'refused', code: handled.refusal.code };
    return handled.kind === 'recorded' || handled.kind === 'nothing' ? undefined : { kind: handled.kind };
  }

  private async send(
    command: RefundCommand,
    { refundId, requestId, keyId, waitMs }: ChangeRefundRequest,
    paymentId: string,
  ): Promise<RefundAnswer | { readonly at: RefundAt; readonly replayed: boolean }> {
    const handled = await this.deps.refundCommands.handle(
      refundStream(refundId),
      command,
      contextOf({ requestId, keyId, paymentId }),
      { waitMs: Math.max(waitMs, MIN_COMMAND_WAIT_MS) },
    );
    if (handled.kind === 'refused') return { kind: 'refused', code: handled.refusal.code };
    if (handled.kind !== 'recorded' && handled.kind !== 'nothing') return { kind: handled.kind };
    const { state: refund, revision } = handled;
    if (refund === null) throw new Error(`${refundId} is gone`);
    return { at: { refund, revision }, replayed: handled.kind === 'nothing' };
  }
}
