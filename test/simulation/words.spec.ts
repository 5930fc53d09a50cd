import type { Violation } from '@tender/testing';
import { Client } from './client';
import type { FaultCounts } from './faults';
import { Fleet } from './fleet';
import { Operator } from './operator';
import type { Patches } from './patches';
import { WORD_ENDS_NEXT_TRY } from './reversal-mutants';
import { concluded, drained } from './simulate';
import { World } from './world';

const WORLDS = 40;
/** Longer than a refund may take to come back. */
const WEEK_MS = 7 * 24 * 3_600_000;

/**
 * A refund is given, comes back days later and is tried again. Somebody had looked at the first try when it had just been
 * given, and says so now that the second one is under way.
 */
async function told(
  seed: number,
  patches: Patches = {},
): Promise<{ readonly violations: readonly Violation[]; readonly counts: FaultCounts }> {
  const world = new World({ seed, scenario: 'calm', patches });
  const fleet = new Fleet(world, 1);
  new Operator(world, fleet).start();
  const client = new Client(world, fleet, 'order-1', {
    ...({ stripe: undefined, adyen: 'ok', first: 'adyen', capture: 'automatic' } as const),
    ...({ refunds: 'all', afterRefundFailed: 'tries again', regretAfterMs: undefined } as const),
  });
  fleet.startAll();
  world.faults.next('refund_failed_late');
  world.faults.next('word_of_the_past', 2);
  void client.pay();
  await world.scheduler.advance(WEEK_MS);
  await drained(world, fleet, [client]);
  await concluded(world, fleet, [client]);
  fleet.killAll();
  return { violations: world.violations, counts: world.faults.counts };
}

describe('a word about a try of a refund that has ended', () => {
  it(`changes nothing of the one that is under way, in ${WORLDS} worlds`, async () => {
    let ofNoUse = 0;
    for (let seed = 1; seed <= WORLDS; seed += 1) {
      const { violations, counts } = await told(seed);
      expect({ seed, violations }).toEqual({ seed, violations: [] });
      ofNoUse += counts.word_of_no_use;
    }
    expect(ofNoUse).toBeGreaterThan(WORLDS / 4);
  }, 120_000);

  it(`would be found out: ${WORD_ENDS_NEXT_TRY.bug}`, async () => {
    const found: Violation[] = [];
    for (let seed = 1; seed <= WORLDS && found.length === 0; seed += 1) {
      found.push(...(await told(seed, WORD_ENDS_NEXT_TRY.patches())).violations);
    }
    expect(found.map(({ rule }) => rule)).toContain('word_as_told');
  }, 120_000);
});
