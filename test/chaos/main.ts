import { redisIsMissing } from '@tender/testing';
import { CommanderError } from 'commander';
import { Chaos } from './chaos';
import { readOptions } from './options';
import { failuresOf, printed } from './report';

const say = (line: string): void => {
  console.log(line);
};

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  // before the stack starts, which takes one that is there
  const missing = redisIsMissing();
  const chaos = new Chaos(options, say);
  // Ctrl-C must leave no process and no directory behind
  const interrupted = (): void => {
    say('\nstopping');
    const end = (): void => process.exit(130);
    chaos.stop().then(end, end);
  };
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    await chaos.start();
    const report = await chaos.run(missing === undefined ? [] : [`faults of Redis: ${missing}`]);
    say(printed(report));
    return failuresOf(report).length === 0 ? 0 : 1;
  } finally {
    await chaos.stop();
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
