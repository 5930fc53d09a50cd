import type {
  Payment,
  PaymentCommand,
  PaymentEffect,
  PaymentState,
  PspGateway,
  PspName,
  RefundInitiated,
  RefundRetryGranted,
} from '@tender/domain';
import {
  climb,
  findAttempt,
  findOperation,
  reactToPayment,
  reversedAgainMs,
  rungDelayMs,
  searchedFor,
  unreturnedCharges,
} from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { Folded } from '../folded-streams';
import { advanced } from '../folded-streams';
import type { Cause } from '../record-answer';
import { recordAnswer } from '../record-answer';
import type { Delivery } from '../run-process';
import type { Chance } from '../timers/chance';
import { jittered } from '../timers/chance';
import type { Clock } from '../timers/clock';
import { timestampOf } from '../timers/clock';
import type { TimerJob, Timers } from '../timers/timers';
import type { PaymentCommands } from './payment-commands';
import { asPaymentEvent, evolveBy, loadPayment } from './payment-stream';
import type { PaymentProblem } from './payment-problems';
import { problemIn } from './payment-problems';
import type { PspEffect } from './psp-call';
import { askPsp, isPspEffect } from './psp-call';

export interface PaymentDriverDeps {
  readonly log: EventLog;
  readonly commands: PaymentCommands;
  readonly gateways: Readonly<Partial<Record<PspName, PspGateway>>>;
  /** Begins the stream of a refund that is reserved, if nobody has begun it. */
  readonly beginRefund: (initiated: RefundInitiated, cause: Omit<Cause, 'stream'>) => Promise<void>;
  /** Begins another try of a refund that the payment has allowed, if it has not begun. */
  readonly retryRefund: (grant: RefundRetryGranted, cause: Omit<Cause, 'stream'>) => Promise<void>;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly report: (problem: DriverProblem) => void;
}

export interface DriverProblem {
  readonly what: 'outcome_not_recorded' | 'rung_failed' | PaymentProblem['what'];
  readonly stream: string;
  readonly detail: string;
}

/** From what a send is decided on to the asking of the gateway, at most: a small part of every PSP's settling time, ms. */
export const SEND_WITHIN_MS = 5_000;

const ACTOR = 'system:payment-process';

/**
 * Performs what the payment process asks for. A PSP is only called for an attempt whose `AttemptStarted` is
 * durable, with the key recorded there, so doing it again after a crash is the same request to the PSP.
 */
export class PaymentDriver {
  private stopping = false;

  constructor(private readonly deps: PaymentDriverDeps) {}

  handle(event: RecordedEvent, { again }: Delivery): Promise<void> | undefined {
    const known = this.deps.commands.folded;
    const folded = again ? undefined : advanced(known, event, null, evolveBy);
    if (folded === undefined) return this.readAndHandle(event, again);
    const effect = this.effectOf(event, folded);
    // heard late: others may have gone on without it, so what it says is not all there is
    if (isPspEffect(effect) && !this.isRecent(Date.parse(event.metadata.recordedAt))) {
      return this.readAndHandle(event, again);
    }
    return this.act(event, effect, again);
  }

  /** A rung of the ladder is due. Rejects when it could not be climbed; the sweep derives it again. */
  async wake({ stream, subject }: TimerJob): Promise<void> {
    const { log, clock } = this.deps;
    const current = await loadPayment(log, stream);
    if (current === undefined) return;
    const attemptId = findOperation(current.payment, subject)?.attemptId ?? subject;
    const attempt = findAttempt(current.payment, attemptId);
    if (attempt === undefined) return;
    this.derive(besides(current.payment, stream, subject));
    const effect = climb(current.payment, subject, this.gatewayOf(attempt.psp), clock.now());
    const cause = { stream, eventId: this.deps.chance.uuid(), correlationId: current.payment.id };
    if (!mayCharge(effect) || (await this.announced(effect.request.attemptId, cause))) {
      await this.perform(effect, cause, false);
    }
  }

  /**
   * Whether a request that may charge may leave again: told in the stream, so that no look-up of before counts, and told
   * just now, so that it leaves well before one of after may count.
   */
  private async announced(attemptId: string, cause: Cause): Promise<boolean> {
    const { clock } = this.deps;
    const toldAtMs = clock.now();
    if (!(await this.record({ type: 'RecordResend', data: { attemptId } }, cause))) return false;
    if (this.isRecent(toldAtMs)) return true;
    this.schedule({ stream: cause.stream, subject: attemptId }, SEND_WITHIN_MS);
    return false;
  }

  /** What a timer's `run` needs: never rejects, and leaves a failed rung to be derived again. */
  async wakeSafely(job: TimerJob): Promise<void> {
    try {
      await this.wake(job);
    } catch (error) {
      this.deps.report({ what: 'rung_failed', stream: job.stream, detail: String(error) });
      if (!this.stopping) this.deps.timers.schedule(timerKey(job), rungDelayMs(4), job);
    }
  }

  /** Schedules what the open flows say is open and no timer knows of: after a start, or a lost timer. */
  derive(open: Iterable<TimerJob & { readonly tries: number }>): void {
    for (const { stream, subject, tries } of open) {
      const job = { stream, subject };
      this.deps.timers.ensure(timerKey(job), jittered(this.deps.chance, rungDelayMs(tries)), job);
    }
  }

  /** From now on a recording that fails is left to the redelivery after the next start. */
  stop(): void {
    this.stopping = true;
  }

  private async readAndHandle(event: RecordedEvent, again: boolean): Promise<void> {
    const askedAtMs = this.deps.clock.now();
    const current = await loadPayment(this.deps.log, event.stream);
    if (current === undefined) throw new Error(`${event.stream} is empty after its event ${event.revision}`);
    const folded = { state: current.payment, revision: current.revision };
    this.deps.commands.folded.put(event.stream, folded);
    const effect = this.effectOf(event, folded);
    if (isPspEffect(effect) && !this.isRecent(askedAtMs)) {
      // it comes again, and then not as the first
      throw new Error(`${event.stream} was read too slowly to send anything by it`);
    }
    await this.act(event, effect, again);
  }

  /** Whether what was known then is recent enough to send something by it. */
  private isRecent(knownAtMs: number): boolean {
    return this.deps.clock.now() - knownAtMs < SEND_WITHIN_MS;
  }

  private effectOf(event: RecordedEvent, { state }: Folded<PaymentState>): PaymentEffect {
    if (state === null) throw new Error(`${event.stream} has events and no payment`);
    const { clock, report } = this.deps;
    const paymentEvent = asPaymentEvent(event);
    const problem = problemIn(paymentEvent, state);
    if (problem !== undefined) report({ ...problem, stream: event.stream });
    return reactToPayment(paymentEvent, state, clock.now());
  }

  private act(event: RecordedEvent, effect: PaymentEffect, again: boolean): Promise<void> | undefined {
    const { correlationId } = event.metadata;
    const cause = { stream: event.stream, eventId: event.id, correlationId };
    return this.perform(again ? toldBeforeSent(effect) : effect, cause, !again);
  }

  private perform(effect: PaymentEffect, cause: Cause, surelyFirstSend: boolean): Promise<void> | undefined {
    if (isPspEffect(effect)) return this.ask(effect, cause, surelyFirstSend);
    switch (effect.kind) {
      case 'ignore':
        return undefined;
      case 'schedule':
        this.schedule({ stream: cause.stream, subject: effect.subject }, effect.afterMs);
        return undefined;
      case 'start_cancel': {
        const { attemptId, purpose } = effect;
        return this.tell({ type: 'StartCancel', data: { attemptId, purpose } }, cause);
      }
      case 'start_reversal':
        return this.tell({ type: 'StartReversal', data: { operationId: effect.operationId } }, cause);
      case 'declare_unknown':
        return this.tell(attemptNeverAnswered(effect.attemptId, this.now()), cause);
      case 'declare_operation_unknown':
        return this.tell(operationNeverAnswered(effect.operationId, this.now()), cause);
      case 'initiate_refund':
        return this.deps.beginRefund(effect.initiated, cause);
      case 'retry_refund':
        return this.deps.retryRefund(effect.grant, cause);
    }
  }

  private async tell(command: PaymentCommand, cause: Cause): Promise<void> {
    await this.record(command, cause);
  }

  private async ask(effect: PspEffect, cause: Cause, surelyFirstSend: boolean): Promise<void> {
    const command = await askPsp(this.gatewayOf(effect.psp), effect, surelyFirstSend, () => this.now());
    await this.record(command, cause);
  }

  private record(command: PaymentCommand, cause: Cause): Promise<boolean> {
    const { commands, chance, clock, report } = this.deps;
    return recordAnswer(
      {
        commands,
        chance,
        clock,
        actor: ACTOR,
        isStopping: () => this.stopping,
        notRecorded: (stream, detail) => {
          report({ what: 'outcome_not_recorded', stream, detail });
        },
      },
      cause.stream,
      command,
      cause,
    );
  }

  private schedule(job: TimerJob, afterMs: number): void {
    this.deps.timers.schedule(timerKey(job), jittered(this.deps.chance, afterMs), job);
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

/**
 * Whoever is not surely the first records that the outcome is unknown before it sends. Only then "not sent", said by a
 * slower first one, ends nothing any more: its append meets another revision, and then an open search (ADR 11).
 */
const toldBeforeSent = (effect: PaymentEffect): PaymentEffect =>
  effect.kind === 'authorize' ? { kind: 'declare_unknown', attemptId: effect.request.attemptId } : effect;

/** A re-send of these may be the one that charges. */
const mayCharge = (
  effect: PaymentEffect,
): effect is Extract<PaymentEffect, { kind: 'authorize' | 'complete_action' }> =>
  effect.kind === 'authorize' || effect.kind === 'complete_action';

const timerKey = ({ stream, subject }: TimerJob): string => `${stream}/${subject}`;

/** Charges that are given back by another request when their pause is over. */
const dueLater = (payment: Payment) =>
  unreturnedCharges(payment).filter((one) => reversedAgainMs(payment, one) !== undefined);

/** A payment stands among the open flows once: whatever else comes by itself in it is derived with it. */
const besides = (payment: Payment, stream: string, subject: string) =>
  [...searchedFor(payment), ...dueLater(payment)]
    .filter(({ id }) => id !== subject)
    .map(({ id, search }) => ({ stream, subject: id, tries: search?.tries ?? 0 }));

/** Somebody may have sent the request before, or may still send it. */
const NEVER_ANSWERED = {
  kind: 'unknown',
  why: 'crashed_before_reply',
  detail: 'an earlier send may have left, or may still leave',
  pspReference: null,
  keyBurnt: false,
} as const;

const attemptNeverAnswered = (attemptId: string, heardAt: string): PaymentCommand => ({
  type: 'RecordAttemptOutcome',
  data: { attemptId, outcome: NEVER_ANSWERED, heardBy: 'reply', surelyFirstSend: false, heardAt },
});

const operationNeverAnswered = (operationId: string, heardAt: string): PaymentCommand => ({
  type: 'RecordOperationOutcome',
  data: { operationId, outcome: NEVER_ANSWERED, heardAt, settlesAfterMs: 0 },
});
