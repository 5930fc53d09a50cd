import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathsIn, readSource, root } from './source-tree';

/** Pages that tell of the code, held against the code. The walkthrough has rules of its own. */

const readme = readSource('README.md').text;
const contributing = readSource('CONTRIBUTING.md').text;
const configuration = readSource('docs/configuration.md').text;

const MAX_README_LINES = 200;

/** The cells of the table whose first heading is this one. */
const tableOf = (text: string, firstHeading: string): readonly (readonly string[])[] => {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => new RegExp(`^\\| *${firstHeading} *\\|`).test(line));
  const rows = start < 0 ? [] : lines.slice(start + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? rows.length : end).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
};

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].map(([, name = '']) => name))].sort();

const variablesOf = (file: string): readonly string[] =>
  namesIn(
    readSource(file).text,
    /environment\s*\.\s*(?:text|optional|url|integer|port|flag)\(\s*'([A-Z_]+)'/g,
  );

it('every decision is in the index, by its title', () => {
  const index = readSource('docs/adr/README.md').text;
  const linked = [...index.matchAll(/\[([^\]]+)\]\((\d{4}-[^)]+)\)/g)].map(([, title, file]) => [
    file,
    title,
  ]);
  const decisions = pathsIn('docs/adr')
    .filter((file) => /\/\d{4}-/.test(file))
    .map((file) => [path.basename(file), /^# \d+\. (.+)$/m.exec(readSource(file).text)?.[1]]);
  expect(decisions.length).toBeGreaterThanOrEqual(8);
  expect(linked).toEqual(decisions);
});

describe('the README', () => {
  it('is read in one sitting', () => {
    expect(readme.trimEnd().split('\n').length).toBeLessThanOrEqual(MAX_README_LINES);
  });

  it('names a test for each guarantee, and the test is there', () => {
    const guarantees = tableOf(readme, 'guarantee');
    expect(guarantees.length).toBeGreaterThan(5);
    const missing = guarantees.filter(([, proof = '']) => {
      const [, file = '', title = ''] = /^\[[^\]]+\]\(([^)]+)\): "(.+)"$/.exec(proof) ?? [];
      return title === '' || !existsSync(path.join(root, file)) || !readSource(file).text.includes(title);
    });
    expect(missing).toEqual([]);
  });
});

describe('the page of configuration', () => {
  it.each([
    ['api', 'apps/api/src/config/environment.ts'],
    ['worker', 'apps/worker/src/configuration.ts'],
  ])('lists exactly the variables that the %s reads', (name, file) => {
    const listed = tableOf(configuration, 'variable')
      .filter(([, processes = '']) => processes.split(', ').includes(name))
      .flatMap(([variables = '']) => namesIn(variables, /`([A-Z_]+)`/g));
    expect(listed.length).toBeGreaterThan(5);
    // the logger reads its own, in libs/nest
    expect(listed.filter((variable) => variable !== 'LOG_LEVEL').sort()).toEqual(variablesOf(file));
  });
});

describe('commands in the pages', () => {
  const { scripts } = JSON.parse(readSource('package.json').text) as { scripts: Record<string, string> };

  it.each([
    ['README.md', readme],
    ['CONTRIBUTING.md', contributing],
  ])('of %s exist', (_, text) => {
    const run = namesIn(text, /npm run ([\w:]+)/g);
    expect(run.length).toBeGreaterThan(0);
    expect(run.filter((script) => !(script in scripts))).toEqual([]);
    const files = namesIn(text, /\bnode (infra\/[\w./-]+)/g);
    expect(files.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });

  it('name the test projects that there are', () => {
    const projects = namesIn(readSource('jest.config.cjs').text, /project\(\s*'([\w-]+)'/g);
    const listed = tableOf(contributing, 'project').map(([name = '']) => name.replaceAll('`', ''));
    expect([...listed].sort()).toEqual(projects);
  });
});
