import type {
  Payment,
  PaymentCommand,
  PaymentEffect,
  PaymentState,
  PspGateway,
  PspName,
} from '@tender/domain';
import { climb, findAttempt, findOperation, reactToPayment, rungDelayMs, searchedFor } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { Folded } from '../folded-streams';
import type { Delivery } from '../run-process';
import type { Chance } from '../timers/chance';
import { jittered } from '../timers/chance';
import type { Clock } from '../timers/clock';
import { sleep, timestampOf } from '../timers/clock';
import type { TimerJob, Timers } from '../timers/timers';
import type { PaymentCommands } from './payment-commands';
import { asPaymentEvent, evolveBy, loadPayment } from './payment-stream';
import type { PspEffect } from './psp-call';
import { askPsp, isPspEffect } from './psp-call';

export interface PaymentDriverDeps {
  readonly log: EventLog;
  readonly commands: PaymentCommands;
  readonly gateways: Readonly<Partial<Record<PspName, PspGateway>>>;
  readonly timers: Timers;
  readonly clock: Clock;
  readonly chance: Chance;
  readonly report: (problem: DriverProblem) => void;
}

export interface DriverProblem {
  readonly what: 'outcome_not_recorded' | 'rung_failed' | 'late_success' | 'reversal_failed';
  readonly stream: string;
  readonly detail: string;
}

interface Cause {
  readonly stream: string;
  readonly eventId: string;
  readonly correlationId: string;
}

/** From the record of a re-send to its leaving, at most: a small part of every PSP's settling time, ms. */
export const SEND_WITHIN_MS = 5_000;

const RECORD_AGAIN_FIRST_AFTER_MS = 50;
const RECORD_AGAIN_AT_MOST_EVERY_MS = 5_000;
const ACTOR = 'system:payment-process';

/**
 * Performs what the payment process asks for. A PSP is only called for an attempt whose `AttemptStarted` is
 * durable, with the key recorded there, so doing it again after a crash is the same request to the PSP.
 */
export class PaymentDriver {
  private stopping = false;

  constructor(private readonly deps: PaymentDriverDeps) {}

  handle(event: RecordedEvent, { again }: Delivery): Promise<void> | undefined {
    const folded = again ? undefined : this.advance(event);
    if (folded === undefined) return this.readAndHandle(event, again);
    return this.react(event, folded, again);
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
    if (clock.now() - toldAtMs < SEND_WITHIN_MS) return true;
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
    const current = await loadPayment(this.deps.log, event.stream);
    if (current === undefined) throw new Error(`${event.stream} is empty after its event ${event.revision}`);
    const folded = { state: current.payment, revision: current.revision };
    this.deps.commands.folded.put(event.stream, folded);
    await this.react(event, folded, again);
  }

  /**
   * The payment as far as this process knows, without a read, when what it knows reaches this event. The fold may
   * lag behind other processes' writes: then the PSP sees a key it knows, and the append meets its revision.
   */
  private advance(event: RecordedEvent): Folded<PaymentState> | undefined {
    const { folded } = this.deps.commands;
    const known = folded.get(event.stream) ?? { state: null, revision: -1n };
    if (known.revision >= event.revision) return known;
    if (known.revision !== event.revision - 1n) return undefined;
    const next = { state: evolveBy(known.state, event), revision: event.revision };
    folded.put(event.stream, next);
    return next;
  }

  private react(
    event: RecordedEvent,
    { state }: Folded<PaymentState>,
    again: boolean,
  ): Promise<void> | undefined {
    if (state === null) throw new Error(`${event.stream} has events and no payment`);
    const { clock, report } = this.deps;
    const paymentEvent = asPaymentEvent(event);
    if (paymentEvent.type === 'LateSuccessFound') {
      report({ what: 'late_success', stream: event.stream, detail: paymentEvent.data.pspReference });
    }
    if (paymentEvent.type === 'ReversalFailed') {
      report({ what: 'reversal_failed', stream: event.stream, detail: paymentEvent.data.why });
    }
    const effect = reactToPayment(paymentEvent, state, clock.now());
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
      case 'declare_unknown':
        return this.tell(attemptNeverAnswered(effect.attemptId, this.now()), cause);
      case 'declare_operation_unknown':
        return this.tell(operationNeverAnswered(effect.operationId, this.now()), cause);
    }
  }

  private async tell(command: PaymentCommand, cause: Cause): Promise<void> {
    await this.record(command, cause);
  }

  private async ask(effect: PspEffect, cause: Cause, surelyFirstSend: boolean): Promise<void> {
    const command = await askPsp(this.gatewayOf(effect.psp), effect, surelyFirstSend, () => this.now());
    await this.record(command, cause);
  }

  /**
   * What a PSP said is worth keeping: it is sent until the store has it, or the process ends. False where it told
   * nothing new.
   */
  private async record(command: PaymentCommand, { stream, eventId, correlationId }: Cause): Promise<boolean> {
    const { commands, chance, clock, report } = this.deps;
    const context = { commandId: chance.uuid(), correlationId, causationId: eventId, actor: ACTOR };
    for (let retry = 0; ; retry += 1) {
      const handled = await commands.handle(stream, command, context);
      if (handled.kind === 'recorded' || handled.kind === 'nothing') return handled.kind === 'recorded';
      if (handled.kind === 'refused') throw new Error(`${command.type} was refused: ${handled.refusal.code}`);
      report({ what: 'outcome_not_recorded', stream, detail: handled.kind });
      if (this.stopping) throw new Error(`${command.type} was not recorded before the stop`);
      const ms = Math.min(
        RECORD_AGAIN_FIRST_AFTER_MS * 2 ** Math.min(retry, 10),
        RECORD_AGAIN_AT_MOST_EVERY_MS,
      );
      await sleep(clock, jittered(chance, ms));
    }
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

/** A payment stands among the open flows once: whatever else is searched for in it is derived with it. */
const besides = (payment: Payment, stream: string, subject: string) =>
  searchedFor(payment)
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
