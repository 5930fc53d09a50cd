import { partsOfAttemptId } from '../kernel/ids';
import type { Payment } from '../payment/payment';
import { findAttempt } from '../payment/payment';
import type { PaymentCommand } from '../payment/payment.commands';
import type { NoticeTranslator, PspNews } from '../psp/news';
import type { WebhookNoticeReceived } from './webhook.events';

/**
 * Why a notice is about nothing of ours: `no_attempt` it names none · `no_payment` none of our payments has such an
 * attempt · `another_psp` the attempt was made elsewhere. An account may serve others beside us.
 */
export type ForeignReason = 'no_attempt' | 'no_payment' | 'another_psp';

/** What a stored notice asks for. */
export type NoticeEffect =
  | { readonly kind: 'send'; readonly command: PaymentCommand }
  | { readonly kind: 'foreign'; readonly because: ForeignReason }
  | { readonly kind: 'ignore'; readonly because: string };

export interface Heard {
  /** When the notice was recorded, RFC 3339: the same however often it is handled. */
  readonly heardAt: string;
  /** How long after a send the PSP may still say that it holds nothing of it, ms. */
  readonly settlesAfterMs: number;
}

/** The attempt that a notice is about and its payment, or undefined where it names none of ours. */
export function subjectOf(
  { fields }: WebhookNoticeReceived,
  translator: NoticeTranslator,
): { readonly attemptId: string; readonly paymentId: string } | undefined {
  const subject = translator.subjectOf(fields);
  if (subject?.kind !== 'attempt') return undefined;
  const { attemptId } = subject;
  const parts = partsOfAttemptId(attemptId);
  return parts === undefined ? undefined : { attemptId, paymentId: parts.paymentId };
}

/**
 * A PSP's own word becomes the command that a reply would have caused; so order and copies are the payment's own affair.
 * An attempt's event is durable before the PSP hears of it: a notice cannot be about an attempt that is still to come.
 */
export function reactToNotice(
  { psp, fields }: WebhookNoticeReceived,
  translator: NoticeTranslator,
  about: { readonly attemptId: string; readonly payment: Payment | undefined },
  heard: Heard,
): NoticeEffect {
  const { attemptId, payment } = about;
  const attempt = payment === undefined ? undefined : findAttempt(payment, attemptId);
  if (payment === undefined || attempt === undefined) return { kind: 'foreign', because: 'no_payment' };
  if (attempt.psp !== psp) return { kind: 'foreign', because: 'another_psp' };
  const { amountMinor, currency, captureMethod } = payment;
  const news = translator.translate(fields, { attemptId, amountMinor, currency, captureMethod });
  return asCommand(news, attemptId, heard);
}

function asCommand(news: PspNews, attemptId: string, { heardAt, settlesAfterMs }: Heard): NoticeEffect {
  switch (news.kind) {
    case 'authorization': {
      const { outcome } = news;
      const data = { attemptId, outcome, heardBy: 'webhook', surelyFirstSend: false, heardAt } as const;
      return { kind: 'send', command: { type: 'RecordAttemptOutcome', data } };
    }
    case 'operation': {
      const { operation, pspReference, outcome, rank } = news;
      const data = { attemptId, operation, pspReference, outcome, rank, heardAt, settlesAfterMs };
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
    case 'ignored':
      return { kind: 'ignore', because: news.because };
  }
}
