import { MAX_INT64, MoneyError } from '../money/money';
import type { BookableEvent } from './booking';
import { CHART } from './chart';
import type { Journal, JournalLine } from './journal';
import type { AnyFacts, Form, Posting, Template, TemplateLine } from './template';
import { currencyFactOf, templateId, termsOf } from './template';

/** A posting that cannot be made: a fault of ours in a template or in who gave the facts, never a business answer. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError';
}

export interface Circumstances {
  readonly event: Pick<BookableEvent, 'id' | 'type' | 'stream' | 'revision' | 'recordedAt'>;
  readonly ledger: string;
  /** Uuid of the payment that caused it; null where none did. */
  readonly payment: string | null;
  /** RFC 3339, UTC, ms. */
  readonly effectiveAt: string;
}

/** The journals of one event, in the order of its postings; a posting whose lines are all zero makes none. */
export function journalsOf(
  { event, ledger, payment, effectiveAt }: Circumstances,
  postings: readonly Posting[],
): readonly Journal[] {
  return postings
    .map(({ template, facts }) => ({ template, lines: linesOf(template, facts) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ template, lines }, index) => ({
      id: `${event.id}:${index + 1}`,
      ledger,
      layer: template.layer,
      template: templateId(template),
      effectiveAt,
      recordedAt: event.recordedAt,
      payment,
      source: {
        stream: event.stream,
        revision: event.revision,
        eventId: event.id,
        eventType: event.type,
      },
      lines,
      reverses: null,
    }));
}

/**
 * The lines of a template for these facts. A line that comes to zero is left out; one that comes to less, such as the
 * net of a charge that cost more than it brought, stands on the other side.
 *
 * @throws LedgerError where a fact is missing or of the wrong kind, an amount is negative that must not be, or the lines
 *   do not balance
 * @throws MoneyError where an amount leaves int64
 */
export function linesOf(template: Template, facts: AnyFacts): readonly JournalLine[] {
  const members = membersOf(template, facts);
  const made = template.lines.flatMap((line) => {
    const whose = line.each === true ? members.map((member) => ({ ...facts, ...member })) : [facts];
    return whose.map((known) => lineOf(template, line, known, members));
  });
  const lines = made.filter(({ amountMinor }) => amountMinor !== 0n);
  assertBalanced(templateId(template), lines);
  return lines;
}

function membersOf(template: Template, { members }: AnyFacts): readonly AnyFacts[] {
  if (!template.lines.some(({ each }) => each === true)) return [];
  if (!Array.isArray(members)) throw new LedgerError(`${templateId(template)}: members are missing`);
  return members as readonly AnyFacts[];
}

function lineOf(
  template: Template,
  line: TemplateLine,
  facts: AnyFacts,
  members: readonly AnyFacts[],
): JournalLine {
  const { key: dimension, byPsp } = CHART[line.account];
  const keyFact = line.key ?? dimension;
  const amount = amountOf(template, line.amount, facts, members);
  const other = line.side === 'debit' ? 'credit' : 'debit';
  if (amount > MAX_INT64 || -amount > MAX_INT64) {
    throw new MoneyError(`${templateId(template)}: ${amount} on ${line.account} is outside int64`);
  }
  return {
    account: line.account,
    key: keyFact === null ? '' : textFact(template, facts, keyFact),
    currency: textFact(template, facts, currencyFactOf(line)),
    side: amount < 0n ? other : line.side,
    amountMinor: amount < 0n ? -amount : amount,
    psp: byPsp ? facts.psp : null,
  };
}

function amountOf(template: Template, form: Form, facts: AnyFacts, members: readonly AnyFacts[]): bigint {
  return termsOf(form).reduce((sum, [symbol, coefficient]) => {
    const whose = symbol in facts || !isOfMembers(template, symbol) ? [facts] : members;
    const value = whose.reduce((total, known) => total + amountFact(template, known, symbol), 0n);
    return sum + BigInt(coefficient) * value;
  }, 0n);
}

const isOfMembers = ({ lines }: Template, symbol: string): boolean =>
  lines.some(({ each, amount }) => each === true && termsOf(amount).some(([name]) => name === symbol));

function amountFact(template: Template, facts: AnyFacts, symbol: string): bigint {
  const value = facts[symbol];
  if (typeof value !== 'bigint') throw new LedgerError(`${templateId(template)}: ${symbol} is no amount`);
  if (value < 0n && template.signed?.includes(symbol) !== true) {
    throw new LedgerError(`${templateId(template)}: ${symbol} is ${value}, and must not be negative`);
  }
  return value;
}

function textFact(template: Template, facts: AnyFacts, name: string): string {
  const value = facts[name];
  if (typeof value !== 'string' || value === '') {
    throw new LedgerError(`${templateId(template)}: ${name} is missing`);
  }
  return value;
}

/** Proved for every template; asserted all the same, since this is the last line before the books. */
export function assertBalanced(
  what: string,
  lines: readonly Pick<JournalLine, 'currency' | 'side' | 'amountMinor'>[],
): void {
  const left = new Map<string, bigint>();
  for (const { currency, side, amountMinor } of lines) {
    left.set(currency, (left.get(currency) ?? 0n) + (side === 'debit' ? amountMinor : -amountMinor));
  }
  for (const [currency, amount] of left) {
    if (amount !== 0n) throw new LedgerError(`${what} is off balance by ${amount} ${currency}`);
  }
}
