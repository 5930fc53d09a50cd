import type { HeldUp } from './held-up';
import { heldUp } from './held-up';

const MINUTE_MS = 60_000;
const SEEDS = [1, 2, 3];

const WHATS = ['authorize', 'capture', 'refund'] as const satisfies readonly HeldUp[];
const STORIES = (['stripe', 'adyen'] as const).flatMap((psp) =>
  WHATS.flatMap((what) => [1, 4, 14, 40].map((minutes) => ({ psp, what, minutes }))),
);

describe('a request that comes to its PSP long after it was looked for', () => {
  it.each(STORIES)(
    'takes and gives nothing twice: $psp $what, after $minutes min',
    async ({ psp, what, minutes }) => {
      for (const seed of SEEDS) {
        const { violations, told } = await heldUp({ psp, what, heldUpMs: minutes * MINUTE_MS, seed });
        expect(violations).toEqual([]);
        expect(told).toContain('a request that was held up arrives');
      }
    },
    60_000,
  );

  it('is found and given back where it charges after the proof that it had not', async () => {
    const { told } = await heldUp({ psp: 'stripe', what: 'authorize', heldUpMs: 40 * MINUTE_MS, seed: 1 });
    const story = ['PaymentFailed', 'charged at the PSP', 'LateSuccessFound', 'given back by the PSP'];
    expect(told.filter((one) => story.includes(one))).toEqual(story);
  }, 60_000);
});
