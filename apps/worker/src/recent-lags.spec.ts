import { LAGS_KEPT, RecentLags } from './recent-lags';

it('knows of no lag before the first', () => {
  expect(new RecentLags().percentileMs(0.5)).toBeUndefined();
});

it('gives the nearest rank of those it keeps, and keeps the latest', () => {
  const lags = new RecentLags();
  for (let ms = 1; ms <= 100; ms += 1) lags.add(ms);
  expect([0.5, 0.99, 1].map((share) => lags.percentileMs(share))).toEqual([50, 99, 100]);
  for (let n = 0; n < LAGS_KEPT - 1; n += 1) lags.add(7);
  expect([0.5, 1].map((share) => lags.percentileMs(share))).toEqual([7, 100]);
  lags.add(7);
  expect(lags.percentileMs(1)).toBe(7);
});
