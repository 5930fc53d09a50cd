import type {
  ForeignReason,
  IdentifyOutcome,
  NoticeEffect,
  NoticeTranslator,
  Payment,
  PspName,
  Refund,
  WebhookNoticeReceived,
  WebhookNoticeSetAside,
} from '@tender/domain';
import { findAttempt, paymentOfAttempt, reactToNotice, reactToRefundNotice, subjectOf } from '@tender/domain';
import type { EventLog, RecordedEvent } from '@tender/eventstore';
import type { CommandContext, Handled } from '../handle-command';
import type { PaymentCommands } from '../payment/payment-commands';
import type { PaymentAt } from '../payment/payment-stream';
import { loadPayment, paymentStream } from '../payment/payment-stream';
import type { RefundCommands } from '../refund/refund-commands';
import { loadRefund, refundStream } from '../refund/refund-stream';
import { SharedReads } from '../shared-reads';
import type { Chance } from '../timers/chance';
import type { Clock } from '../timers/clock';
import type { WebhookCommands } from './webhook-stream';
import { asWebhookEvent } from './webhook-stream';

/** How one PSP's notices are understood. */
export interface NoticeReader {
  readonly translator: NoticeTranslator;
  /** How long after a send the PSP may still say that it holds nothing of it, ms. */
  readonly settlesAfterMs: number;
  /** Whose a charge is that a notice names by the PSP's reference alone. */
  readonly identify: (request: { readonly pspReference: string }) => Promise<IdentifyOutcome>;
}

/** What came of a notice: `known` tells nothing new, and the others say why nobody was told. */
export type NoticeResult =
  | { readonly what: 'applied' | 'known' }
  | { readonly what: 'foreign' | 'parked'; readonly because: ForeignReason }
  | { readonly what: 'ignored'; readonly because: string; readonly needsPerson?: true };

/**
 * A notice that names a payment or a refund of ours which is not there is read again for so long, ms. What we ask a PSP
 * for is durable before it hears of it: so either the log is being restored, or another installation shares the account,
 * and a day is enough to tell.
 */
export const PARKED_AT_MOST_MS = 24 * 3_600_000;

/** A notice that waits for what it is about. */
export interface ParkedNotice {
  readonly stream: string;
  readonly psp: PspName;
  readonly because: string;
  /** When it was recorded, RFC 3339. */
  readonly since: string;
}

/** Which notices wait: what a sweep reads again. Both may be repeated. */
export interface ParkedNotices {
  park(notice: ParkedNotice): Promise<void>;
  release(stream: string): Promise<void>;
}

export interface WebhookDriverDeps {
  readonly log: EventLog;
  readonly commands: PaymentCommands;
  readonly refunds: RefundCommands;
  /** Where it is recorded that a notice told nobody anything. */
  readonly inbox: Pick<WebhookCommands, 'handle'>;
  readonly parked: ParkedNotices;
  readonly readers: Readonly<Record<PspName, NoticeReader>>;
  readonly clock: Clock;
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
  /**
   * A payment that much is told about has a long stream, and each notice a stream of its own, so they come side by side: with
   * a read for each, reads that wait for one another can all be too late, and their next tries as well.
   */
  private readonly payments: SharedReads<PaymentAt | undefined>;

  constructor(private readonly deps: WebhookDriverDeps) {
    this.payments = new SharedReads((stream) => loadPayment(deps.log, stream));
  }

  /** Rejects when nobody could be told; whoever calls tries again. */
  async handle(event: RecordedEvent): Promise<void> {
    const recorded = asWebhookEvent(event);
    if (recorded.type === 'WebhookNoticeReceived') await this.read(event, recorded.data, false);
  }

  /**
   * Reads a stored notice again: one that is parked, or any after a mistake in reading was mended. Whoever knows it
   * already is told nothing new.
   *
   * @returns undefined for a stream that holds no notice
   */
  async reread(stream: string): Promise<NoticeResult | undefined> {
    const [event] = await this.deps.log.readStream(stream);
    if (event === undefined) return undefined;
    const recorded = asWebhookEvent(event);
    return recorded.type === 'WebhookNoticeReceived' ? this.read(event, recorded.data, true) : undefined;
  }

  private async read(
    event: RecordedEvent,
    notice: WebhookNoticeReceived,
    again: boolean,
  ): Promise<NoticeResult> {
    const stored = { notice, reader: this.deps.readers[notice.psp], event };
    const result = this.unlessParked(await this.resultOf(stored), event);
    if ('because' in result) {
      await this.setAside(stored, { as: result.what, because: result.because }, again);
    } else if (again) {
      await this.takeUp(stored);
    }
    this.deps.report(notice.psp, result, event.stream);
    return result;
  }

  /** What names something of ours that is not there may be about something that is still to come. */
  private unlessParked(result: NoticeResult, { metadata }: RecordedEvent): NoticeResult {
    if (result.what !== 'foreign') return result;
    const { because } = result;
    const isUnknown = because === 'no_payment' || because === 'no_refund';
    const ageMs = this.deps.clock.now() - Date.parse(metadata.recordedAt);
    return isUnknown && ageMs < PARKED_AT_MOST_MS ? { what: 'parked', because } : result;
  }

  private async setAside(stored: Stored, aside: WebhookNoticeSetAside, again: boolean): Promise<void> {
    const { inbox, parked } = this.deps;
    const { stream, metadata } = stored.event;
    const { psp } = stored.notice;
    const waiting = { stream, psp, because: aside.because, since: metadata.recordedAt };
    // first what makes it come again: a crash in between costs one more reading
    if (aside.as === 'parked') await parked.park(waiting);
    const context = this.contextOf(stored, stored.event.id);
    settled(await inbox.handle(stream, { type: 'SetNoticeAside', data: aside }, context));
    // and again: in between, another who told it may have released it, or another list may have become the live one
    if (aside.as === 'parked') await parked.park(waiting);
    if (again && aside.as !== 'parked') await parked.release(stream);
  }

  private async takeUp(stored: Stored): Promise<void> {
    const { stream, id } = stored.event;
    settled(await this.deps.inbox.handle(stream, { type: 'TakeNoticeUp' }, this.contextOf(stored, id)));
    await this.deps.parked.release(stream);
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
    const { commands } = this.deps;
    const stream = paymentStream(paymentId);
    const known = commands.folded.get(stream)?.state ?? undefined;
    const hasAttempt = known !== undefined && findAttempt(known, attemptId) !== undefined;
    const payment = hasAttempt ? known : await this.readPayment(stream);
    const about = { attemptId, payment };
    const effect = reactToNotice(notice, reader.translator, about, heardOf(stored));
    return asResult(effect, (command) => commands.handle(stream, command, this.contextOf(stored, paymentId)));
  }

  private async ofRefund(
    stored: Stored,
    { refundId, operationId }: { readonly refundId: string; readonly operationId: string },
  ): Promise<NoticeResult> {
    const { notice, reader } = stored;
    const { refunds } = this.deps;
    const stream = refundStream(refundId);
    const known = refunds.folded.get(stream)?.state ?? undefined;
    const hasTry = known?.tries.some((one) => one.operationId === operationId) === true;
    const refund = hasTry ? known : await this.readRefund(stream);
    const about = { operationId, refund };
    const effect = reactToRefundNotice(notice, reader.translator, about, heardOf(stored));
    return asResult(effect, (command) =>
      refunds.handle(stream, command, this.contextOf(stored, refund?.paymentId ?? refundId)),
    );
  }

  /**
   * A notice is read with what never changes once it is recorded: whose attempt or try it is, of how much, in which
   * currency. So a fold that is behind its stream will do where it has that, and a stream is read once however many notices
   * come; what is news is decided on the stream as it is.
   */
  private async readPayment(stream: string): Promise<Payment | undefined> {
    const read = await this.payments.get(stream);
    if (read === undefined) return undefined;
    this.deps.commands.folded.put(stream, { state: read.payment, revision: read.revision });
    return read.payment;
  }

  /** The same of a refund: of the one that the notice names, and of no other. */
  private async readRefund(stream: string): Promise<Refund | undefined> {
    const read = await loadRefund(this.deps.log, stream);
    if (read === undefined) return undefined;
    this.deps.refunds.folded.put(stream, { state: read.refund, revision: read.revision });
    return read.refund;
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

/** @throws when it is not surely recorded */
function settled(handled: Awaited<ReturnType<WebhookCommands['handle']>>): void {
  if (handled.kind !== 'recorded' && handled.kind !== 'nothing') {
    throw new Error(`the end of a notice was not recorded: ${handled.kind}`);
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
  if (effect.kind === 'ignore') return ignored(effect);
  const { command } = effect;
  const handled = await send(command);
  switch (handled.kind) {
    case 'recorded':
      return { what: 'applied' };
    case 'nothing':
      return handled.needsPerson ? ignored(handled) : { what: 'known' };
    case 'refused':
      throw new Error(`${command.type} was refused: ${handled.refusal.code}`);
    case 'unconfirmed':
    case 'conflict':
      throw new Error(`${command.type} was not recorded: ${handled.kind}`);
  }
}

type Unplaced = Pick<Extract<NoticeResult, { what: 'ignored' }>, 'because' | 'needsPerson'>;

const ignored = ({ because, needsPerson }: Unplaced): NoticeResult => ({
  what: 'ignored',
  because,
  ...(needsPerson && { needsPerson }),
});
