import type { DeclineCategory } from './outcome';
import { categoryUnderAdvice, mayReattempt, type DeclinedTries } from './reattempt-policy';

const NOW_MS = Date.parse('2026-03-01T12:00:00.000Z');
const DAYS_30_MS = 30 * 24 * 3_600_000;

const tries = (change: Partial<DeclinedTries> = {}): DeclinedTries => ({
  category: 'soft_decline',
  cardBrand: null,
  triedAtMs: [NOW_MS],
  nowMs: NOW_MS,
  ...change,
});
const times = (count: number, agoMs = 0): readonly number[] =>
  Array.from({ length: count }, () => NOW_MS - agoMs);

describe('another try after', () => {
  it.each<[DeclineCategory, string]>([
    ['soft_decline', 'may'],
    ['hard_decline', 'must_not'],
    ['customer_action', 'must_not'],
  ])('a %s: %s', (category, kind) => {
    expect(mayReattempt(tries({ category })).kind).toBe(kind);
  });

  // the first try is no re-attempt: with 20 tries, the next one is re-attempt number 20
  it.each<[string, string | null, readonly number[], string]>([
    ['19 re-attempts of a Visa card', 'visa', times(20), 'may'],
    ['20 re-attempts of a Visa card', 'visa', times(21), 'must_not'],
    ['20 re-attempts of a card of unknown brand', null, times(21), 'must_not'],
    ['20 re-attempts of a card of another scheme', 'mc', times(21), 'may'],
    ['20 re-attempts, the last moment of 30 days ago', 'visa', times(21, DAYS_30_MS - 1), 'must_not'],
    ['20 re-attempts, 30 days ago', 'visa', times(21, DAYS_30_MS), 'may'],
    ['20 re-attempts, but for the first in 30 days', 'visa', [...times(20), NOW_MS - DAYS_30_MS], 'may'],
  ])('%s (%s)', (_what, cardBrand, triedAtMs, kind) => {
    expect(mayReattempt(tries({ cardBrand, triedAtMs })).kind).toBe(kind);
  });

  it('is refused for the reason that lasts', () => {
    expect(mayReattempt(tries({ category: 'hard_decline', triedAtMs: times(21) }))).toEqual({
      kind: 'must_not',
      because: 'decline_category',
    });
    expect(mayReattempt(tries({ triedAtMs: times(21) }))).toEqual({
      kind: 'must_not',
      because: 'scheme_limit',
    });
  });
});

describe('advice of the network', () => {
  it.each<[string | null, string | null, DeclineCategory]>([
    ['03', 'mastercard', 'hard_decline'],
    ['21', 'mc', 'hard_decline'],
    ['03', null, 'hard_decline'],
    ['21', null, 'hard_decline'],
    ['02', 'mastercard', 'soft_decline'],
    ['03', 'visa', 'soft_decline'],
    [null, 'mastercard', 'soft_decline'],
    [null, null, 'soft_decline'],
  ])('%s on a card of %s makes of a soft decline a %s', (code, brand, category) => {
    expect(categoryUnderAdvice('soft_decline', code, brand)).toBe(category);
    expect(categoryUnderAdvice('hard_decline', code, brand)).toBe('hard_decline');
  });
});
