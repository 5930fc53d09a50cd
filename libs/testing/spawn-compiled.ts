import { ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Compiles each TypeScript file of the workspace as it is required, with the options of the test suites. */
const REQUIRE_HOOK = `
const { transformFileSync } = require(${JSON.stringify(require.resolve('@swc/core'))});
const Module = require('node:module');
const path = require('node:path');
require.extensions['.ts'] = (module, file) => {
  const { code } = transformFileSync(file, {
    swcrc: false,
    sourceMaps: 'inline',
    module: { type: 'commonjs' },
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      keepClassNames: true,
    },
  });
  module._compile(code, file);
};
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, ...rest) {
  const target = request.startsWith('@tender/')
    ? path.join(${JSON.stringify(ROOT)}, 'libs', request.slice('@tender/'.length), 'index.ts')
    : request;
  return resolveFilename.call(this, target, ...rest);
};
`;

export interface SpawnedServer {
  readonly process: ChildProcess;
  /** The first line of its standard output, parsed: what it says when it is ready. */
  readonly ready: unknown;
  /** Resolves with the exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
}

/** A process that ended before it was ready. */
export class SpawnFailedError extends Error {
  constructor(
    readonly exitCode: number | null,
    readonly stderr: string,
  ) {
    super(`exited with ${exitCode ?? 'a signal'} before it was ready: ${stderr}`);
    this.name = 'SpawnFailedError';
  }
}

/**
 * Runs a TypeScript entry of this workspace as a process of its own, straight from its sources, and waits for the line of
 * JSON that says it is ready. Tests that kill servers need this; nothing has to be built first.
 * @param entry path from the root of the workspace
 * @throws SpawnFailedError
 */
export async function spawnCompiled(entry: string, args: readonly string[] = []): Promise<SpawnedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tender-hook-'));
  const hook = join(folder, 'require-typescript.cjs');
  writeFileSync(hook, REQUIRE_HOOK);
  try {
    return await spawnWith(hook, join(ROOT, entry), args);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function spawnWith(hook: string, entry: string, args: readonly string[]): Promise<SpawnedServer> {
  const child = fork(entry, args, {
    execArgv: ['--require', hook],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  // 'close' does not come when the parent has let go of the channel
  const exited = new Promise<number | null>((ended) => child.once('exit', ended));
  const line = firstLine(child);
  const first = await Promise.race([line, exited.then((code) => ({ code }))]);
  if (typeof first !== 'string') throw new SpawnFailedError(first.code, stderr);
  const ready: unknown = JSON.parse(first);
  return { process: child, ready, exited };
}

function firstLine(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((found) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf('\n');
      if (end >= 0) found(text.slice(0, end));
    });
  });
}
