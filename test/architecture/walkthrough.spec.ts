import { existsSync } from 'node:fs';
import path from 'node:path';
import { readSource, root } from './source-tree';
import { breachesOf, MAX_QUOTED_LINES, MIN_QUOTED_LINES, partsOf, STATIONS } from './walkthrough-rules';

const { text } = readSource('docs/walkthrough.md');
const read = (file: string): string | undefined =>
  existsSync(path.join(root, file)) ? readSource(file).text : undefined;

const lines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line${index}();`).join('\n');
const files: Readonly<Record<string, string>> = {
  'libs/a.ts': `function a() {\n  ${lines(MAX_QUOTED_LINES + 1)}\n}\n`,
  'libs/b.ts': lines(MIN_QUOTED_LINES),
};
const step = (number: number, station: string, file: string, quoted: string, end = ''): string =>
  `### ${number}. ${station}: [${file}](../${file})\n\nProse.\n\n\`\`\`ts\n${quoted}\n\`\`\`\n${end}`;
const leads = '\n→ `line1`\n';

/** A page that keeps every rule; each breach below is one change of it. */
const page = `# Title\n\n## Story\n\n${STATIONS.map((station, index) =>
  step(
    index + 1,
    station,
    index % 2 === 0 ? 'libs/a.ts' : 'libs/b.ts',
    index === 0 ? lines(MAX_QUOTED_LINES) : lines(MIN_QUOTED_LINES),
    index === STATIONS.length - 1 ? '' : leads,
  ),
).join('\n')}`;
const breachesIn = (changed: string): readonly string[] => breachesOf(changed, (file) => files[file]);

describe('the walkthrough', () => {
  it('quotes the code as it is, in the order of a payment’s path', () => {
    expect(breachesOf(text, read)).toEqual([]);
  });

  it('was read: the way of a payment, and what goes wrong on it', () => {
    const parts = partsOf(text);
    expect(parts.length).toBeGreaterThanOrEqual(4);
    expect(parts.flatMap(({ steps }) => steps).length).toBeGreaterThan(30);
  });
});

describe('its rules', () => {
  it('let a page pass that keeps them, however its quotes are indented', () => {
    expect(breachesIn(page)).toEqual([]);
    expect(breachesIn(page.replaceAll('line1();', '    line1();'))).toEqual([]);
  });

  it.each<[string, string, string]>([
    ['code that is not in the file', 'line2();', 'line2(x);'],
    ['a file that is gone', 'libs/b.ts](../libs/b.ts)', 'libs/c.ts](../libs/c.ts)'],
    ['a link to another file', '](../libs/a.ts)', '](../libs/b.ts)'],
    ['a quote that is too long', 'line0();\n', `line0();\nline1();\nline2();\nline3();\nline0();\n`],
    ['a quote that is too short', `${lines(MIN_QUOTED_LINES)}\n\`\`\``, 'line0();\nline1();\n```'],
    ['a step without a quote', '```ts', '```js'],
    ['a step that does not lead on', '→ `line1`', ''],
    ['a word that was not quoted', '→ `line1`', '→ `line9`'],
    ['a word that the next file lacks', '→ `line1`', `→ \`line${MIN_QUOTED_LINES}\``],
    ['steps in another order', '### 1. HTTP', '### 1. answer'],
    ['a step out of number', '### 2.', '### 3.'],
    ['a heading of another form', '### 2. command: ', '### '],
    ['a station that is none', '### 2. command', '### 2. bus'],
    ['no part at all', '## Story', 'Story'],
  ])('report %s', (_, from, to) => {
    expect(page).toContain(from);
    expect(breachesIn(page.replace(from, to))).not.toEqual([]);
  });
});
