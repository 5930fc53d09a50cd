import { RateLimit } from './rate-limit';

it('admits a burst of the limit, then one whenever its share of a second has passed, each operation apart', () => {
  let nowMs = 0;
  const limit = new RateLimit(10, () => nowMs);
  const admitted = (op: string): number => {
    let count = 0;
    while (limit.admits(op)) count += 1;
    return count;
  };
  expect(admitted('authorize')).toBe(10);
  expect(admitted('capture')).toBe(10);
  nowMs += 99;
  expect(admitted('authorize')).toBe(0);
  nowMs += 1;
  expect(admitted('authorize')).toBe(1);
  nowMs += 60_000;
  expect(admitted('authorize')).toBe(10);
  expect(limit.refused).toBe(5);
});

it('admits everything without a limit', () => {
  const limit = new RateLimit(null, () => 0);
  expect(Array.from({ length: 1_000 }, () => limit.admits('authorize'))).not.toContain(false);
});
