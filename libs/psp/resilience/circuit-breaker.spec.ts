import { VirtualClock } from '@tender/testing';
import {
  BREAKER_MAX_PROBES,
  BREAKER_MIN_CALLS,
  BREAKER_OPEN_FOR_MS,
  BREAKER_PROBES_TO_CLOSE,
  BREAKER_WINDOW_MS,
  CircuitBreaker,
  type Health,
} from './circuit-breaker';

function setUp() {
  const clock = new VirtualClock();
  const changes: string[] = [];
  const breaker = new CircuitBreaker(clock, (from, to) => changes.push(`${from} to ${to}`));
  const call = (health: Health, times = 1): void => {
    for (let n = 0; n < times; n += 1) breaker.admit()!(health);
  };
  return { clock, breaker, call, changes };
}

/** Open, and its time over. */
async function readyForProbes() {
  const it = setUp();
  it.call('down', BREAKER_MIN_CALLS);
  await it.clock.advance(BREAKER_OPEN_FOR_MS);
  return it;
}

describe('a closed circuit', () => {
  it.each([
    ['too few failures to tell', BREAKER_MIN_CALLS - 1, 0, 'closed'],
    ['enough failures', BREAKER_MIN_CALLS, 0, 'open'],
    ['as many failures as answers', 10, 10, 'open'],
    ['more answers than failures', 10, 11, 'closed'],
  ])('after %s', (_what, down, up, state) => {
    const { breaker, call } = setUp();
    call('up', up);
    call('down', down);
    expect(breaker.state).toBe(state);
  });

  it('learns nothing from what is neutral', () => {
    const { breaker, call } = setUp();
    call('neutral', 100);
    call('down', BREAKER_MIN_CALLS - 1);
    expect(breaker.state).toBe('closed');
  });

  it.each([
    ['remembers', BREAKER_WINDOW_MS - 1, 'open'],
    ['forgets', BREAKER_WINDOW_MS, 'closed'],
  ])('%s failures of %d ms ago', async (_what, agoMs, state) => {
    const { breaker, call, clock } = setUp();
    call('down', BREAKER_MIN_CALLS - 1);
    await clock.advance(agoMs);
    call('down');
    expect(breaker.state).toBe(state);
  });
});

describe('an open circuit', () => {
  it('lets nobody through before its time', async () => {
    const { breaker, call, clock, changes } = setUp();
    call('down', BREAKER_MIN_CALLS);
    await clock.advance(BREAKER_OPEN_FOR_MS - 1);
    expect([breaker.refuses(), breaker.admit()]).toEqual([true, undefined]);
    await clock.advance(1);
    expect(breaker.refuses()).toBe(false);
    expect(changes).toEqual(['closed to open']);
  });

  it('does not mind how the calls end that it found under way', async () => {
    const { breaker, call, clock } = setUp();
    const late = Array.from({ length: 20 }, () => breaker.admit()!);
    call('down', BREAKER_MIN_CALLS);
    for (const ended of late.slice(0, 10)) ended('up');
    expect(breaker.state).toBe('open');
    await clock.advance(BREAKER_OPEN_FOR_MS);
    const probe = breaker.admit()!;
    for (const ended of late.slice(10)) ended('down');
    expect(breaker.state).toBe('half_open');
    probe('up');
    expect(breaker.state).toBe('half_open');
  });
});

describe('a half-open circuit', () => {
  it('lets so many probes through and no more, until one of them is back', async () => {
    const { breaker } = await readyForProbes();
    const probes = Array.from({ length: BREAKER_MAX_PROBES }, () => breaker.admit()!);
    expect([breaker.refuses(), breaker.admit()]).toEqual([true, undefined]);
    probes[0]!('neutral');
    expect(breaker.admit()).toBeDefined();
  });

  it('closes after enough probes that came back well', async () => {
    const { breaker, call, changes } = await readyForProbes();
    call('up', BREAKER_PROBES_TO_CLOSE - 1);
    expect(breaker.state).toBe('half_open');
    call('up');
    expect(changes).toEqual(['closed to open', 'open to half_open', 'half_open to closed']);
  });

  it('opens again for as long at the first probe that fails', async () => {
    const { breaker, call, clock } = await readyForProbes();
    call('up', BREAKER_PROBES_TO_CLOSE - 1);
    call('down');
    await clock.advance(BREAKER_OPEN_FOR_MS - 1);
    expect(breaker.refuses()).toBe(true);
    await clock.advance(1);
    expect(breaker.refuses()).toBe(false);
  });

  it('starts with a clean record once it is closed', async () => {
    const { breaker, call } = await readyForProbes();
    call('up', BREAKER_PROBES_TO_CLOSE);
    call('down', BREAKER_MIN_CALLS - 1);
    expect(breaker.state).toBe('closed');
  });
});
