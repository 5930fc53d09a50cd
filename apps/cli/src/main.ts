import { runProgram } from './program';
import { processTerminal } from './terminal';

// a reader that went away (`| head`) wants no more
process.stdout.on('error', () => {
  process.exit(0);
});

void runProgram(process.argv.slice(2), { variables: process.env, terminal: processTerminal }).then((code) => {
  process.exitCode = code;
});
