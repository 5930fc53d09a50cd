import type { DisputeStage, PspNews } from '@tender/domain';
import { DISPUTE_RANK } from '@tender/domain';
import { scrub } from '../scrub';
import { text } from './json-fields';
import type { SeenNotice } from './seen-notice';
import { amountOf, moneyIn, utcOf } from './seen-notice';

/**
 * What an event says of a dispute. What Adyen charges for it is in the settlement report alone; the amount may be in the
 * currency of the scheme, and of a part.
 */
export function disputeNews(notice: SeenNotice, told: DisputeStage): PspNews {
  const {
    pspReference: disputeReference,
    originalReference: paymentReference,
    reason,
    occurredAt,
    fields,
  } = notice;
  const money = moneyIn(notice);
  if (money === undefined || money.amountMinor <= 0n) {
    return { kind: 'ignored', because: `a dispute whose ${amountOf(notice)}`, needsPerson: true };
  }
  const additional = fields.additionalData;
  const chargebackCode = text(additional, 'chargebackReasonCode');
  const rfiCode = text(additional, 'rfiReasonCode');
  const code = chargebackCode ?? rfiCode;
  // a request for information takes no money: when its time is over, there is nothing to lose yet
  const isInquiry =
    notice.eventCode === 'DISPUTE_DEFENSE_PERIOD_ENDED' && chargebackCode === null && rfiCode !== null;
  const stage = isInquiry ? 'inquiry_closed' : told;
  return {
    kind: 'dispute',
    fact: {
      disputeReference,
      paymentReference,
      stage,
      amountMinor: money.amountMinor,
      currency: money.currency,
      fee: null,
      reason: reason === '' ? null : scrub(reason),
      networkReasonCode: code === null ? null : scrub(code),
      evidenceDueBy: utcOf(text(additional, 'defensePeriodEndsAt') ?? ''),
      occurredAt,
      rank: DISPUTE_RANK[stage],
    },
  };
}
