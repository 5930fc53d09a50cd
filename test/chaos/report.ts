import type { Invariant, Note } from '@tender/testing';
import type { FaultInjector } from './fault-injector';
import type { Shoppers } from './shoppers';
import type { Verdict } from './verdict';

export interface Report {
  readonly verdict: Verdict;
  readonly shoppers: Pick<Shoppers, 'counts' | 'complaints' | 'told'>;
  readonly injector: Pick<FaultInjector, 'counts' | 'spoilt'>;
  readonly drainedAfterMs: number;
  /** Why a part did not run. */
  readonly notRun: readonly string[];
}

/** Whatever must not be. */
export const failuresOf = ({ verdict, shoppers }: Report): readonly string[] => [
  ...verdict.violations.map(({ rule, paymentId, detail }) => `VIOLATED ${rule} (${paymentId}): ${detail}`),
  ...shoppers.complaints.map((complaint) => `UNSERVED ${complaint}`),
];

const HISTORIES = 3;

export function printed(report: Report): string {
  const { verdict, shoppers, injector } = report;
  const { counts } = shoppers;
  const violated = (...rules: readonly Invariant[]): number =>
    verdict.violations.filter(({ rule }) => rules.includes(rule)).length;
  const rows: readonly (readonly [string, number])[] = [
    ['payments', verdict.payments],
    ['  of them charged at the second PSP asked', verdict.failovers],
    ['  of them unknown for a while', verdict.unknowns],
    ['requests sent', counts.requests],
    ['  duplicates among them', counts.duplicates],
    ['  abandoned by the caller', counts.abandoned],
    ['  with another body under a used key', counts.otherBodies],
    ['answers', verdict.answers],
    ['events', verdict.events],
    ['charges that reached a PSP', verdict.charges],
    ['double charges', violated('one_charge')],
    ['lost payments', violated('acknowledged_survives', 'charge_explained', 'success_is_real', 'contiguous')],
    ['unresolved', violated('nothing_left_open') + shoppers.complaints.length],
    ['answers that changed', violated('same_key_same_outcome', 'same_key_same_payment')],
    ['violations in all', verdict.violations.length],
  ];
  return [
    '',
    'Faults',
    ...table([...injector.counts].sort()),
    'Requests that the PSPs spoilt (at least)',
    ...table([...injector.spoilt].sort()),
    `Drained in ${(report.drainedAfterMs / 1_000).toFixed(1)} s`,
    ...report.notRun.map((why) => `NOT RUN: ${why}`),
    '',
    ...table(rows),
    ...histories(verdict),
    ...failuresOf(report),
  ].join('\n');
}

const table = (rows: readonly (readonly [string, number])[]): readonly string[] =>
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
