import { runProgram } from './program.mjs';
import { runScript } from './workspace.mjs';

// a world is garbage a moment later: with more room for the young, it is never moved
const flags = ['--max-semi-space-size=16'];

await runScript(() => runProgram('dist/test/simulation/main.js', process.argv.slice(2), flags));
