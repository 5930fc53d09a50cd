import * as childProcess from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { pathsIn, readSource, root } from './source-tree';

/** What dependency-cruiser prints with --output-type json, as far as this file reads it. */
interface Report {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string };
    }[];
    readonly ruleSetUsed: { readonly forbidden: readonly { readonly name: string }[] };
  };
}

const execFile = promisify(childProcess.execFile);

const roots = ['apps', 'libs', 'test'];
const planted = path.join(root, 'test/architecture/planted');

/** Raise it as the tree grows. A cruiser that cannot read TypeScript finds nothing wrong, in no modules at all. */
const fewestModules = 200;

/** Node's default of 1 MiB would cut the report short. */
const maxReportBytes = 64 * 1024 * 1024;

const cruise = async (cwd: string): Promise<Report> => {
  const { stdout } = await execFile(
    process.execPath,
    [
      path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      ...['--config', path.join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', ...roots],
    ],
    { cwd, maxBuffer: maxReportBytes },
  );
  return JSON.parse(stdout) as Report;
};

const violationsOf = ({ summary }: Report): readonly string[] =>
  summary.violations.map(({ from, to, rule }) => `${rule.name}: ${from} -> ${to}`);

/** Listed before the cruise: a file written meanwhile is not one that it overlooked. */
const sources = roots.flatMap((folder) => pathsIn(folder)).filter((file) => file.endsWith('.ts'));

/** Both at once: each is a process of its own. */
const ownReport = cruise(root);
const plantedReport = cruise(planted);

/** Seconds on an idle machine; a loaded one must not turn it into a verdict on the code. */
const cruiseTimeoutMs = 180_000;

describe('the dependency rules on this tree', () => {
  let report: Report;
  let cruised: readonly string[];

  beforeAll(async () => {
    report = await ownReport;
    cruised = report.modules.map(({ source }) => source);
  }, cruiseTimeoutMs);

  it('find no violation', () => {
    expect(violationsOf(report)).toEqual([]);
  });

  it('looked at every TypeScript file there is', () => {
    const seen = new Set(cruised);
    expect(sources.filter((file) => !seen.has(file))).toEqual([]);
  });

  it('looked at no fewer modules than there have ever been', () => {
    const own = cruised.filter((source) => roots.some((folder) => source.startsWith(`${folder}/`)));
    expect(own.length).toBeGreaterThanOrEqual(fewestModules);
  });
});

describe('the dependency rules on planted violations', () => {
  let report: Report;

  beforeAll(async () => {
    report = await plantedReport;
  }, cruiseTimeoutMs);

  /** Each planted file names in its first line the rules it breaks, or `nothing`. */
  const expected = (file: string): readonly string[] => {
    const [, rules] = /^\/\/ planted: (.*)\n/.exec(readSource(file, planted).text) ?? [];
    if (rules === undefined) throw new Error(`${file} does not say what is planted in it`);
    return rules === 'nothing' ? [] : rules.split(', ').sort();
  };

  /** A circle is reported once, for all the files on it. */
  const reported = (file: string): readonly string[] => {
    const names = report.summary.violations
      .filter(({ from, to, rule }) => from === file || (rule.name === 'no-circular' && to === file))
      .map(({ rule }) => rule.name);
    return [...new Set(names)].sort();
  };

  const files = roots.flatMap((folder) => pathsIn(folder, planted));

  it.each(files)('%s is reported for what it breaks and for nothing else', (file) => {
    expect(reported(file)).toEqual(expected(file));
  });

  it('break every rule at least once', () => {
    const broken = new Set(files.flatMap(expected));
    const rules = report.summary.ruleSetUsed.forbidden.map(({ name }) => name);
    expect(rules.filter((name) => !broken.has(name))).toEqual([]);
  });
});
