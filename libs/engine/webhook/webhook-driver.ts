import type {
  ForeignReason,
  IdentifyOutcome,
  NoticeEffect,
  NoticeTranslator,
  PspName,
  WebhookNoticeReceived,
} from '@tender/domain';
import { paymentOfAttempt, reactToNotice, reactToRefundNotice, subjectOf } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { CommandContext, Handled } from '../handle-command';
import type { PaymentCommands } from '../payment/payment-commands';
import { loadPayment, paymentStream } from '../payment/payment-stream';
import type { RefundCommands } from '../refund/refund-commands';
import { loadRefund, refundStream } from '../refund/refund-stream';
import type { Chance } from '../timers/chance';
import { asWebhookEvent } from './webhook-stream';

/** How one PSP's notices are understood. */
export interface NoticeReader {
  readonly translator: NoticeTranslator;
  /** How long after a send the PSP may still say that it holds nothing of it, ms. */
  readonly settlesAfterMs: number;
  /** Whose a charge is that a notice names by the PSP's reference alone. */
  readonly identify: (request: { readonly pspReference: string }) => Promise<IdentifyOutcome>;
}

/** What came of a notice: `known` tells nothing new, and `ignored` and `foreign` say why. */
export type NoticeResult =
  | { readonly what: 'applied' | 'known' }
  | { readonly what: 'foreign'; readonly because: ForeignReason }
  | { readonly what: 'ignored'; readonly because: string };

export interface WebhookDriverDeps {
  readonly log: EventLog;
  readonly commands: PaymentCommands;
  readonly refunds: RefundCommands;
  readonly readers: Readonly<Record<PspName, NoticeReader>>;
  readonly chance: Chance;
  readonly report: (psp: PspName, result: NoticeResult, stream: string) => void;
}

/** A stored notice, with what is needed to handle it. */
interface Stored {
  readonly notice: WebhookNoticeReceived;
  readonly reader: NoticeReader;
  readonly event: RecordedEvent;
}

/**
 * Reads stored notices and tells the payments and refunds that they are about. Handling one again, late, or out of order,
 * ends in the same state: whoever is told decides what is news to it.
 */
export class WebhookDriver {
  constructor(private readonly deps: WebhookDriverDeps) {}

  /** Rejects when nobody could be told; whoever calls tries again. */
  async handle(event: RecordedEvent): Promise<void> {
    const notice = asWebhookEvent(event).data;
    const result = await this.resultOf({ notice, reader: this.deps.readers[notice.psp], event });
    this.deps.report(notice.psp, result, event.stream);
  }

  private async resultOf(stored: Stored): Promise<NoticeResult> {
    const subject = subjectOf(stored.notice, stored.reader.translator);
    switch (subject?.kind) {
      case 'attempt':
        return this.ofAttempt(stored, subject.attemptId);
      case 'refund':
        return this.ofRefund(stored, subject);
      case 'charge':
        return this.ofCharge(stored, subject.pspReference);
      case undefined:
        return { what: 'foreign', because: 'no_attempt' };
    }
  }

  private async ofCharge(stored: Stored, pspReference: string): Promise<NoticeResult> {
    const answer = await stored.reader.identify({ pspReference });
    switch (answer.kind) {
      case 'ours':
        return this.ofAttempt(stored, answer.attemptId);
      case 'foreign':
        return { what: 'foreign', because: 'no_attempt' };
      case 'unavailable':
        throw new Error(`nobody says whose charge it is: ${answer.detail}`);
    }
  }

  private async ofAttempt(stored: Stored, attemptId: string): Promise<NoticeResult> {
    const paymentId = paymentOfAttempt(attemptId);
    if (paymentId === undefined) return { what: 'foreign', because: 'no_attempt' };
    const { notice, reader } = stored;
    const { log, commands } = this.deps;
    const stream = paymentStream(paymentId);
    const payment = (await loadPayment(log, stream))?.payment;
    const about = { attemptId, payment };
    const effect = reactToNotice(notice, reader.translator, about, heardOf(stored));
    return asResult(effect, (command) => commands.handle(stream, command, this.contextOf(stored, paymentId)));
  }

  private async ofRefund(
    stored: Stored,
    { refundId, operationId }: { readonly refundId: string; readonly operationId: string },
  ): Promise<NoticeResult> {
    const { notice, reader } = stored;
    const { log, refunds } = this.deps;
    const stream = refundStream(refundId);
    const refund = (await loadRefund(log, stream))?.refund;
    const about = { operationId, refund };
    const effect = reactToRefundNotice(notice, reader.translator, about, heardOf(stored));
    return asResult(effect, (command) =>
      refunds.handle(stream, command, this.contextOf(stored, refund?.paymentId ?? refundId)),
    );
  }

  private contextOf({ notice, event }: Stored, correlationId: string): CommandContext {
    return {
      commandId: this.deps.chance.uuid(),
      correlationId,
      causationId: event.id,
      actor: `psp:${notice.psp}`,
    };
  }
}

const heardOf = ({ event, reader }: Stored) => ({
  heardAt: event.metadata.recordedAt,
  settlesAfterMs: reader.settlesAfterMs,
});

async function asResult<Command extends { readonly type: string }>(
  effect: NoticeEffect<Command>,
  send: (command: Command) => Promise<Handled<unknown, { readonly code: string }>>,
): Promise<NoticeResult> {
  if (effect.kind === 'foreign') return { what: 'foreign', because: effect.because };
  if (effect.kind === 'ignore') return { what: 'ignored', because: effect.because };
  const { command } = effect;
  const handled = await send(command);
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
