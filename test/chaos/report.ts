import type { Invariant, Note } from '@tender/testing';
import type { Asking, Counts } from './asking';
import type { FaultInjector } from './fault-injector';
import type { Verdict } from './verdict';

export interface Report {
  readonly verdict: Verdict;
  readonly asking: Pick<Asking, 'counts' | 'complaints'>;
  readonly injector: Pick<FaultInjector, 'counts' | 'spoilt'>;
  readonly drainedAfterMs: number;
  /** Until nothing was on its way any more. */
  readonly judgements: number;
  /** Why a part did not run. */
  readonly notRun: readonly string[];
}

/** Whatever must not be. */
export const failuresOf = ({ verdict, asking }: Report): readonly string[] => [
  ...verdict.violations.map(({ rule, paymentId, detail }) => `VIOLATED ${rule} (${paymentId}): ${detail}`),
  ...asking.complaints.map((complaint) => `UNSERVED ${complaint}`),
];

const HISTORIES = 3;

export function printed(report: Report): string {
  const { verdict, asking, injector } = report;
  const violated = (...rules: readonly Invariant[]): number =>
    verdict.violations.filter(({ rule }) => rules.includes(rule)).length;
  const rows: readonly Row[] = [
    ['payments', verdict.payments],
    ['  of them charged at the second PSP asked', verdict.failovers],
    ['  of them unknown for a while', verdict.unknowns],
    ...rowsOf(asking.counts.payment),
    ...refundRows(report),
    ['captures asked for apart', asking.counts.capture.asked],
    ['captures that fell back', verdict.atPsps.fellBack],
    ['disputes', verdict.atPsps.disputes],
    ['answers', verdict.answers],
    ['events', verdict.events],
    ['journals', verdict.journals],
    ['charges that reached a PSP', verdict.atPsps.charges],
    ['double charges', violated('one_charge')],
    ['lost payments', violated('acknowledged_survives', 'charge_explained', 'success_is_real', 'contiguous')],
    ['refunded twice', violated('refunded_once')],
    ['lost refunds', violated('refunds_agree', 'owed_until_given')],
    ['given back beyond what was captured', violated('refunds_within_captured')],
    ['disputes that do not agree', violated('disputes_agree')],
    ['unresolved', violated('nothing_left_open') + asking.complaints.length],
    ['unresolved refunds', verdict.openRefunds],
    ['answers that changed', violated('same_key_same_outcome', 'same_key_same_payment')],
    ['faults in the books', violated('books_balance', 'booked_once', 'memo_ends', 'books_agree')],
    ['divergences', verdict.divergences],
    ['violations in all', verdict.violations.length],
  ];
  return [
    '',
    'Faults',
    ...table([...injector.counts].sort()),
    'Requests that the PSPs spoilt (at least)',
    ...table([...injector.spoilt].sort()),
    `Drained in ${(report.drainedAfterMs / 1_000).toFixed(1)} s, judged ${report.judgements} times`,
    ...report.notRun.map((why) => `NOT RUN: ${why}`),
    '',
    ...table(rows),
    ...histories(verdict),
    ...failuresOf(report),
  ].join('\n');
}

type Row = readonly [string, number];

const rowsOf = (counts: Counts, what = ''): readonly Row[] => [
  [`${what}requests sent`, counts.requests],
  [`  ${what}duplicates among them`, counts.duplicates],
  [`  ${what}abandoned by the caller`, counts.abandoned],
  [`  ${what}with another body under a used key`, counts.otherBodies],
];

function refundRows({ verdict, asking }: Report): readonly Row[] {
  const { atPsps, refusals } = verdict;
  const { refund, retry, abandon } = asking.counts;
  return [
    ['refunds asked for', refund.asked],
    ['  of them refused, as more than is left', refusals.exceeding],
    ['  of them refused, as the bank has the money', refusals.disputed],
    ['  of them recorded', verdict.refunds],
    ['  of them unknown for a while', verdict.unknownRefunds],
    ['  of them failed, and owed still', verdict.owedRefunds],
    ['  tried again after a failure', retry.asked],
    ['  given up after a failure', abandon.asked],
    ...rowsOf(refund, 'refund '),
    ['refunds that reached a PSP', atPsps.refunds],
    ['  of them given', atPsps.refundsGiven],
    ['  of them come back', atPsps.refundsReturned],
  ];
}

const table = (rows: readonly Row[]): readonly string[] =>
  rows.map(([name, count]) => `  ${name.padEnd(44)}${String(count).padStart(9)}`);

/** Of the payments with the shortest stories: they are understood first. */
function histories({ violations, historyOf }: Verdict): readonly string[] {
  const ids = [...new Set(violations.map(({ paymentId }) => paymentId))];
  return ids
    .map((id) => ({ id, notes: historyOf(id) }))
    .sort((one, other) => one.notes.length - other.notes.length)
    .slice(0, HISTORIES)
    .flatMap(({ id, notes }) => ['', id, ...notes.map(noteLine)]);
}

const noteLine = ({ what, detail }: Note): string =>
  `  ${what} ${JSON.stringify(detail, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))}`;
