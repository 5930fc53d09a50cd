import { runProgram } from './program.mjs';
import { runScript } from './workspace.mjs';

await runScript(() => runProgram('dist/test/simulation/main.js', process.argv.slice(2)));
