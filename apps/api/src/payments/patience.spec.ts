import { Patience } from './patience';

const never = new Promise<string | undefined>(() => undefined);

describe('patience', () => {
  it('passes on what comes in time, good or bad', async () => {
    const patience = new Patience();
    expect(await patience.atMost(Promise.resolve('came'))).toBe('came');
    await expect(patience.atMost(Promise.reject(new Error('broke')))).rejects.toThrow('broke');
  });

  it('ends every wait at once, and lets none begin', async () => {
    const patience = new Patience();
    const waits = [patience.atMost(never), patience.atMost(never)];
    patience.end();
    expect(await Promise.all([...waits, patience.atMost(never)])).toStrictEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
