import { writeFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { Bench } from './bench';
import { startTarget, type Target } from './bench-stack';
import { readOptions, type BenchOptions } from './options';
import { failuresOf, printed } from './report';

const say = (line: string): void => {
  console.log(line);
};

function targetFor({ target, latency, seed, cpuProfile, workers }: BenchOptions): Promise<Target> {
  if (target !== undefined) {
    const stop = (): Promise<void> => Promise.resolve();
    return Promise.resolve({ ...target, eventStoreUrl: undefined, pids: new Map<string, number>(), stop });
  }
  if (latency === undefined) throw new Error('a stack of its own has a latency');
  return startTarget({ latency, seed, cpuProfile, workers, progress: say });
}

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  const starting = targetFor(options);
  // Ctrl-C must leave no process and no directory behind
  const interrupted = (): void => {
    say('\nstopping');
    const end = (): void => process.exit(130);
    starting.then((target) => target.stop()).then(end, end);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  const target = await starting;
  try {
    const report = await new Bench(target, options, say).run();
    say(printed(report));
    if (options.jsonFile !== undefined) {
      writeFileSync(
        options.jsonFile,
        `${JSON.stringify({ options: { ...options, target: undefined }, ...report }, undefined, 2)}\n`,
      );
    }
    const failures = failuresOf(report, options.findMax !== undefined);
    for (const failure of failures) say(`FAILED: ${failure}`);
    return failures.length === 0 ? 0 : 1;
  } finally {
    await target.stop();
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    console.error(error);
    process.exit(1);
  },
);
