import type { Journal, JournalLine } from './journal';
import type { Circumstances } from './journals';
import { LedgerError } from './journals';

/**
 * The journal that takes another one back, whole: the same template, every line on the other side. Nothing in the books
 * is changed or deleted; a correction is this and a new journal. The store sees to it that a journal is taken back once.
 *
 * @param event what ordered it
 * @param number of this journal among those of the event, from 1
 * @throws LedgerError for a journal that itself takes one back, or that is in other books
 */
export function reversalOf(
  journal: Journal,
  { event, ledger, payment, effectiveAt }: Circumstances,
  number: number,
): Journal {
  if (journal.reverses !== null) throw new LedgerError(`${journal.id} takes a journal back itself`);
  if (journal.ledger !== ledger) throw new LedgerError(`${journal.id} is in the books of ${journal.ledger}`);
  return {
    id: `${event.id}:${number}`,
    ledger,
    layer: journal.layer,
    template: journal.template,
    effectiveAt,
    recordedAt: event.recordedAt,
    payment,
    source: { stream: event.stream, revision: event.revision, eventId: event.id, eventType: event.type },
    lines: journal.lines.map(onOtherSide),
    reverses: journal.id,
  };
}

const onOtherSide = (line: JournalLine): JournalLine => ({
  ...line,
  side: line.side === 'debit' ? 'credit' : 'debit',
});
