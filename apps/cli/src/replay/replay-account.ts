import { accountOf, type JournalLine } from '@tender/domain';
import { derivedJournals, type DerivedJournal } from '@tender/engine';
import { comparePositions, type EventLog, type RecordedEvent } from '@tender/eventstore';
import { amountText } from '../audit/event-words';
import { CliFailure, EXIT } from '../exit-codes';
import { jsonOf } from '../terminal';
import type { Moment } from './moment';

export interface AccountQuery {
  readonly account: string;
  readonly key: string | undefined;
  readonly to: Moment;
  readonly json: boolean;
}

/** The last lines before the moment that are shown. */
export const LINES_SHOWN = 20;

interface Totals {
  readonly ledger: string;
  readonly currency: string;
  readonly debit: bigint;
  readonly credit: bigint;
}

/**
 * An account at a moment, or one key of it, for each ledger and currency: added up from journals that are derived from the
 * streams, so that it says what the books should have said.
 *
 * @throws CliFailure `usage` for an account that is not in the chart
 */
export async function replayAccount(
  log: Pick<EventLog, 'readAll' | 'readStream'>,
  { account, key, to, json }: AccountQuery,
): Promise<string> {
  const named = accountOf(account);
  if (named === undefined)
    throw new CliFailure(EXIT.usage, `There is no account "${account.slice(0, 40)}" in the chart.`);
  const totals = new Map<string, Totals>();
  const lines: { readonly at: DerivedJournal; readonly line: JournalLine }[] = [];
  let seq = 0n;
  for await (const at of derivedJournals(log, (event) => isBeyond(to, event))) {
    if (to.kind === 'revision' && at.seq > to.revision) break;
    seq = at.seq;
    for (const line of at.journal.lines) {
      if (line.account !== account || (key !== undefined && line.key !== key)) continue;
      add(totals, at.journal.ledger, line);
      lines.push({ at, line });
      if (lines.length > LINES_SHOWN) lines.shift();
    }
  }
  const sums = [...totals.values()];
  if (json) return jsonOf(asJson(account, key, seq, sums));
  return [
    `${account} ${named.name}${key === undefined ? '' : `[${key}]`} at journal ${seq}`,
    ...sums.map(sumText),
    ...(sums.length === 0 ? ['no line'] : ['', 'the last lines:']),
    ...lines.map(
      ({ at, line }) =>
        `${at.journal.recordedAt} ${`#${at.seq}`.padStart(7)} ${line.side.padEnd(6)} ${amountText(line).padStart(14)}  ${at.journal.template} [${line.key}]`,
    ),
  ].join('\n');
}

/**
 * In the order of the books: a time is over with the first event that was recorded later, though a writer whose clock
 * lags may still record earlier ones. So does the ledger answer questions about a time.
 */
function isBeyond(to: Moment, { metadata, position }: RecordedEvent): boolean {
  switch (to.kind) {
    case 'time':
      return Date.parse(metadata.recordedAt) > to.atMs;
    case 'position':
      return comparePositions(position, to.position) > 0;
    case 'revision':
      return false;
  }
}

function add(
  totals: Map<string, Totals>,
  ledger: string,
  { currency, side, amountMinor }: JournalLine,
): void {
  const id = `${ledger} ${currency}`;
  const before = totals.get(id) ?? { ledger, currency, debit: 0n, credit: 0n };
  totals.set(id, { ...before, [side]: before[side] + amountMinor });
}

function sumText({ ledger, currency, debit, credit }: Totals): string {
  const [d, c, balance] = [debit, credit, debit - credit].map((amountMinor) =>
    amountText({ amountMinor, currency }),
  );
  return `ledger ${ledger}: debit ${d}, credit ${c}, balance (debit − credit) ${balance}`;
}

/** Sums may pass 2^53: decimal strings, as in the API's ledger. */
const asJson = (account: string, key: string | undefined, seq: bigint, sums: readonly Totals[]): object => ({
  object: 'account',
  account,
  key: key ?? null,
  as_of_seq: seq,
  totals: sums.map(({ debit, credit, ...of }) => ({
    ...of,
    debit: debit.toString(),
    credit: credit.toString(),
    balance: (debit - credit).toString(),
  })),
});
