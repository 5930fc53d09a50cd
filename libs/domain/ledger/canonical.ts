import type { Journal, JournalLine } from './journal';

/** Hex of a collision-resistant hash of the text's UTF-8; the domain has none of its own. */
export type TextHash = (text: string) => string;

/** What the first journal of a chain follows. */
export const GENESIS_HASH = '0'.repeat(64);

/** Raised when the form below changes: a chain never mixes two forms. */
const FORM = 'tender-journal-1';

/**
 * A journal as text, the same byte for byte wherever and whenever it is made: JSON arrays in a fixed order, without
 * spaces; amounts and revisions as decimal text; `null` as it is. Everything of the journal is in it:
 *
 * `[form, id, ledger, layer, template, effectiveAt, recordedAt, payment, [stream, revision, event id, event type],
 * [[account, key, currency, side, amount, psp], …], reverses]`
 */
export const canonicalJournal = (journal: Journal): string =>
  JSON.stringify([
    FORM,
    journal.id,
    journal.ledger,
    journal.layer,
    journal.template,
    journal.effectiveAt,
    journal.recordedAt,
    journal.payment,
    [
      journal.source.stream,
      journal.source.revision.toString(),
      journal.source.eventId,
      journal.source.eventType,
    ],
    journal.lines.map(canonicalLine),
    journal.reverses,
  ]);

const canonicalLine = ({ account, key, currency, side, amountMinor, psp }: JournalLine): unknown[] => [
  account,
  key,
  currency,
  side,
  amountMinor.toString(),
  psp,
];

/**
 * The hash that commits to a journal, its place in the chain and everything before it: whoever changes, takes out,
 * adds or moves one journal has to change every hash after it.
 *
 * @param seq the journal's dense number in the chain
 */
export const chainHash = (hash: TextHash, prevHash: string, journal: Journal, seq: bigint): string =>
  hash(JSON.stringify([prevHash, seq.toString(), canonicalJournal(journal)]));
