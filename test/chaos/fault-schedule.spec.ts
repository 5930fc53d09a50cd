import { CommanderError } from 'commander';
import { nameOf, planFaults, type FaultPlan } from './fault-schedule';
import { MINUTES_MAX, RATE_MAX_PER_S, readOptions, SEED_MAX } from './options';

const HOUR: FaultPlan = {
  seed: 7,
  lastsMs: 3_600_000,
  processes: ['api', 'worker', 'worker-2', 'psp-simulator', 'redis', 'read-store', 'event-store'],
  links: ['api to event-store', 'worker to redis', 'worker to stripe'],
  hasRedis: true,
};
const names = (plan: Partial<FaultPlan> = {}): string[] => planFaults({ ...HOUR, ...plan }).map(nameOf);

describe('the plan of faults', () => {
  it('is the same for the same seed, and another one for another', () => {
    expect(planFaults(HOUR)).toStrictEqual(planFaults(HOUR));
    expect(names()).not.toStrictEqual(names({ seed: 8 }));
  });

  it('does every fault to every process and link in an hour', () => {
    const planned = new Set(names());
    const expected = [
      ...HOUR.processes.map((process) => `kill ${process}`),
      ...HOUR.processes.filter((process) => process !== 'redis').map((process) => `stop ${process}`),
      ...HOUR.links.flatMap((link) =>
        ['delay', 'drop', 'half_open', 'reset', 'refuse'].map((fault) => `${fault} ${link}`),
      ),
      'redis FLUSHALL',
    ];
    expect(expected.filter((name) => !planned.has(name))).toStrictEqual([]);
  });

  it('has every kind in half a minute', () => {
    const kinds = planFaults({ ...HOUR, lastsMs: 30_000 }).map(({ kind }) => kind);
    expect(new Set(kinds)).toStrictEqual(new Set(['kill', 'stop', 'link', 'psp', 'redis_flush']));
  });

  it('leaves Redis alone when there is none', () => {
    expect(names({ hasRedis: false })).not.toContain('redis FLUSHALL');
  });

  it('never lets Adyen burn a key: only its webhook could end that', () => {
    expect(names().filter((name) => /^adyen 500_(after|stored)/.test(name))).toStrictEqual([]);
    expect(names()).toContain('stripe 500_stored_not_executed');
    expect(names({ lastsMs: 60_000 })).not.toContain('stripe 500_stored_not_executed');
  });

  it('spoils notices in every way but one: what only they tell must come at last', () => {
    for (const fault of ['dup:3', 'reorder', 'delay:1500', 'before_response', 'bad_sig']) {
      expect(names()).toContain(`stripe webhook_${fault}`);
      expect(names()).toContain(`adyen webhook_${fault}`);
    }
    expect(names()).toEqual(expect.arrayContaining(['stripe webhook_stale', 'stripe webhook_future']));
    expect(names().filter((name) => name.includes('webhook_drop'))).toStrictEqual([]);
  });
});

describe('the options', () => {
  it.each([
    ['--minutes', MINUTES_MAX],
    ['--rate', RATE_MAX_PER_S],
    ['--seed', SEED_MAX],
  ])('take %s up to %i', (name, max) => {
    jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect(Object.values(readOptions([name, String(max)]))).toContain(max);
    expect(() => readOptions([name, String(max + 1)])).toThrow(CommanderError);
    expect(() => readOptions([name, '0'])).toThrow(CommanderError);
  });
});
