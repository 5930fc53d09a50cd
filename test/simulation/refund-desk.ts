import type { PaymentRefusal, Refund, RefundRefusal } from '@tender/domain';
import { findRefund, refundIdOf, refundOf, requestIdOf } from '@tender/domain';
import type { PaymentCommands, RefundCommands } from '@tender/engine';
import { loadPayment, loadRefund, paymentStream, refundStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';

export interface RefundAsked {
  readonly merchant: string;
  readonly paymentId: string;
  /** Of this HTTP request alone. */
  readonly requestId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  /** Null: all that is left. */
  readonly amountMinor: bigint | null;
}

/** What is wanted of a refund that has failed, and whose money is owed still. */
export interface FailedRefundAsked {
  readonly refundId: string;
  readonly paymentId: string;
  /** Of this HTTP request alone. */
  readonly requestId: string;
  /** The merchant's, of this wish. */
  readonly key: string;
  readonly what: 'retry' | 'abandon';
}

export type RefundAnswer =
  | { readonly kind: 'refund'; readonly refund: Refund; readonly paymentRevision: bigint }
  | { readonly kind: 'refused'; readonly code: PaymentRefusal['code'] | RefundRefusal['code'] }
  | { readonly kind: 'unconfirmed' };

/** Where merchants ask for refunds: one decision on the payment, and then the refund's own stream begins. */
export class RefundDesk {
  constructor(
    private readonly deps: {
      readonly log: EventLog;
      readonly payments: PaymentCommands;
      readonly refunds: RefundCommands;
    },
  ) {}

  async refund(asked: RefundAsked): Promise<RefundAnswer> {
    const { merchant, paymentId, idempotencyKey, fingerprint, amountMinor, requestId } = asked;
    const { log, payments, refunds } = this.deps;
    const refundId = refundIdOf(merchant, paymentId, idempotencyKey);
    const context = contextOf(requestId, paymentId);
    const stream = paymentStream(paymentId);
    const freeText = { reason: null, metadata: [] };
    const reserved = await payments.handle(
      stream,
      { type: 'ReserveRefund', data: { refundId, fingerprint, amountMinor, freeText } },
      context,
    );
    if (reserved.kind === 'refused') return { kind: 'refused', code: reserved.refusal.code };
    if (reserved.kind !== 'recorded' && reserved.kind !== 'nothing') return { kind: 'unconfirmed' };
    const begun = await this.begin(reserved.state, refundId, stream);
    if (begun === undefined) return { kind: 'unconfirmed' };
    const handled = await refunds.handle(
      refundStream(refundId),
      { type: 'InitiateRefund', data: { initiated: begun } },
      context,
      { expectNew: reserved.kind === 'recorded' },
    );
    if (handled.kind !== 'recorded' && handled.kind !== 'nothing') return { kind: 'unconfirmed' };
    const at = await loadRefund(log, refundStream(refundId));
    return at === undefined
      ? { kind: 'unconfirmed' }
      : { kind: 'refund', refund: at.refund, paymentRevision: reserved.revision };
  }

  async ofFailed({ refundId, paymentId, requestId, key, what }: FailedRefundAsked): Promise<RefundAnswer> {
    const stream = refundStream(refundId);
    const handled = await this.deps.refunds.handle(
      stream,
      what === 'retry'
        ? { type: 'RetryRefund', data: { requestId: requestIdOf(refundId, 'retry', key) } }
        : { type: 'AbandonRefund', data: { reason: null } },
      contextOf(requestId, paymentId),
    );
    if (handled.kind === 'refused') return { kind: 'refused', code: handled.refusal.code };
    if (handled.kind !== 'recorded' && handled.kind !== 'nothing') return { kind: 'unconfirmed' };
    if (handled.state === null) return { kind: 'unconfirmed' };
    return { kind: 'refund', refund: handled.state, paymentRevision: -1n };
  }

  /** What the refund's stream begins with stands in the reservation's event. */
  private async begin(known: Awaited<ReturnType<typeof loadState>>, refundId: string, stream: string) {
    const payment = known ?? (await loadState(this.deps.log, stream));
    if (payment === null || findRefund(payment, refundId) === undefined) return undefined;
    const events = await this.deps.log.readStream(stream);
    const reserved = events.find(({ type, data }) => type === 'RefundReserved' && data.refundId === refundId);
    return reserved === undefined ? undefined : refundOf(payment, reserved.data as never);
  }
}

const loadState = async (log: EventLog, stream: string) => (await loadPayment(log, stream))?.payment ?? null;

const contextOf = (requestId: string, correlationId: string) => ({
  commandId: requestId,
  correlationId,
  causationId: requestId,
  actor: 'api-key:key',
});
