import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathsIn, readSource, root, type SourceFile } from './source-tree';
import {
  barrelsAtTheTop,
  kebabNames,
  maxLines,
  noCardNumbers,
  noDeadLinks,
  noEmptyNames,
  noLongFiles,
  noMachinePaths,
  noOneFileFolders,
  nothingUnfinished,
  plainDataNames,
  staleExceptions,
  type TidyRule,
} from './tidy-rules';

/** Folders that hold one file, each with the reason. */
const oneFileFolders = new Map<string, string>([]);

/** Files that need a published test card number. */
const cardNumberFiles = new Set<string>([]);

const sourceFolders = ['apps', 'libs', 'test', 'infra'];
const exists = (file: string): boolean => existsSync(path.join(root, file));

const sources = sourceFolders.filter(exists).flatMap((folder) => pathsIn(folder));
const documents = [...(exists('docs') ? pathsIn('docs') : [])];
/** The lock file is npm's, not ours. */
const atTheRoot = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== 'package-lock.json')
  .map(({ name }) => name);

const text = (file: string): boolean =>
  /\.(ts|tsx|mjs|cjs|js|css|json|md|ya?ml|html|sh|tpl)$|Dockerfile$/.test(file);
const read = (files: readonly string[]): readonly SourceFile[] =>
  files.filter(text).map((file) => readSource(file));

const code = read(sources);
const everything = [...code, ...read(documents), ...read(atTheRoot)];

const file = (name: string, content = ''): SourceFile => ({ path: name, text: content });

interface Case {
  readonly rule: string;
  readonly check: TidyRule;
  readonly tree: readonly SourceFile[];
  /** Each must be reported. */
  readonly planted: readonly (readonly SourceFile[])[];
  /** None may be reported: what the rule must not be mistaken about. */
  readonly innocent: readonly (readonly SourceFile[])[];
}

const one = (...args: Parameters<typeof file>): readonly SourceFile[] => [file(...args)];
const inTest = (content: string): readonly SourceFile[] => one('test/e2e/pay.spec.ts', content);
/** Stripe's published test number for Visa, in pieces so that this file does not hold it. */
const testCard = ['4242', '4242', '4242', '4242'];

const cases: readonly Case[] = [
  {
    rule: 'a file is readable in one sitting',
    check: noLongFiles,
    tree: code,
    planted: [one('libs/psp/long.ts', 'x\n'.repeat(maxLines + 1))],
    innocent: [
      one('libs/psp/long.ts', 'x\n'.repeat(maxLines)),
      one('test/golden/long.json', 'x\n'.repeat(maxLines + 1)),
    ],
  },
  {
    rule: 'code is named in kebab-case with a known suffix',
    check: kebabNames,
    tree: code,
    planted: [
      one('libs/psp/Gateway.ts'),
      one('libs/psp/my_gateway.ts'),
      one('libs/Psp/gateway.ts'),
      one('libs/psp/a.stuff.ts'),
    ],
    innocent: [one('libs/psp/stripe.gateway.spec.ts'), one('apps/api/src/payments.controller.ts')],
  },
  {
    rule: 'data and configuration are named plainly',
    check: plainDataNames,
    tree: code,
    planted: [one('infra/grafana/My Board.json'), one('infra/otel/über.yaml')],
    innocent: [
      one('infra/docker/Dockerfile'),
      one('infra/helm/values.yaml'),
      one('test/golden/PaymentInitiated.v1.json'),
    ],
  },
  {
    rule: 'a name says something',
    check: noEmptyNames,
    tree: code,
    planted: [
      one('libs/psp/utils.ts'),
      one('libs/common/a.ts'),
      one('libs/psp/types.ts'),
      one('libs/psp/http.helpers.ts'),
    ],
    innocent: [one('libs/psp/base-fee.ts'), one('libs/domain/shared-limits.ts')],
  },
  {
    rule: 'a folder holds more than one file',
    check: noOneFileFolders(oneFileFolders),
    tree: code,
    planted: [one('libs/psp/alone/a.ts'), [file('libs/psp/alone/a.ts'), file('libs/psp/alone/a.spec.ts')]],
    innocent: [[file('libs/psp/pair/a.ts'), file('libs/psp/pair/b.ts')], one('test/e2e/a.spec.ts')],
  },
  {
    rule: 'an exception is still needed',
    check: staleExceptions(oneFileFolders),
    tree: code,
    planted: [],
    innocent: [],
  },
  {
    rule: 'a barrel is the front door of a lib',
    check: barrelsAtTheTop,
    tree: code,
    planted: [
      one('libs/domain/payment/index.ts'),
      one('apps/api/src/index.ts'),
      one('libs/psp/stripe/inner/index.ts'),
    ],
    innocent: [
      one('libs/domain/index.ts'),
      one('libs/psp/stripe/index.ts'),
      one('libs/embedded/eventstore/index.ts'),
    ],
  },
  {
    rule: 'nothing is left unfinished or switched off',
    check: nothingUnfinished,
    tree: code,
    planted: [
      inTest(`describe.only('x', f)`),
      inTest(`it.skip('x', f)`),
      inTest(`it.each.skip([1])`),
      inTest(`xit('x', f)`),
      inTest(`// TODO later`),
      inTest(`/* FIXME */`),
    ],
    innocent: [
      inTest('cursor.skip(10)'),
      inTest("submit('x')"),
      one('test/not-run.ts', `describe.skip('x', f)`),
    ],
  },
  {
    rule: 'no card number lies about',
    check: noCardNumbers(cardNumberFiles),
    tree: everything,
    planted: [
      inTest(`'${testCard.join('')}'`),
      inTest(testCard.join(' ')),
      one('docs/a.md', testCard.join('-')),
    ],
    innocent: [
      inTest(`'${testCard.join('').replace(/2$/, '3')}'`),
      inTest('9007199254740991n'),
      inTest('1700000000000'),
    ],
  },
  {
    rule: 'no path of somebody’s machine',
    check: noMachinePaths,
    tree: everything,
    planted: [inTest(`'/home/ada/x'`), inTest(`"/root/.npm"`), one('docs/a.md', `see /work/x`)],
    innocent: [inTest("'https://example.org/home/page'"), inTest("'./work/x'")],
  },
  {
    rule: 'a link in the docs leads somewhere',
    check: noDeadLinks(exists),
    tree: everything,
    planted: [one('docs/a.md', '[x](no-such.md)'), one('docs/adr/a.md', '[x](../no-such.md#part)')],
    innocent: [
      one('docs/a.md', '[x](../package.json) [y](https://example.org/z) [z](#part)'),
      one('README.md', '```\n[x](no-such.md)\n```'),
    ],
  },
];

describe.each(cases)('$rule', ({ check, tree, planted, innocent }) => {
  it('in this tree', () => {
    expect(check(tree)).toEqual([]);
  });

  it('is reported where it is broken', () => {
    for (const files of planted) expect(check(files)).not.toEqual([]);
  });

  it('is not reported where it is kept', () => {
    for (const files of innocent) expect(check(files)).toEqual([]);
  });
});

it('an exception that excuses nothing is reported', () => {
  const exceptions = new Map([['libs/psp/alone', 'a tool wants it']]);
  expect(staleExceptions(exceptions)([file('libs/psp/alone/a.ts')])).toEqual([]);
  expect(staleExceptions(exceptions)([file('libs/psp/alone/a.ts'), file('libs/psp/alone/b.ts')])).not.toEqual(
    [],
  );
});

it('the rules looked at the tree', () => {
  expect(code.length).toBeGreaterThan(50);
});
