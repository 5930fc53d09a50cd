import type { Money, NoticeFields } from '@tender/domain';
import { partsOfAttemptId } from '@tender/domain';
import { scrub } from '../scrub';
import { fromAdyenAmount } from './adyen-amount';
import { integer, text } from './json-fields';

/** The fields of a stored notice that news are made of. */
export interface SeenNotice {
  readonly eventCode: string;
  readonly pspReference: string;
  readonly originalReference: string | null;
  readonly merchantReference: string;
  readonly value: number | null;
  readonly currency: string | null;
  readonly reason: string;
  readonly occurredAt: string;
  readonly fields: NoticeFields;
}

/** Null where Adyen gives it no reference or no time. */
export function seenIn(fields: NoticeFields, eventCode: string): SeenNotice | null {
  const pspReference = text(fields, 'pspReference');
  const occurredAt = utcOf(text(fields, 'eventDate') ?? '');
  if (pspReference === null || occurredAt === null) return null;
  return {
    eventCode,
    pspReference,
    originalReference: text(fields, 'originalReference'),
    merchantReference: text(fields, 'merchantReference') ?? '',
    value: integer(fields.amount, 'value'),
    currency: text(fields.amount, 'currency'),
    reason: text(fields, 'reason') ?? '',
    occurredAt,
    fields,
  };
}

/** A time without a zone would be another one on another machine. */
const WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;

export function utcOf(eventDate: string): string | null {
  const unixMs = WITH_ZONE.test(eventDate) ? Date.parse(eventDate) : NaN;
  return Number.isNaN(unixMs) ? null : new Date(unixMs).toISOString();
}

/** Of a payment the reference is the attempt's id; of a modification the operation's, which begins with it, or again that. */
export function attemptIn(reference: string): string | null {
  const [attemptId = ''] = reference.split('-', 1);
  return partsOfAttemptId(attemptId) === undefined ? null : attemptId;
}

export const moneyIn = ({ value, currency }: SeenNotice): Money | undefined =>
  value === null || currency === null ? undefined : fromAdyenAmount(value, currency);

export const amountOf = ({ value, currency }: SeenNotice): string =>
  `amount is ${value ?? 'absent'} ${scrub(currency ?? 'without a currency')}`;
