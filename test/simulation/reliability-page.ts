import { INVARIANTS } from '@tender/testing';
import type { CrashPoint } from './crash-points';
import { CRASH_SCENARIOS, HOTTEST } from './crash-scenarios';
import { FAULT_KINDS } from './faults';
import { MUTANTS } from './mutants';
import { REFUND_NEVER_BEGUN } from './refund-mutants';
import { WORD_ENDS_NEXT_TRY } from './reversal-mutants';
import type { PortCall } from './sim-process';
import { STOP_MUTANTS } from './standstill-mutants';
import { EVERY_STOP, HOT_STOPS, STANDSTILLS } from './standstill-points';

const CALLS: readonly PortCall[] = [
  'append',
  'read',
  'deliver',
  'acknowledge',
  'authorize',
  'lookup',
  'complete action',
  'capture',
  'cancel',
  'reverse',
  'look up operation',
  'refund',
  'look up refund',
  'identify',
  'load checkpoint',
  'save checkpoint',
  'write read model',
];

/** One row of the matrix: a scenario and every point of it at which a process was killed. */
export interface CrashedScenario {
  readonly name: string;
  readonly ending: string;
  readonly points: readonly CrashPoint[];
}

/**
 * What was tried, as a page. The cells say that a crash there was tried, not how often: the number of calls is the
 * core's own business and may change without anything being less reliable.
 */
export function reliabilityPage(scenarios: readonly CrashedScenario[]): string {
  return [
    '# What Tender survives',
    '',
    'Written by `test/simulation/crash-points.spec.ts` from what it tried; do not edit. `UPDATE_GOLDEN=1` before the test writes it again.',
    '',
    'The production core runs on simulated time with an event log, a read store and PSPs that fail on purpose (`npm run sim`). An auditor that sees the PSPs’ own books checks these rules, at every step or once everything has come to rest:',
    '',
    ...Object.entries(INVARIANTS).map(([name, meaning]) => `- \`${name}\`: ${meaning}`),
    '',
    '## A crash at every call',
    '',
    'Each story below is told once without a crash. Then it is told again for every call that a process makes to something outside itself: once with the process killed before the call has its effect, and once after the effect, before the process hears of it. The process starts again a second later from what is durable. A mark (`•|•`: before, after) means that crashes there were tried, and that each ended with the same status, the same amounts and the same charges at the PSPs, with no rule broken; `-` means that the story has no such call.',
    '',
    `| story | ends as | ${CALLS.join(' | ')} |`,
    `|---|---|${CALLS.map(() => '---').join('|')}|`,
    ...scenarios.map(
      ({ name, ending, points }) =>
        `| ${name} | ${ending} | ${CALLS.map((call) => cell(points, call)).join(' | ')} |`,
    ),
    '',
    'Where a reply proves that nothing was done, and the process dies with it, the PSP is asked again and may then say yes; and whether a wish to cancel comes before or after the charge may depend on who died. These stories may also end otherwise, as both would have without a crash at another moment:',
    '',
    ...CRASH_SCENARIOS.filter(({ orElse }) => orElse !== undefined).map(({ name }) => `- ${name}`),
    '',
    `With pairs of crashes these are told, too: ${HOTTEST.map(pairsOf).join('; ')}; with \`CRASH_PAIRS=all\`, every pair.`,
    '',
    ...STANDSTILL_LINES,
    '## Faults of the random runs',
    '',
    FAULT_KINDS.map((kind) => `\`${kind}\``).join(' · '),
    '',
    '## Bugs that are planted to prove that they would be found',
    '',
    ...[...bugs()].map((bug) => `- ${bug}`),
    '',
  ].join('\n');
}

const bugs = (): ReadonlySet<string> =>
  new Set([...MUTANTS, REFUND_NEVER_BEGUN, WORD_ENDS_NEXT_TRY, ...STOP_MUTANTS].map(({ bug }) => bug));

const stopsOf = ([name, everyStop]: [string, number]): string =>
  `“${name}”, ${everyStop === 1 ? 'every stop' : `one stop in ${everyStop}`}`;

/** A process that dies is the easier case: it does not come back and go on with what it believed. */
const STANDSTILL_LINES: readonly string[] = [
  '## A process that stands still at every call',
  '',
  'A process that is stopped (a signal, a blocked event loop, a machine that is moved) does not start again from what is durable. It wakes up and goes on with what it believed, while others have gone on without it. Each story is told with two workers and two processes of the API. At every call of each of them, before the effect and again after it, before the reply is heard, that process stands still, for each of these times:',
  '',
  ...STANDSTILLS.map(({ name }) => `- ${name}`),
  '',
  'Then it wakes. The end must be as good as the one where nobody stood still, by the rule for crashes, with no rule broken at any step. One thing more is allowed, since a stop may cost the payment, though never money: that nobody was charged, that there is proof of it, and that the merchant is told why. It is `expired` where a worker has held a request back for longer than its send window, and `authentication_abandoned` where a process of the API has held back the word of the buyer.',
  '',
  ...CRASH_SCENARIOS.filter(({ orUnheard }) => orUnheard !== undefined).map(
    ({ name, orUnheard = [] }) =>
      `“${name}” may also end as ${orUnheard.map((sums) => `“${sums}”`).join(', ')}.`,
  ),
  '',
  `A run of the suite has time for a share: ${Object.entries(HOT_STOPS).map(stopsOf).join('; ')}; of every other story one stop in ${EVERY_STOP}. With \`STANDSTILLS=all\`, every stop is told; \`STANDSTILL_SEED\` picks another share.`,
  '',
];

const pairsOf = ({ name, everyPair }: (typeof HOTTEST)[number]): string =>
  `“${name}”, one pair of ${everyPair}`;

function cell(points: readonly CrashPoint[], call: PortCall): string {
  const mark = (when: CrashPoint['when']): string =>
    points.some((point) => point.call === call && point.when === when) ? '•' : '-';
  const [before, after] = [mark('before'), mark('after')];
  return before === '-' && after === '-' ? '-' : `${before}\\|${after}`;
}
