import type { RefundAsked, RefundNews, RefundOutcome } from '@tender/domain';
import { FACT_RANK } from '@tender/domain';
import { scrub } from '../scrub';
import type { RefundMeaning } from './notice-table';
import { REFUND_FAILURE_ROWS } from './notice-table';
import type { SeenNotice } from './seen-notice';
import { amountOf, moneyIn } from './seen-notice';

/** What an event says of a try of ours to give money back. */
export function refundNews(
  notice: SeenNotice,
  meaning: Exclude<RefundMeaning, { kind: 'ignored' }>,
  asked: RefundAsked,
): RefundNews {
  const { pspReference } = notice;
  const money = moneyIn(notice);
  // a failure, too: what is put back is what was taken
  if (money?.currency !== asked.currency || money.amountMinor !== asked.amountMinor) {
    const outcome: RefundOutcome = {
      kind: 'unknown',
      why: 'amount_mismatch',
      detail: amountOf(notice),
      pspReference,
      keyBurnt: false,
    };
    return { kind: 'refund', pspReference, outcome, rank: FACT_RANK.pending };
  }
  return meaning.kind === 'done'
    ? { kind: 'refund', pspReference, outcome: done(notice, asked), rank: FACT_RANK.done }
    : { kind: 'refund', pspReference, outcome: failed(notice, meaning), rank: FACT_RANK.failed };
}

const done = (
  { pspReference, occurredAt }: SeenNotice,
  { amountMinor }: Pick<RefundAsked, 'amountMinor'>,
): RefundOutcome => ({ kind: 'succeeded', pspReference, amountMinor, occurredAt });

function failed(
  { eventCode, pspReference, reason, occurredAt }: SeenNotice,
  { why, debited }: Extract<RefundMeaning, { kind: 'failed' }>,
): RefundOutcome {
  const named = REFUND_FAILURE_ROWS.find(({ words }) => words.test(reason))?.why ?? 'refused';
  const detail = scrub(`${eventCode}: ${reason === '' ? 'no reason' : reason}`);
  return {
    kind: 'failed',
    why: why === 'by_reason' ? named : why,
    debited,
    detail,
    pspReference,
    occurredAt,
  };
}
