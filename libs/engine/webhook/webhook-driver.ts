import type {
  ForeignReason,
  NoticeEffect,
  NoticeTranslator,
  PspName,
  WebhookNoticeReceived,
} from '@tender/domain';
import { reactToNotice, subjectOf } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { PaymentCommands } from '../payment/payment-commands';
import { loadPayment, paymentStream } from '../payment/payment-stream';
import type { Chance } from '../timers/chance';
import { asWebhookEvent } from './webhook-stream';

/** How one PSP's notices are understood. */
export interface NoticeReader {
  readonly translator: NoticeTranslator;
  /** How long after a send the PSP may still say that it holds nothing of it, ms. */
  readonly settlesAfterMs: number;
}

/** What came of a notice: `known` tells nothing new, and `ignored` and `foreign` say why. */
export type NoticeResult =
  | { readonly what: 'applied' | 'known' }
  | { readonly what: 'foreign'; readonly because: ForeignReason }
  | { readonly what: 'ignored'; readonly because: string };

export interface WebhookDriverDeps {
  readonly log: EventLog;
  readonly commands: PaymentCommands;
  readonly readers: Readonly<Record<PspName, NoticeReader>>;
  readonly chance: Chance;
  readonly report: (psp: PspName, result: NoticeResult, stream: string) => void;
}

/**
 * Reads stored notices and tells the payments that they are about. Handling one again, late, or out of order, ends in the
 * same state: the payment decides what is news to it.
 */
export class WebhookDriver {
  constructor(private readonly deps: WebhookDriverDeps) {}

  /** Rejects when the payment could not be told; whoever calls tries again. */
  async handle(event: RecordedEvent): Promise<void> {
    const notice = asWebhookEvent(event).data;
    this.deps.report(notice.psp, await this.resultOf(notice, event), event.stream);
  }

  private async resultOf(notice: WebhookNoticeReceived, event: RecordedEvent): Promise<NoticeResult> {
    const { translator, settlesAfterMs } = this.deps.readers[notice.psp];
    const subject = subjectOf(notice, translator);
    if (subject === undefined) return { what: 'foreign', because: 'no_attempt' };
    const { attemptId, paymentId } = subject;
    const stream = paymentStream(paymentId);
    const payment = (await loadPayment(this.deps.log, stream))?.payment;
    const heard = { heardAt: event.metadata.recordedAt, settlesAfterMs };
    const effect = reactToNotice(notice, translator, { attemptId, payment }, heard);
    switch (effect.kind) {
      case 'foreign':
        return { what: 'foreign', because: effect.because };
      case 'ignore':
        return { what: 'ignored', because: effect.because };
      case 'send':
        return this.send(effect, { stream, paymentId, psp: notice.psp, eventId: event.id });
    }
  }

  private async send(
    { command }: Extract<NoticeEffect, { kind: 'send' }>,
    about: {
      readonly stream: string;
      readonly paymentId: string;
      readonly psp: PspName;
      readonly eventId: string;
    },
  ): Promise<NoticeResult> {
    const handled = await this.deps.commands.handle(about.stream, command, {
      commandId: this.deps.chance.uuid(),
      correlationId: about.paymentId,
      causationId: about.eventId,
      actor: `psp:${about.psp}`,
    });
    switch (handled.kind) {
      case 'recorded':
        return { what: 'applied' };
      case 'nothing':
        return { what: 'known' };
      case 'refused':
        throw new Error(`${command.type} was refused: ${handled.refusal.code}`);
      case 'unconfirmed':
      case 'conflict':
        throw new Error(`${command.type} was not recorded: ${handled.kind}`);
    }
  }
}
