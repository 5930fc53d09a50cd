import type { Violation } from './audit';
import type { BooksFigures } from './books';
import { hasErrors, isSystem, keepsTheRate, type Figures, type ProcessFigures } from './figures';
import type { Summary } from './percentiles';
import type { RawAppends } from './raw-appends';

/** Everything that a run of the bench found; written as it is by `--json`. */
export interface Report {
  readonly machine: {
    readonly cpus: number;
    readonly cpuModel: string;
    readonly node: string;
    /** Over a minute, before and after: figures of a busy machine are figures of its neighbours. */
    readonly loadAverageBefore: number;
    readonly loadAverageAfter: number;
  };
  readonly figures: readonly Figures[];
  readonly highestSustainedPerS: number | undefined;
  readonly rawAppends: RawAppends | undefined;
  readonly books: BooksFigures;
  readonly checkedPayments: number;
  readonly violations: readonly Violation[];
}

/** Why the run failed; empty when it did not. A search for the highest rate loses one on purpose. */
export function failuresOf(report: Report, searching: boolean): readonly string[] {
  const failures: string[] = [];
  if (report.violations.length > 0) failures.push(`${report.violations.length} violations`);
  if (searching && report.highestSustainedPerS === undefined)
    failures.push('not even the first rate was sustained');
  for (const figures of searching ? [] : report.figures) {
    if (hasErrors(figures)) failures.push(`errors: ${errorsIn(figures)}`);
    if (!keepsTheRate(figures)) failures.push('the rate was lost');
  }
  return failures;
}

const VIOLATIONS_SHOWN = 20;

export function printed(report: Report): string {
  const { machine, violations, rawAppends } = report;
  const last = report.figures.at(-1);
  return [
    '',
    ...(last === undefined ? [] : figuresText(last)),
    ...(rawAppends === undefined
      ? []
      : rawText(rawAppends, report.highestSustainedPerS ?? last?.achievedPerS ?? 0)),
    ...(report.highestSustainedPerS === undefined
      ? []
      : [`highest sustained    ${fixed(report.highestSustainedPerS)} payments/s`]),
    booksText(report.books),
    `invariants           ${report.checkedPayments} payments checked, ${violations.length} violations`,
    ...violations.slice(0, VIOLATIONS_SHOWN).map(({ rule, detail }) => `  VIOLATED ${rule}: ${detail}`),
    `machine              ${machine.cpus} x ${machine.cpuModel}, Node ${machine.node}, load average ` +
      `${machine.loadAverageBefore.toFixed(2)} before, ${machine.loadAverageAfter.toFixed(2)} after`,
  ].join('\n');
}

function figuresText(figures: Figures): readonly string[] {
  const { lateness, systemCpuMsPerPayment } = figures;
  return [
    `payments             ${figures.payments}, and ${figures.duplicates} sent twice`,
    `payments/s           ${fixed(figures.achievedPerS)} of ${fixed(figures.offeredPerS)} offered`,
    `errors               ${hasErrors(figures) ? errorsIn(figures) : 'none'}`,
    '',
    `latency, ms          ${['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(9)).join('')}`,
    `  total              ${columns(figures.total)}`,
    `  at the PSP         ${columns(figures.psp)}`,
    `  added              ${columns(figures.added)}`,
    ...(figures.unmatched === 0
      ? []
      : [`  ${figures.unmatched} payments had no outcome in time, or no time at the PSP`]),
    `  (sent late by      ${columns(lateness)}, counted in total and added)`,
    '',
    ...processesText(figures.processes),
    ...(systemCpuMsPerPayment === undefined
      ? ['processes            not measured: the stack was started by somebody else']
      : [`  the system         ${systemCpuMsPerPayment.toFixed(3).padStart(9)}`]),
    '',
  ];
}

function processesText(processes: readonly ProcessFigures[]): readonly string[] {
  if (processes.length === 0) return [];
  const line = (process: ProcessFigures): string =>
    `  ${process.name.padEnd(18)} ${process.cpuMsPerPayment.toFixed(3).padStart(9)}` +
    [process.startBytes, process.peakBytes, process.endBytes].map(mebibytes).join('');
  const inSystem = ({ name }: ProcessFigures): boolean => isSystem(name);
  return [
    'processes            CPU ms/payment   RSS at start      peak       end, MiB',
    ...processes.filter((process) => !inSystem(process)).map(line),
    ...processes.filter(inSystem).map(line),
  ];
}

function rawText({ perSecond, concurrency }: RawAppends, paymentsPerS: number): readonly string[] {
  return [
    `raw appends/s        ${fixed(perSecond)} at concurrency ${concurrency}, through the same client`,
    `payments : appends   1 : ${(perSecond / Math.max(paymentsPerS, Number.MIN_VALUE)).toFixed(1)}`,
  ];
}

function booksText({ journals, journalsPerS, lagP50Ms, lagP99Ms }: BooksFigures): string {
  const lag = (ms: number | undefined): string => (ms === undefined ? 'unknown' : `${fixed(ms)} ms`);
  return (
    `books                ${journals} journals, ${fixed(journalsPerS)}/s, behind the log by p50 ${lag(lagP50Ms)}, ` +
    `p99 ${lag(lagP99Ms)}`
  );
}

/** One line a step, while a search goes on. */
export function stepLine(figures: Figures, sustained: boolean): string {
  const { offeredPerS, achievedPerS, added, systemCpuMsPerPayment } = figures;
  const cpu =
    systemCpuMsPerPayment === undefined ? '' : `, CPU ${systemCpuMsPerPayment.toFixed(2)} ms/payment`;
  const errors = hasErrors(figures) ? `, errors: ${errorsIn(figures)}` : '';
  return (
    `${fixed(offeredPerS)}/s offered, ${fixed(achievedPerS)}/s answered, added p50 ${fixed(added.p50Ms)} ms ` +
    `p99 ${fixed(added.p99Ms)} ms${cpu}${errors}: ${sustained ? 'sustained' : 'not sustained'}`
  );
}

const errorsIn = ({ errors }: Figures): string =>
  Object.entries(errors)
    .map(([kind, count]) => `${count} x ${kind}`)
    .join(', ');

const columns = ({ p50Ms, p95Ms, p99Ms, maxMs }: Summary): string =>
  [p50Ms, p95Ms, p99Ms, maxMs].map((ms) => fixed(ms).padStart(9)).join('');

const fixed = (value: number): string => value.toFixed(1);
const mebibytes = (bytes: number): string => (bytes / 1024 ** 2).toFixed(0).padStart(12);
