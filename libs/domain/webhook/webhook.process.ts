import { partsOfAttemptId } from '../kernel/ids';
import type { Payment } from '../payment/payment';
import { findAttempt } from '../payment/payment';
import type { PaymentCommand } from '../payment/payment.commands';
import type { NoticeSubject, NoticeTranslator, PspNews } from '../psp/news';
import type { Refund } from '../refund/refund';
import type { RefundCommand } from '../refund/refund.commands';
import type { WebhookNoticeReceived } from './webhook.events';

/**
 * Why a notice is about nothing of ours: `no_attempt` it names none · `no_payment` none of our payments has such an
 * attempt · `no_refund` we never tried such a refund · `another_psp` it was asked of another one. An account may serve
 * others beside us.
 */
export type ForeignReason = 'no_attempt' | 'no_payment' | 'no_refund' | 'another_psp';

/** What a stored notice asks for. */
export type NoticeEffect<Command> =
  | { readonly kind: 'send'; readonly command: Command }
  | { readonly kind: 'foreign'; readonly because: ForeignReason }
  | { readonly kind: 'ignore'; readonly because: string; readonly needsPerson?: true };

export interface Heard {
  /** When the notice was recorded, RFC 3339: the same however often it is handled. */
  readonly heardAt: string;
  /** How long after a send the PSP may still say that it holds nothing of it, ms. */
  readonly settlesAfterMs: number;
}

/** What a notice is about, or null where it names nothing of ours. */
export const subjectOf = (
  { fields }: WebhookNoticeReceived,
  translator: NoticeTranslator,
): NoticeSubject | null => translator.subjectOf(fields);

/** The payment that an attempt is of, or undefined where its id is none of ours. */
export const paymentOfAttempt = (attemptId: string): string | undefined =>
  partsOfAttemptId(attemptId)?.paymentId;

/**
 * A PSP's own word about a payment becomes the command that a reply would have caused; so order and copies are the
 * payment's own affair. An attempt's event is durable before the PSP hears of it: a notice cannot be about an attempt that
 * is still to come.
 */
export function reactToNotice(
  { psp, fields }: WebhookNoticeReceived,
  translator: NoticeTranslator,
  about: { readonly attemptId: string; readonly payment: Payment | undefined },
  heard: Heard,
): NoticeEffect<PaymentCommand> {
  const { attemptId, payment } = about;
  const attempt = payment === undefined ? undefined : findAttempt(payment, attemptId);
  if (payment === undefined || attempt === undefined) return { kind: 'foreign', because: 'no_payment' };
  if (attempt.psp !== psp) return { kind: 'foreign', because: 'another_psp' };
  const { amountMinor, currency, captureMethod } = payment;
  const news = translator.translate(fields, { attemptId, amountMinor, currency, captureMethod });
  return asCommand(news, attemptId, heard);
}

function asCommand(
  news: PspNews,
  attemptId: string,
  { heardAt, settlesAfterMs }: Heard,
): NoticeEffect<PaymentCommand> {
  switch (news.kind) {
    case 'authorization': {
      const { outcome } = news;
      const data = { attemptId, outcome, heardBy: 'webhook', surelyFirstSend: false, heardAt } as const;
      return { kind: 'send', command: { type: 'RecordAttemptOutcome', data } };
    }
    case 'operation': {
      const { operation, pspReference, paymentReference, outcome, rank } = news;
      const said = { operation, pspReference, paymentReference, outcome, rank } as const;
      const data = { attemptId, ...said, heardAt, settlesAfterMs };
      return { kind: 'send', command: { type: 'RecordOperationNews', data } };
    }
    case 'expired': {
      const { pspReference, occurredAt } = news;
      return {
        kind: 'send',
        command: { type: 'RecordExpiry', data: { attemptId, pspReference, occurredAt } },
      };
    }
    case 'dispute':
      return { kind: 'send', command: { type: 'RecordDisputeFact', data: { attemptId, fact: news.fact } } };
    case 'ignored': {
      const { because, needsPerson } = news;
      return { kind: 'ignore', because, ...(needsPerson && { needsPerson }) };
    }
  }
}

/** The same for a refund: of the try that the notice names, whichever counts by now. */
export function reactToRefundNotice(
  { psp, fields }: WebhookNoticeReceived,
  translator: NoticeTranslator,
  about: { readonly operationId: string; readonly refund: Refund | undefined },
  { heardAt }: Heard,
): NoticeEffect<RefundCommand> {
  const { operationId, refund } = about;
  const named = refund?.tries.find((one) => one.operationId === operationId);
  if (refund === undefined || named === undefined) return { kind: 'foreign', because: 'no_refund' };
  if (refund.psp !== psp) return { kind: 'foreign', because: 'another_psp' };
  const { attemptId, amountMinor, currency } = refund;
  const news = translator.translateRefund(fields, { attemptId, operationId, amountMinor, currency });
  if (news.kind === 'ignored') return { kind: 'ignore', because: news.because };
  const { outcome, rank } = news;
  const data = { number: named.number, outcome, rank, heardAt };
  return { kind: 'send', command: { type: 'RecordRefundNews', data } };
}
