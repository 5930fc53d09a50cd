import { runProgram } from './program.mjs';
import { runScript } from './workspace.mjs';

await runScript(() => runProgram('dist/apps/cli/src/main.js', process.argv.slice(2)));
