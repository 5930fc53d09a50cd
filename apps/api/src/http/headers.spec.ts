import { DEFAULT_WAIT_S, MAX_IDEMPOTENCY_KEY_CHARACTERS, MAX_WAIT_S } from '../config/limits';
import { idempotencyKeyOf, preferredWaitMs } from './headers';
import { Problem } from './problem';

const codeOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    if (error instanceof Problem) return error.code;
  }
  return 'none';
};

describe('Idempotency-Key', () => {
  it.each(['k', '!', '~', 'a'.repeat(MAX_IDEMPOTENCY_KEY_CHARACTERS), '"quoted"', 'a,b'])(
    'may be %p',
    (key) => {
      expect(idempotencyKeyOf(key)).toBe(key);
    },
  );

  it('is required', () => {
    expect(codeOf(() => idempotencyKeyOf(undefined))).toBe('idempotency_key_missing');
  });

  it.each(['', ' ', 'a b', 'é', '\x7f', 'a\tb', 'a'.repeat(MAX_IDEMPOTENCY_KEY_CHARACTERS + 1)])(
    'must not be %p',
    (key) => {
      expect(codeOf(() => idempotencyKeyOf(key))).toBe('idempotency_key_invalid');
    },
  );

  it('must not be sent twice', () => {
    expect(codeOf(() => idempotencyKeyOf('a, a'))).toBe('idempotency_key_invalid');
    expect(codeOf(() => idempotencyKeyOf(['a', 'a']))).toBe('idempotency_key_invalid');
  });
});

describe('Prefer: wait', () => {
  it.each<[string, number]>([
    ['wait=5', 5],
    ['wait=0', 0],
    [' Wait = 5 ', 5],
    ['wait=005', 5],
    ['respond-async, wait=5', 5],
    ['wait=5, respond-async', 5],
    ['handling=lenient; wait=1, wait=7', 7],
    ['foo="a, wait=1", wait=7', 7],
    ['wait=5; x=1', 5],
    ['wait=5, wait=9', 5],
    [`wait=${MAX_WAIT_S}`, MAX_WAIT_S],
    [`wait=${MAX_WAIT_S + 1}`, MAX_WAIT_S],
    ['wait=999999999', MAX_WAIT_S],
  ])('%s waits %d s', (header, seconds) => {
    expect(preferredWaitMs(header)).toBe(seconds * 1_000);
  });

  it.each([
    '',
    'wait',
    'wait=',
    'wait=-1',
    'wait=1.5',
    'wait="5"',
    'wait=5s',
    'await=5',
    'x="wait=5',
    'wait=1e1',
  ])('%p is ignored', (header) => {
    expect(preferredWaitMs(header)).toBe(DEFAULT_WAIT_S * 1_000);
  });

  it('reads several headers as one list', () => {
    expect(preferredWaitMs(['respond-async', 'wait=3'])).toBe(3_000);
  });

  it('has a default', () => {
    expect(preferredWaitMs(undefined)).toBe(DEFAULT_WAIT_S * 1_000);
  });
});
