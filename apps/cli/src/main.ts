import { EXIT } from './exit-codes';
import { runProgram } from './program';
import { processTerminal } from './terminal';

// a reader that went away (`| head`) wants no more
process.stdout.on('error', () => {
  process.exit(EXIT.ok);
});

let stopped = false;
process.on('SIGINT', () => {
  // asked twice, it need not be in order
  if (stopped) process.exit(EXIT.interrupted);
  stopped = true;
});

void runProgram(process.argv.slice(2), {
  variables: process.env,
  terminal: processTerminal,
  stopped: () => stopped,
}).then((code) => {
  process.exitCode = code;
});
