import * as childProcess from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { everywhere, inScripts, inSpecs, inTheCore, inTypeScript } from './lint-plants';
import { pathsIn, readSource, root } from './source-tree';

const execFile = promisify(childProcess.execFile);

/** Seconds on an idle machine; a loaded one must not turn it into a verdict on the code. */
const gateTimeoutMs = 180_000;

/** Node's default of 1 MiB would cut the report short. */
const maxReportBytes = 64 * 1024 * 1024;

/** A tree of its own under the gates' own settings. */
const plant = (files: ReadonlyMap<string, string>): string => {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'tender-gates-')));
  const settings = ['package.json', 'tsconfig.json', 'tsconfig.base.json', '.oxlintrc.json', '.oxfmtrc.json'];
  for (const name of settings) cpSync(path.join(root, name), path.join(folder, name));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'junction');
  for (const [file, text] of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
};

const remove = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};

/** Whatever the exit code says: a failure is what these tests want to see. */
const outputOf = async (command: string, args: readonly string[], cwd: string): Promise<string> => {
  try {
    return (await execFile(command, args, { cwd, maxBuffer: maxReportBytes })).stdout;
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
};

const oxlint = (args: readonly string[], cwd = root): Promise<string> => {
  const program = path.join(root, 'node_modules/oxlint/bin/oxlint');
  return outputOf(process.execPath, [program, '--disable-nested-config', ...args], cwd);
};

describe('the linter', () => {
  const settings = JSON.parse(readSource('.oxlintrc.json').text.replace(/^ *\/\/.*$/gm, '')) as {
    readonly rules: object;
    readonly overrides: readonly { readonly rules: object }[];
  };
  const restricted = 'eslint-js/no-restricted-syntax';

  const files = new Map<string, string>();
  const expected: [file: string, rule: string][] = [];
  const add = (file: string, rule: string, text: string): void => {
    files.set(file, text);
    expected.push([file, rule]);
  };
  // without an export it would be no module, and its names everybody's
  const asModule = (text: string): string => `${text}\nexport {};\n`;
  const inFiles = (folder: string, plants: Readonly<Record<string, string>>, extension: string): void => {
    for (const [rule, text] of Object.entries(plants)) {
      const end = text.startsWith('import') ? extension.replace('cjs', 'mjs') : extension;
      add(`${folder}/${rule.replace('/', '-')}.${end}`, rule, end.endsWith('ts') ? asModule(text) : text);
    }
  };
  inFiles('infra', { ...everywhere, ...inScripts }, 'cjs');
  inFiles('libs/psp', inTypeScript, 'ts');
  inFiles('libs/psp', inSpecs, 'spec.ts');
  inTheCore.forEach((text, at) => {
    add(`libs/domain/core-${at}.ts`, restricted, asModule(text));
  });

  const excuse = '// eslint-disable-next-line no-debugger -- planted\n';
  const innocent = new Map([
    ['libs/psp/clock.ts', 'export const a = Date.now();\n'],
    ['libs/engine/timers/clock.ts', 'export const a = Date.now();\n'],
    ['libs/domain/clock.spec.ts', "it('a', () => {\n  expect(Date.now()).toBe(1);\n});\n"],
    ['libs/psp/number.ts', 'export const a = (b: number, _c: number): string => `${b}`;\n'],
    ['libs/psp/excused.ts', `${excuse}debugger;\n`],
  ]);
  const leftover = 'libs/psp/leftover.ts';

  let folder: string;
  let reported: ReadonlyMap<string, readonly string[]>;

  beforeAll(async () => {
    folder = plant(new Map([...files, ...innocent, [leftover, `${excuse}export const a = 1;\n`]]));
    const report = JSON.parse(await oxlint(['--format', 'json'], folder)) as {
      readonly diagnostics: readonly { readonly code?: string; readonly filename: string }[];
    };
    const found = new Map<string, string[]>();
    for (const { code, filename } of report.diagnostics) {
      // "eslint(no-var)", "typescript(array-type)"; what cannot be read at all has no code
      const rule = /^(?:eslint\()?(.*)\)$/.exec(code ?? '')?.[1]?.replace('(', '/') ?? '';
      found.set(filename, [...(found.get(filename) ?? []), rule]);
    }
    reported = found;
  }, gateTimeoutMs);

  afterAll(() => {
    remove(folder);
  });

  it.each(expected)('reports %s for %s', (file, rule) => {
    expect(reported.get(file)).toContain(rule);
  });

  it.each([...innocent.keys()])('has nothing against %s', (file) => {
    expect(reported.get(file)).toBeUndefined();
  });

  it('reports an excuse that excuses nothing', () => {
    expect(reported.get(leftover)).toHaveLength(1);
  });

  it('has a plant for every rule that is on', () => {
    const rules = [settings, ...settings.overrides].flatMap((one) => Object.entries(one.rules));
    const on = rules.filter(([, severity]) => severity !== 'off').map(([rule]) => rule);
    const planted = new Set(expected.map(([, rule]) => rule));
    expect(on.filter((rule) => !planted.has(rule))).toEqual([]);
  });

  it('fails by an error only, so that none of its rules is a warning that nobody reads', () => {
    expect(readSource('.oxlintrc.json').text).not.toContain('"warn"');
  });

  it('looks at every file of ours', async () => {
    const looked = new Set((await oxlint(['--debug=files'])).split('\n'));
    const ours = ['apps', 'libs', 'test', 'infra'].flatMap((name) => pathsIn(name));
    expect(ours.filter((file) => /\.(?:ts|mjs|cjs)$/.test(file) && !looked.has(file))).toEqual([]);
  });
});

describe('the commands of package.json', () => {
  const run = async (script: string, file: string, text: string): Promise<string> => {
    const folder = plant(new Map([[file, text]]));
    try {
      await execFile('npm', ['run', '--silent', script], { cwd: folder });
      return 'ok';
    } catch (error) {
      return (error as { stdout: string; stderr: string }).stdout + (error as { stderr: string }).stderr;
    } finally {
      remove(folder);
    }
  };

  it.each([
    ['typecheck', 'test/a.ts', "export const a: number = 'a';\n"],
    ['lint', 'apps/a.ts', 'Promise.resolve(1);\n'],
    ['lint', 'libs/a.ts', 'export const a  = 1;\n'],
  ])(
    '%s fails for what is planted in %s, and names it',
    async (script, file, text) => {
      expect(await run(script, file, text)).toContain(file);
    },
    gateTimeoutMs,
  );

  it.each(['typecheck', 'lint'])(
    '%s has nothing against the innocent',
    async (script) => {
      expect(await run(script, 'libs/a.ts', 'export const a = 1;\n')).toBe('ok');
    },
    gateTimeoutMs,
  );
});
