import path from 'node:path';
import { pathsIn, readSource, type SourceFile } from './source-tree';

/** The page of lessons and the tests that are named after them, each held against the other. */

const PAGE = 'docs/lessons.md';
const LESSONS = 32;

interface Lesson {
  readonly number: number;
  readonly rule: string;
  /** Files whose tests are named after it, from the root; none where it waits for later work. */
  readonly shownBy: readonly string[];
}

const lessonsOf = ({ path: page, text }: SourceFile): readonly Lesson[] =>
  [...text.matchAll(/^\| *(\d+) *\|[^|]*\|([^|]*)\|([^|]*)\|$/gm)].map(
    ([, number, rule = '', shownBy = '']) => ({
      number: Number(number),
      rule: rule.trim(),
      shownBy: [...shownBy.matchAll(/\]\(([^)]+)\)/g)].map(([, file = '']) =>
        path.posix.join(path.posix.dirname(page), file),
      ),
    }),
  );

/** The lessons that titles of this file begin with. */
const namedIn = ({ text }: SourceFile): ReadonlySet<number> =>
  new Set([...text.matchAll(/['"`]lesson (\d+): /g)].map(([, number]) => Number(number)));

/** One line for each lesson and file that only one of the two tells of. */
function differences(lessons: readonly Lesson[], tests: readonly SourceFile[]): readonly string[] {
  const told = new Set(lessons.flatMap(({ number, shownBy }) => shownBy.map((file) => `${number} ${file}`)));
  const named = new Set(
    tests.flatMap((test) => [...namedIn(test)].map((number) => `${number} ${test.path}`)),
  );
  return [
    ...[...told].filter((one) => !named.has(one)).map((one) => `no test is named so: ${one}`),
    ...[...named].filter((one) => !told.has(one)).map((one) => `not on the page: ${one}`),
  ];
}

const lessons = lessonsOf(readSource(PAGE));
const tests = ['apps', 'libs', 'test']
  .flatMap((folder) => pathsIn(folder))
  .filter((file) => /\.(spec|contract|scenario)\.ts$/.test(file))
  .map((file) => readSource(file));

it('every lesson is on the page once, in order, with a rule', () => {
  expect(lessons.map(({ number }) => number)).toEqual(Array.from({ length: LESSONS }, (_, at) => at + 1));
  expect(lessons.filter(({ rule }) => rule === '')).toEqual([]);
});

it('every lesson has the tests that the page names, and no other', () => {
  expect(differences(lessons, tests)).toEqual([]);
});

it('a lesson without a test says what it waits for, and no other says so', () => {
  const waits = lessons.filter(({ rule }) => rule.startsWith('Waits for '));
  expect(waits).toEqual(lessons.filter(({ shownBy }) => shownBy.length === 0));
});

describe('what is planted is found', () => {
  const lesson = { number: 1, rule: 'A rule', shownBy: ['libs/one.spec.ts'] };
  const testOf = (number: number): SourceFile => ({
    path: 'libs/one.spec.ts',
    text: `it('lesson ${number}: a rule', rule)`,
  });

  it('a lesson whose test is gone', () => {
    expect(differences([lesson], [{ ...testOf(1), text: '' }])).toEqual([
      'no test is named so: 1 libs/one.spec.ts',
    ]);
  });

  it('a test of a lesson that nobody knows', () => {
    expect(differences([lesson], [testOf(1), testOf(99)])).toEqual(['not on the page: 99 libs/one.spec.ts']);
  });
});
