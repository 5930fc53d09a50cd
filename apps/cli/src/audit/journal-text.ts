import { accountOf, type Journal, type JournalLine } from '@tender/domain';
import { amountText } from './event-words';

/** `posted payment.captured@1` and its lines, debits first, for a terminal. */
export const journalLines = ({ layer, template, lines, reverses }: Journal): readonly string[] => [
  `${layer} ${template}${reverses === null ? '' : `, takes back ${reverses}`}`,
  ...[...lines].sort(debitsFirst).map((line) => `  ${lineText(line)}`),
];

const debitsFirst = (a: JournalLine, b: JournalLine): number =>
  a.side === b.side ? 0 : a.side === 'debit' ? -1 : 1;

function lineText(line: JournalLine): string {
  const { account, key, side } = line;
  const name = accountOf(account)?.name ?? 'unknown account';
  const place = `${account} ${name}${key === '' ? '' : `[${key}]`}`;
  return `${side.padEnd(6)} ${amountText(line).padStart(14)}  ${place}`;
}
