import type {
  PspGateway,
  PspName,
  Refund,
  RefundCommand,
  RefundEffect,
  RefundEvent,
  RefundInitiated,
  RefundRetryGranted,
  RefundState,
} from '@tender/domain';
import { climbRefund, isOwedStill, nextTryOf, reactToRefund, rungDelayMs } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { Folded } from '../folded-streams';
import { advanced } from '../folded-streams';
import type { PaymentCommands } from '../payment/payment-commands';
import { paymentStream } from '../payment/payment-stream';
import type { Cause } from '../record-answer';
import { recordAnswer } from '../record-answer';
import type { Delivery } from '../run-process';
import type { Chance } from '../timers/chance';
import { jittered } from '../timers/chance';
import type { Clock } from '../timers/clock';
import { timestampOf } from '../timers/clock';
import type { TimerJob, Timers } from '../timers/timers';
import type { RefundCommands } from './refund-commands';
import { asRefundEvent, evolveRefundBy, loadRefund, refundStream } from './refund-stream';

export interface RefundDriverDeps {
  readonly log: EventLog;
  readonly commands: RefundCommands;
  /** A refund's end is told to its payment. */
  readonly payments: PaymentCommands;
  readonly gateways: Readonly<Partial<Record<PspName, PspGateway>>>;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly report: (problem: RefundDriverProblem) => void;
}

export interface RefundDriverProblem {
  readonly what:
    | 'outcome_not_recorded'
    | 'rung_failed'
    /** Money that is owed, and did not reach the buyer: somebody tries again, or gives it up. */
    | 'refund_failed'
    | 'refund_given_twice';
  readonly stream: string;
  readonly detail: string;
}

const ACTOR = 'system:refund-process';

/** A refund as of the revision that it was folded to. */
interface Known {
  readonly refund: Refund;
  readonly revision: bigint;
}

/**
 * Performs what the refund process asks for. The PSP is asked only for a try whose event is durable, under the key that is
 * recorded there: so doing it again after a crash is the same request. And what the PSP says goes to the refund first, to
 * the payment after, by a command that may come as often and as late as it likes.
 */
export class RefundDriver {
  private stopping = false;

  constructor(private readonly deps: RefundDriverDeps) {}

  handle(event: RecordedEvent, { again }: Delivery): Promise<void> | undefined {
    const { folded } = this.deps.commands;
    const known = again ? undefined : advanced(folded, event, null, evolveRefundBy);
    return known === undefined ? this.readAndHandle(event) : this.react(event, known);
  }

  /** The refund's stream begins with what was reserved for it; whoever comes second finds it begun. */
  async begin(initiated: RefundInitiated, cause: Omit<Cause, 'stream'>): Promise<void> {
    const command: RefundCommand = { type: 'InitiateRefund', data: { initiated } };
    await this.record(command, { ...cause, stream: refundStream(initiated.refundId) });
  }

  /**
   * Another try begins that its payment has allowed: where whoever asked for it died before he began it. What is not owed
   * any more, or was tried again since, is left as it is.
   */
  async retry(
    { refundId, number, requestId }: RefundRetryGranted,
    cause: Omit<Cause, 'stream'>,
  ): Promise<void> {
    const stream = refundStream(refundId);
    const current = await loadRefund(this.deps.log, stream);
    if (current === undefined || !isOwedStill(current.refund) || nextTryOf(current.refund) !== number) return;
    await this.record({ type: 'RetryRefund', data: { requestId, number } }, { ...cause, stream });
  }

  /** A rung of the ladder is due. Rejects when it could not be climbed; the sweep derives it again. */
  async wake({ stream }: TimerJob): Promise<void> {
    const { log, clock, chance } = this.deps;
    const current = await loadRefund(log, stream);
    if (current === undefined) return;
    const { refund } = current;
    const effect = climbRefund(refund, this.gatewayOf(refund.psp), clock.now());
    await this.perform(effect, current, { stream, eventId: chance.uuid(), correlationId: refund.paymentId });
  }

  /** What a timer's `run` needs: never rejects, and leaves a failed rung to be derived again. */
  async wakeSafely(job: TimerJob): Promise<void> {
    try {
      await this.wake(job);
    } catch (error) {
      this.deps.report({ what: 'rung_failed', stream: job.stream, detail: String(error) });
      if (!this.stopping) this.deps.timers.schedule(job.stream, rungDelayMs(4), job);
    }
  }

  /** Schedules what the open flows say is open and no timer knows of: after a start, or a lost timer. */
  derive(open: Iterable<TimerJob & { readonly tries: number }>): void {
    for (const { stream, subject, tries } of open) {
      this.deps.timers.ensure(stream, jittered(this.deps.chance, rungDelayMs(tries)), { stream, subject });
    }
  }

  /** From now on a recording that fails is left to the redelivery after the next start. */
  stop(): void {
    this.stopping = true;
  }

  private async readAndHandle(event: RecordedEvent): Promise<void> {
    const current = await loadRefund(this.deps.log, event.stream);
    if (current === undefined) throw new Error(`${event.stream} is empty after its event ${event.revision}`);
    const folded = { state: current.refund, revision: current.revision };
    this.deps.commands.folded.put(event.stream, folded);
    await this.react(event, folded);
  }

  private react(event: RecordedEvent, { state, revision }: Folded<RefundState>): Promise<void> | undefined {
    if (state === null) throw new Error(`${event.stream} has events and no refund`);
    const refundEvent = asRefundEvent(event);
    this.reportOf(refundEvent, event.stream);
    const effect = reactToRefund(refundEvent, state, this.deps.clock.now());
    const { correlationId } = event.metadata;
    return this.perform(
      effect,
      { refund: state, revision },
      { stream: event.stream, eventId: event.id, correlationId },
    );
  }

  private reportOf(event: RefundEvent, stream: string): void {
    const { report } = this.deps;
    if (event.type === 'RefundFailed' && event.data.reservation === 'kept') {
      report({ what: 'refund_failed', stream, detail: event.data.why });
    }
    if (event.type === 'RefundEvidenceRecorded' && event.data.answer === 'given_twice') {
      report({ what: 'refund_given_twice', stream, detail: event.data.pspReference ?? '' });
    }
  }

  private perform(effect: RefundEffect, known: Known, cause: Cause): Promise<void> | undefined {
    switch (effect.kind) {
      case 'ignore':
        return undefined;
      case 'schedule':
        this.schedule(known.refund, cause.stream, effect.afterMs);
        return undefined;
      case 'tell_payment':
        return this.tellPayment(effect, known, cause);
      case 'declare_refund_unknown':
        return this.tell(neverAnswered(effect.number, this.now()), cause);
      case 'refund':
      case 'lookup_refund':
        return this.ask(effect, cause);
    }
  }

  private async ask(
    effect: Extract<RefundEffect, { kind: 'refund' | 'lookup_refund' }>,
    cause: Cause,
  ): Promise<void> {
    const gateway = this.gatewayOf(effect.psp);
    const { number } = effect;
    if (effect.kind === 'refund') {
      const outcome = await gateway.refund(effect.request);
      await this.record(
        { type: 'RecordRefundOutcome', data: { number, outcome, heardAt: this.now() } },
        cause,
      );
      return;
    }
    const askedAt = this.now();
    const answer = await gateway.lookupRefund(effect.request);
    const { lookupSettlesAfterMs: settlesAfterMs, keySafeForMs } = gateway;
    await this.record(
      { type: 'RecordRefundLookup', data: { number, answer, askedAt, settlesAfterMs, keySafeForMs } },
      cause,
    );
  }

  private async tellPayment(
    { standing }: Extract<RefundEffect, { kind: 'tell_payment' }>,
    { refund, revision }: Known,
    cause: Cause,
  ): Promise<void> {
    await recordAnswer(
      this.recording(this.deps.payments),
      paymentStream(refund.paymentId),
      { type: 'RecordRefundStanding', data: { ...standing, refundRevision: Number(revision) } },
      cause,
    );
  }

  private async tell(command: RefundCommand, cause: Cause): Promise<void> {
    await this.record(command, cause);
  }

  private record(command: RefundCommand, cause: Cause): Promise<boolean> {
    return recordAnswer(this.recording(this.deps.commands), cause.stream, command, cause);
  }

  private recording<Commands>(commands: Commands) {
    const { chance, clock, report } = this.deps;
    return {
      commands,
      chance,
      clock,
      actor: ACTOR,
      isStopping: () => this.stopping,
      notRecorded: (stream: string, detail: string) => {
        report({ what: 'outcome_not_recorded', stream, detail });
      },
    };
  }

  private schedule({ id: subject }: Refund, stream: string, afterMs: number): void {
    this.deps.timers.schedule(stream, jittered(this.deps.chance, afterMs), { stream, subject });
  }

  private now(): string {
    return timestampOf(this.deps.clock.now());
  }

  private gatewayOf(psp: PspName): PspGateway {
    const gateway = this.deps.gateways[psp];
    if (gateway === undefined) throw new Error(`no gateway is configured for ${psp}`);
    return gateway;
  }
}

/** Somebody may have sent the request before, or may still send it. */
const neverAnswered = (number: number, heardAt: string): RefundCommand => ({
  type: 'RecordRefundOutcome',
  data: {
    number,
    outcome: {
      kind: 'unknown',
      why: 'crashed_before_reply',
      detail: 'an earlier send may have left, or may still leave',
      pspReference: null,
      keyBurnt: false,
    },
    heardAt,
  },
});
