import { runProgram } from './program.mjs';
import { runScript } from './workspace.mjs';

await runScript(() => runProgram('dist/test/chaos/main.js', process.argv.slice(2)));
