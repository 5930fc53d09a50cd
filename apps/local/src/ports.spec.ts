import { createServer, type Server } from 'node:net';
import { freePort, portOf, PORTS_OF_A_PROCESS } from './ports';

const listenOn = (port: number): Promise<Server> =>
  new Promise((resolve) => {
    const server: Server = createServer().listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
  });

describe('a port that is chosen before it is used', () => {
  it('is never one that the system gives to a connection', () => {
    for (let pid = 1; pid < 5_000; pid += 1) {
      for (const index of [0, PORTS_OF_A_PROCESS - 1]) {
        expect(portOf(pid, index)).toBeGreaterThanOrEqual(10_000);
        expect(portOf(pid, index)).toBeLessThan(32_768);
      }
    }
  });

  it('is not chosen by another process, however many each chooses', () => {
    const ours = Array.from({ length: PORTS_OF_A_PROCESS + 1 }, (_, index) => portOf(4_711, index));
    const theirs = ours.map((_, index) => portOf(4_712, index));
    expect(ours.filter((port) => theirs.includes(port))).toEqual([]);
  });

  it('is another one each time, and passes over those that are in use', async () => {
    const before = await freePort();
    const next = portOf(process.pid, before - portOf(process.pid, 0) + 1);
    const taken = await listenOn(next);
    const after = await freePort();
    await closed(taken);
    expect([before, next]).not.toContain(after);
  });

  it('is an error when all are in use', async () => {
    const all = Array.from({ length: PORTS_OF_A_PROCESS }, (_, index) => portOf(process.pid, index));
    const taken = await Promise.all(all.map(listenOn));
    const refused = await freePort().catch((error: unknown) => String(error));
    await Promise.all(taken.map(closed));
    expect(refused).toMatch(/no port is free from \d+ to \d+ on 127.0.0.1/);
  });
});
