import { runProgram } from './program.mjs';
import { runScript } from './workspace.mjs';

await runScript(() => runProgram('dist/test/bench/ledger-rate.js', process.argv.slice(2)));
