import { Gauge, Registry } from 'prom-client';
import { startOperationsServer } from './operations-server';

describe('the operations face of a process', () => {
  it('tells whether it lives, whether it is of use and why not, and its figures', async () => {
    const registry = new Registry();
    new Gauge({ name: 'tender_example', help: 'x', registers: [registry] }).set(7);
    let problem: string | undefined = 'has not caught up yet';
    const server = await startOperationsServer({
      host: '127.0.0.1',
      port: 0,
      registry,
      checks: { reader: () => problem },
    });
    const get = async (path: string) => {
      const reply = await fetch(`http://127.0.0.1:${server.port}${path}`);
      return [reply.status, await reply.text()] as const;
    };
    expect((await get('/health/live'))[0]).toBe(200);
    expect(await get('/health/ready')).toEqual([503, expect.stringContaining('has not caught up yet')]);
    problem = undefined;
    expect((await get('/health/ready'))[0]).toBe(200);
    expect((await get('/metrics'))[1]).toContain('tender_example 7');
    expect((await get('/anything'))[0]).toBe(404);
    await server.close();
    await expect(get('/health/live')).rejects.toThrow('fetch failed');
  });
});
