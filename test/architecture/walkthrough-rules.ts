/**
 * The form of docs/walkthrough.md, so that a page about code cannot grow old in silence:
 *
 * - `## …` opens a part, one story in the order in which it runs.
 * - `### n. station: [path](../path)` opens a step; steps are numbered from 1 in each part, and name one file each.
 * - Every `ts` block of a step is quoted from that file: 3 to 12 lines, the same but for white space.
 * - Every step but a part's last ends with a line "→ `word`": the word is in one of its quotes and in the next file.
 * - The first part passes the stations of a payment's path, each once and in order.
 */

export const STATIONS = [
  'HTTP',
  'command',
  'decide',
  'append',
  'subscription',
  'process',
  'gateway',
  'outcome',
  'projection',
  'answer',
];

export const MIN_QUOTED_LINES = 3;
export const MAX_QUOTED_LINES = 12;

export interface Step {
  readonly place: string;
  readonly number: number;
  readonly station: string;
  readonly file: string;
  readonly link: string;
  readonly quotes: readonly string[];
  /** The word that leads to the next step. */
  readonly word: string | undefined;
}

export interface Part {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** Text of a file by its path from the root; undefined when there is none. */
export type ReadFile = (path: string) => string | undefined;

const heading = /^(\d+)\. (\w+): \[([^\]]+)\]\(([^)]+)\)$/;
const quote = /^```ts\n([\s\S]*?)^```$/gm;
const arrow = /^→ `([^`]+)`$/m;

export function partsOf(text: string): readonly Part[] {
  return text
    .split(/^## /m)
    .slice(1)
    .map((part) => {
      const [opening = '', ...steps] = part.split(/^### /m);
      const [title = ''] = opening.split('\n');
      return { title, steps: steps.map((step) => stepOf(title, step)) };
    });
}

function stepOf(part: string, text: string): Step {
  const [line = ''] = text.split('\n');
  const [, number = '', station = '', file = '', link = ''] = heading.exec(line) ?? [];
  return {
    place: `${part}, ${line.split(':')[0] ?? line}`,
    number: Number(number),
    station,
    file,
    link,
    quotes: [...text.matchAll(quote)].map(([, quoted = '']) => quoted),
    word: arrow.exec(text)?.[1],
  };
}

/** A quote loses the indentation that its place in the file gives it. */
const withoutLayout = (code: string): string => code.replace(/\s+/g, ' ').trim();

export function breachesOf(text: string, read: ReadFile): readonly string[] {
  const parts = partsOf(text);
  const [first] = parts;
  if (first === undefined) return ['no part was found'];
  return [
    ...parts.flatMap(({ steps }) => steps.flatMap((step, index) => breachesOfStep(step, index, steps, read))),
    ...parts.filter(({ steps }) => steps.length < 2).map(({ title }) => `${title}: a story has steps`),
    ...orderBreaches(first),
  ];
}

function breachesOfStep(step: Step, index: number, steps: readonly Step[], read: ReadFile): string[] {
  const { place, file, link, quotes } = step;
  if (file === '') return [`${place}: the heading is not "n. station: [path](../path)"`];
  const found = [];
  if (step.number !== index + 1) found.push(`should be number ${index + 1}`);
  if (!STATIONS.includes(step.station)) found.push(`${step.station} is no station`);
  if (link !== `../${file}`) found.push(`the link goes to ${link}`);
  const code = read(file);
  if (code === undefined) return [...found, `${file} does not exist`].map((breach) => `${place}: ${breach}`);
  if (quotes.length === 0) found.push('quotes nothing');
  for (const quoted of quotes) found.push(...quoteBreaches(quoted, code, file));
  found.push(...wordBreaches(step, steps[index + 1], read));
  return found.map((breach) => `${place}: ${breach}`);
}

function quoteBreaches(quoted: string, code: string, file: string): string[] {
  const lines = quoted.trimEnd().split('\n');
  const found = [];
  if (lines.length < MIN_QUOTED_LINES || lines.length > MAX_QUOTED_LINES) {
    found.push(`a quote of ${lines.length} lines, not ${MIN_QUOTED_LINES} to ${MAX_QUOTED_LINES}`);
  }
  if (!withoutLayout(code).includes(withoutLayout(quoted))) {
    found.push(`not in ${file}: ${(lines[0] ?? '').trim()} …`);
  }
  return found;
}

function wordBreaches({ word, quotes }: Step, next: Step | undefined, read: ReadFile): string[] {
  if (next === undefined) return word === undefined ? [] : [`→ ${word} leads nowhere: this is the last step`];
  if (word === undefined) return ['does not say what leads to the next step'];
  const found = [];
  if (!quotes.some((quoted) => quoted.includes(word))) found.push(`→ ${word} is in none of its quotes`);
  if (read(next.file)?.includes(word) !== true) found.push(`→ ${word} is not in ${next.file}`);
  return found;
}

function orderBreaches({ title, steps }: Part): string[] {
  const passed = steps
    .map(({ station }) => station)
    .filter((station, index, all) => station !== all[index - 1]);
  return passed.join() === STATIONS.join() ? [] : [`${title}: passes ${passed.join(', ')}`];
}
