import * as childProcess from 'node:child_process';
import { mkdtempSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { root } from './source-tree';

const execFile = promisify(childProcess.execFile);

const script = (name: string): string => path.join(root, 'infra/run', name);

/** The scripts are modules that Node runs as they are, so their functions are called there and not in Jest's world. */
const call = async (name: string, expression: string): Promise<unknown> => {
  const code = `import * as it from ${JSON.stringify(pathToFileURL(script(name)).href)}; console.log(JSON.stringify(${expression}) ?? 'null')`;
  const { stdout } = await execFile(process.execPath, ['--input-type=module', '--eval', code], { cwd: root });
  return JSON.parse(stdout);
};

describe('the version of Node', () => {
  const complaints = (versions: readonly string[]): Promise<unknown> =>
    call('workspace.mjs', `${JSON.stringify(versions)}.map((version) => it.nodeTooOld(version) ?? 'fine')`);

  it('is refused below 20.19, by name', async () => {
    const needed = expect.stringContaining('20.19') as unknown;
    expect(await complaints(['18.20.0', '20.18.3'])).toEqual([needed, needed]);
  });

  it('will do from 20.19 on', async () => {
    const newer = ['20.19.0', '20.20.2', '22.0.0', '24.1.0'];
    expect(await complaints(newer)).toEqual(newer.map(() => 'fine'));
  });
});

describe('counting a Jest report', () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 0,
    numRuntimeErrorTestSuites: 0,
    numPendingTests: 2,
    numTodoTests: 1,
  };
  const counts = (changes: object, exitCode: number): Promise<unknown> =>
    call('suites.mjs', `it.countsOf(${JSON.stringify({ ...report, ...changes })}, ${exitCode})`);

  it('takes a green run as it is', async () => {
    expect(await counts({}, 0)).toEqual({ passed: 5, failed: 0, skipped: 3 });
  });

  it('takes a file that failed to run for a failure', async () => {
    expect(await counts({ numFailedTests: 1, numRuntimeErrorTestSuites: 1 }, 1)).toMatchObject({ failed: 2 });
  });

  it('takes a bad exit code for a failure, whatever the report says', async () => {
    expect(await counts({}, 1)).toMatchObject({ failed: 1 });
  });

  it('takes a run without a report for a failure', async () => {
    expect(await call('suites.mjs', 'it.countsOf(undefined, 0)')).toEqual({
      passed: 0,
      failed: 1,
      skipped: 0,
    });
  });

  it('names what did not run, and why', async () => {
    const skipped = { status: 'pending', ancestorTitles: ['[not run: no engine] a log', 'appends'] };
    const passed = { status: 'passed', ancestorTitles: [] };
    const file = path.join(root, 'test/containers/log.spec.ts');
    const results = { testResults: [{ name: file, assertionResults: [skipped, skipped, passed] }] };
    expect(await call('suites.mjs', `it.notRunIn(${JSON.stringify(results)})`)).toEqual([
      { file: 'test/containers/log.spec.ts', tests: 2, reason: 'no engine' },
    ]);
  });
});

describe('what failed', () => {
  const file = path.join(root, 'libs/a.spec.ts');
  const failuresOf = (result: object): Promise<unknown> =>
    call('suites.mjs', `it.failedIn(${JSON.stringify({ testResults: [{ name: file, ...result }] })})`);

  it('is named with the first words of why, without colours', async () => {
    const passed = { status: 'passed', fullName: 'adds', failureMessages: [] };
    const failed = {
      status: 'failed',
      fullName: 'sum > subtracts',
      failureMessages: [`\u001b[31mexpected\u001b[39m\n   ${'x'.repeat(500)}`],
    };
    expect(
      await failuresOf({ status: 'failed', message: 'all of it', assertionResults: [passed, failed] }),
    ).toEqual([{ file: 'libs/a.spec.ts', test: 'sum > subtracts', why: `expected ${'x'.repeat(291)}` }]);
  });

  it('is the file itself when it did not come to a test', async () => {
    expect(await failuresOf({ status: 'failed', message: 'no such module', assertionResults: [] })).toEqual([
      { file: 'libs/a.spec.ts', test: 'the file itself', why: 'no such module' },
    ]);
  });
});

describe('the summary', () => {
  const step = { name: 'unit', verdict: 'ok', passed: 3, failed: 0, skipped: 1, elapsedMs: 10, notRun: [] };
  const missing = { file: 'a.spec.ts', tests: 1, reason: 'no engine' };
  const steps = [
    { ...step, notRun: [missing] },
    { ...step, name: 'lint', passed: 0, failed: 1, skipped: 0 },
    { ...step, name: 'e2e', failures: [{ file: 'b.spec.ts', test: 'pays', why: 'refused' }] },
  ];

  it('ends with the sums of all steps, after what did not run and what failed', async () => {
    const text = String(await call('summary.mjs', `it.summaryOf(${JSON.stringify(steps)})`));
    expect(text.split('\n').at(-1)).toBe('6 passed, 1 failed, 2 skipped');
    expect(text).toContain('NOT RUN (unit): a.spec.ts, 1 test: no engine');
    expect(text).toContain('FAILED (e2e): b.spec.ts, pays: refused');
  });
});

describe('the suites that are run', () => {
  it('are all projects of Jest, each once', async () => {
    const projects = await call('../../jest.config.cjs', 'it.default.projects.map((one) => one.displayName)');
    const run = await call(
      'suites.mjs',
      '[...it.computedSuites, ...it.waitingSuites].flatMap((suite) => suite.projects)',
    );
    expect([...(run as string[])].sort()).toEqual([...(projects as string[])].sort());
  });

  it('begin with files that are there', async () => {
    const longest = (await call('../../test/longest-first.cjs', 'it.default.LONGEST')) as string[];
    expect(longest.filter((file) => !existsSync(path.join(root, file)))).toEqual([]);
  });
});

describe('a command beside others', () => {
  it('says nothing until it has ended, then all of it, and is as nice as it is asked to be', async () => {
    const code = "console.log(os.getPriority()); console.error('and why'); process.exit(3)";
    const options = '{ timeoutMs: 20_000, niceness: 19 }';
    const command = `[process.execPath, '--eval', ${JSON.stringify(code)}]`;
    expect(await call('child.mjs', `await it.run(${command}, ${options})`)).toEqual({
      exitCode: 3,
      output: '19\nand why',
      timedOut: false,
    });
  });
});

describe('a program in the foreground', () => {
  /** A program that lives until its first signal and answers with an exit code of its own. */
  const program =
    "process.on('SIGTERM', () => process.exit(7)); setInterval(() => {}, 1000); console.log('ready')";
  const parent = (child: string): childProcess.ChildProcess => {
    const code = `import { become } from ${JSON.stringify(pathToFileURL(script('child.mjs')).href)};
      process.exitCode = await become(['--eval', ${JSON.stringify(child)}]);`;
    return childProcess.spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  };
  const exitOf = (child: childProcess.ChildProcess): Promise<number | null> =>
    new Promise((resolve) => child.once('exit', resolve));

  it('gets our signal, and we end with its exit code', async () => {
    const child = parent(program);
    const exit = exitOf(child);
    child.stdout?.once('data', () => child.kill('SIGTERM'));
    expect(await exit).toBe(7);
  });

  it('that dies of a signal gives 128 and its number', async () => {
    expect(await exitOf(parent("process.kill(process.pid, 'SIGKILL')"))).toBe(137);
  });
});

describe('reset', () => {
  let folder: string;

  beforeEach(() => {
    folder = path.join(mkdtempSync(path.join(tmpdir(), 'tender-reset-')), 'data');
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'some-data'), 'x');
  });

  afterEach(() => {
    rmSync(path.dirname(folder), { recursive: true, force: true });
  });

  const reset = async (data = folder): Promise<string> => {
    const environment = { ...process.env, TENDER_DATA: data };
    try {
      return (await execFile(process.execPath, [script('reset.mjs')], { env: environment })).stdout;
    } catch (error) {
      return (error as { stderr: string }).stderr;
    }
  };
  const lock = (text: string): void => {
    writeFileSync(path.join(folder, 'lock'), text);
  };

  it('removes the data, and says so when there is none', async () => {
    expect(await reset()).toContain('Removed');
    expect(existsSync(folder)).toBe(false);
    expect(await reset()).toContain('Nothing to remove');
  });

  it('refuses while a stack runs on it', async () => {
    lock(JSON.stringify({ pid: process.pid }));
    expect(await reset()).toContain(`process ${process.pid}`);
    expect(existsSync(folder)).toBe(true);
  });

  it('is not held up by the lock of a process that is gone', async () => {
    const { pid } = childProcess.spawnSync(process.execPath, ['--eval', '']);
    lock(JSON.stringify({ pid }));
    expect(await reset()).toContain('Removed');
  });

  it.each(['', '{"pid":', '{"pid":0}', '{"pid":"1"}'])('refuses when the lock says %j', async (text) => {
    lock(text);
    expect(await reset()).toContain('delete that file');
    expect(existsSync(folder)).toBe(true);
  });

  it('takes no folder for data that holds the repository or somebody’s home', async () => {
    const outer = [root, path.dirname(root), '/', homedir()];
    // asked of the function alone: a mistake here must not be able to cost anything
    const answers = await call(
      'reset.mjs',
      `${JSON.stringify(outer)}.map((folder) => it.reasonToKeep(folder))`,
    );
    expect(answers).toEqual(outer.map(() => expect.stringContaining('no data folder') as unknown));
  });
});
