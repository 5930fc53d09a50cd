import type {
  MetadataEntry,
  Payment,
  PaymentCommand,
  PaymentRefusal,
  PaymentState,
  Refund,
  RefundCommand,
  RefundRefusal,
  RefundState,
  RefundText,
} from '@tender/domain';
import { findRefund, refundIdOf, refundOf, reservationOf } from '@tender/domain';
import type {
  Clock,
  CommandContext,
  Goal,
  HandleOptions,
  Handled,
  KnownStream,
  OutcomeWatcher,
  PaymentAt,
  PaymentGoal,
  RefundAt,
} from '@tender/engine';
import { answerToTry, foldRefundToGoal, paymentStream, REFUNDS, refundStream } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { MIN_COMMAND_WAIT_MS, SETTLED_WITH_ANSWER_WAIT_MS } from '../config/limits';
import type { NotRecorded } from '../http/not-recorded';
import { awaitGoal, type GoalAnswer } from '../payments/await-goal';
import type { Patience } from '../payments/patience';

/** What a stream of commands offers to whoever sends some. */
export interface CommandSender<State, Command, Refusal> {
  handle(
    stream: string,
    command: Command,
    context: CommandContext,
    options?: HandleOptions,
  ): Promise<Handled<State, Refusal>>;
}

export interface CreateRefundDeps {
  readonly commands: CommandSender<PaymentState, PaymentCommand, PaymentRefusal>;
  readonly refundCommands: CommandSender<RefundState, RefundCommand, RefundRefusal>;
  readonly outcomes: {
    watch(stream: string, goal: PaymentGoal, known: KnownStream<Payment>): OutcomeWatcher<PaymentAt>;
  };
  readonly refundOutcomes: { watch(stream: string, goal: Goal<Refund>): OutcomeWatcher<RefundAt> };
  readonly log: Pick<EventLog, 'readStream'>;
  readonly clock: Clock;
  readonly patience: Patience;
}

export interface CreateRefundRequest {
  readonly merchant: string;
  readonly keyId: string;
  readonly paymentId: string;
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  /** Of this HTTP request alone. */
  readonly requestId: string;
  /** Null: all that is left. */
  readonly amountMinor: bigint | null;
  readonly reason: string | null;
  readonly metadata: readonly MetadataEntry[];
  readonly waitMs: number;
}

export type RefundAnswer =
  | ({
      readonly kind: 'refund';
      readonly replayed: boolean;
      /** The payment as this process knows it after the answer: nobody is told less of it from now on. */
      readonly payment: PaymentAt | undefined;
    } & GoalAnswer<RefundAt>)
  | NotRecorded;

interface Reserved {
  readonly refundId: string;
  readonly at: PaymentAt;
  readonly replayed: boolean;
}

/**
 * From a valid request to a refund that its key names. The money is reserved on the payment first, and that alone decides;
 * the refund's own stream follows from it, begun here so that an answer can be given at once, and by the worker where this
 * process dies between.
 */
export class CreateRefundFlow {
  constructor(private readonly deps: CreateRefundDeps) {}

  async create(request: CreateRefundRequest): Promise<RefundAnswer> {
    const waitUntilMs = this.deps.clock.now() + request.waitMs;
    const reserved = await this.reserve(request);
    return 'kind' in reserved ? reserved : this.answer(reserved, request, waitUntilMs);
  }

  private async reserve(request: CreateRefundRequest): Promise<Reserved | RefundAnswer> {
    const { merchant, paymentId, idempotencyKey, fingerprint, amountMinor } = request;
    const refundId = refundIdOf(merchant, paymentId, idempotencyKey);
    const handled = await this.deps.commands.handle(
      paymentStream(paymentId),
      {
        type: 'ReserveRefund',
        data: { merchant, refundId, fingerprint, amountMinor, freeText: textOf(request) },
      },
      contextOf(request),
      { waitMs: Math.max(request.waitMs, MIN_COMMAND_WAIT_MS) },
    );
    if (handled.kind === 'refused') {
      const { code } = handled.refusal;
      return code === 'payment_not_found' ? { kind: 'not_found' } : { kind: 'refused', code };
    }
    if (handled.kind !== 'recorded' && handled.kind !== 'nothing') return { kind: handled.kind };
    const { state: payment, revision } = handled;
    if (payment === null) throw new Error(`${paymentId} is gone`);
    return { refundId, at: { payment, revision }, replayed: handled.kind === 'nothing' };
  }

  private async answer(
    { refundId, at, replayed }: Reserved,
    request: CreateRefundRequest,
    waitUntilMs: number,
  ): Promise<RefundAnswer> {
    const { log, refundOutcomes, outcomes } = this.deps;
    const stream = refundStream(refundId);
    const goal = answerToTry(1);
    const known = { state: at.payment, revision: at.revision };
    // watch first, append then: what is recorded after the watch began is seen
    const watcher = refundOutcomes.watch(stream, goal);
    const standing = outcomes.watch(paymentStream(at.payment.id), standsOtherwise(refundId), known);
    try {
      const earlier = replayed ? foldRefundToGoal(await log.readStream(stream), goal) : undefined;
      if (earlier !== undefined) {
        return { kind: 'refund', at: earlier, settled: true, replayed, payment: at };
      }
      const begun = await this.begin(refundId, at, request, replayed);
      if (begun !== undefined) return begun;
      const answer = await awaitGoal(this.deps, REFUNDS, { stream, goal, watcher, waitUntilMs });
      const payment = answer.at.refund.status === 'succeeded' ? await this.settledWith(standing) : undefined;
      return { kind: 'refund', ...answer, replayed, payment: payment ?? at };
    } finally {
      watcher.release();
      standing.release();
    }
  }

  /** Undefined when the refund's stream has begun, by whomever. */
  private async begin(
    refundId: string,
    { payment }: PaymentAt,
    request: CreateRefundRequest,
    replayed: boolean,
  ): Promise<RefundAnswer | undefined> {
    const refund = findRefund(payment, refundId);
    if (refund === undefined) throw new Error(`${refundId} is not reserved after it was recorded`);
    const initiated = refundOf(payment, reservationOf(payment, refund, textOf(request)));
    const handled = await this.deps.refundCommands.handle(
      refundStream(refundId),
      { type: 'InitiateRefund', data: { initiated } },
      contextOf(request),
      { waitMs: Math.max(request.waitMs, MIN_COMMAND_WAIT_MS), expectNew: !replayed },
    );
    if (handled.kind === 'recorded' || handled.kind === 'nothing') return undefined;
    return handled.kind === 'refused'
      ? { kind: 'refused', code: handled.refusal.code }
      : { kind: handled.kind };
  }

  /** Whoever is told that his refund has succeeded finds it on the payment, too, if that is a matter of moments. */
  private settledWith(standing: OutcomeWatcher<PaymentAt>): Promise<PaymentAt | undefined> {
    return this.deps.patience.atMost(standing.outcome(SETTLED_WITH_ANSWER_WAIT_MS));
  }
}

const standsOtherwise = (refundId: string): PaymentGoal => ({
  name: `standing of ${refundId}`,
  isReached: (payment) => (findRefund(payment, refundId)?.standing ?? 'reserved') !== 'reserved',
});

const textOf = ({ reason, metadata }: CreateRefundRequest): RefundText => ({ reason, metadata });

export const contextOf = ({
  requestId,
  paymentId,
  keyId,
}: {
  readonly requestId: string;
  readonly paymentId: string;
  readonly keyId: string;
}): CommandContext => ({
  commandId: requestId,
  correlationId: paymentId,
  causationId: requestId,
  actor: `api-key:${keyId}`,
});
