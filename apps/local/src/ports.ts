import { createServer } from 'node:net';

/**
 * Below the ports that the systems of this world hand out by themselves (from 32768 on Linux, 49152 elsewhere): a port that
 * is chosen now and used in some seconds, or given up for a moment by a restart, is nobody's connection in between.
 */
const FIRST_PORT = 10_000;
const LAST_PORT = 32_767;

/** Each process of this machine chooses from so many of its own: two that choose at once do not choose the same. */
export const PORTS_OF_A_PROCESS = 32;

const SLICES = Math.floor((LAST_PORT - FIRST_PORT + 1) / PORTS_OF_A_PROCESS);

let chosen = 0;

/** The `index`-th port that the process with this id chooses. It comes round when it has had them all. */
export const portOf = (pid: number, index: number): number =>
  FIRST_PORT + (pid % SLICES) * PORTS_OF_A_PROCESS + (index % PORTS_OF_A_PROCESS);

/**
 * A port on loopback that nobody listens on, for whoever has to be told to others before it is started.
 *
 * @throws Error when all that this process may choose from are in use
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < PORTS_OF_A_PROCESS; tries += 1) {
    const port = portOf(process.pid, chosen);
    chosen += 1;
    if (await isFree(port)) return port;
  }
  const first = portOf(process.pid, 0);
  throw new Error(`no port is free from ${first} to ${first + PORTS_OF_A_PROCESS - 1} on 127.0.0.1`);
}

/** 0 stands for any that is free. */
export const portOrFree = async (port: number): Promise<number> => (port === 0 ? freePort() : port);

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  } catch {
    return false;
  }
  await new Promise((resolve) => server.close(resolve));
  return true;
}
