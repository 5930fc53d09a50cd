import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';

export interface RedisOptions {
  readonly dir: string;
  /** 0, or nothing: a free one. */
  readonly port?: number;
  /** Keeps every change in `dir`. */
  readonly durable: boolean;
}

export interface RunningRedis {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets it write what it has, and waits for its end. */
  stop(): Promise<void>;
}

/** The server did not start; what it said is in the message. */
export class RedisRefused extends Error {
  override readonly name = 'RedisRefused';
}

const PROGRAM = 'redis-server';
const READY = 'Ready to accept connections';
/** Between the choice of a free port and its use somebody else may take it. */
const PORT_TRIES = 5;

/** Redis is not part of this workspace: it is there, or it is not. */
export function redisOnPath(path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, PROGRAM))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Runs a Redis of our own, on loopback.
 *
 * @throws RedisRefused
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const program = redisOnPath();
  if (program === undefined) throw new RedisRefused(`${PROGRAM} is not on the PATH`);
  const { port = 0 } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await startOn(program, port === 0 ? await freePort() : port, options);
    } catch (error) {
      if (port !== 0 || tries === PORT_TRIES || !String(error).includes('in use')) throw error;
    }
  }
}

async function startOn(program: string, port: number, { dir, durable }: RedisOptions): Promise<RunningRedis> {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: durable ? 'yes' : 'no',
    // BullMQ needs every key: an evicted one is half of a job
    'maxmemory-policy': 'noeviction',
    daemonize: 'no',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  // a group of its own: Ctrl-C in a terminal must not end it before those who use it
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
    child.once('error', () => {
      resolve();
    });
  });
  await untilReady(child, ended);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    process: child,
    ended,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function untilReady(child: ChildProcess, ended: Promise<void>): Promise<void> {
  let said = '';
  const ready = new Promise<boolean>((resolve) => {
    const hear = (text: Buffer): void => {
      if (said.includes(READY)) return; // the pipe must go on being emptied
      said += text.toString('utf8');
      if (said.includes(READY)) resolve(true);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  });
  const isReady = await Promise.race([ready, ended.then(() => false)]);
  if (!isReady) throw new RedisRefused(`${PROGRAM} did not start: ${said.trim()}`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** One command in Redis's inline form, for words without spaces; undefined when nobody answers. */
export function askRedis(port: number, command: string, withinMs = 1_000): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer: string | undefined;
    const end = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(withinMs, end);
    socket.on('error', end);
    socket.on('close', end);
    socket.on('connect', () => {
      socket.write(`${command}\r\n`);
    });
    socket.once('data', (text: Buffer) => {
      answer = text.toString('utf8');
      end();
    });
  });
}
