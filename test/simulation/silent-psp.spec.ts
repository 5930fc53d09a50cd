import type { PspName } from '@tender/domain';
import { Client } from './client';
import { Fleet } from './fleet';
import { concluded, drained } from './simulate';
import { World } from './world';

const DAY_MS = 24 * 3_600_000;
const SILENT_FOR_MS = 30 * DAY_MS;
const SEED = 1;

interface Story {
  readonly statusAfterSilence: string | undefined;
  readonly types: readonly string[];
  readonly statusAtTheEnd: string | undefined;
  readonly violations: readonly unknown[];
}

/** Nothing comes back for thirty days, whether or not the requests arrive. */
async function silence(psp: PspName, arrives: boolean): Promise<Story> {
  const world = new World({ seed: SEED, scenario: 'calm' });
  const fleet = new Fleet(world, 2);
  const client = new Client(world, fleet, 'order-1', {
    stripe: psp === 'stripe' ? 'ok' : undefined,
    adyen: psp === 'adyen' ? 'ok' : undefined,
    first: psp,
    capture: 'automatic',
    refunds: 'nothing',
  });
  world.faults.heal();
  world.psps[psp].blackOut(SILENT_FOR_MS, arrives ? 1 : 0);
  fleet.startAll();
  void client.pay();
  await world.scheduler.advance(SILENT_FOR_MS - 60_000);
  const { auditor } = world;
  const statusAfterSilence = auditor.stateOf(client.paymentId)?.status;
  const types = auditor.historyOf(client.paymentId).map(({ what }) => what);
  await drained(world, fleet, [client]);
  await concluded(world, fleet, [client]);
  fleet.killAll();
  const statusAtTheEnd = auditor.stateOf(client.paymentId)?.status;
  return { statusAfterSilence, types, statusAtTheEnd, violations: world.violations };
}

/** Nothing of these may be recorded while nobody knows. */
const ENDS = ['PaymentFailed', 'AttemptNotSent', 'AttemptDeclined', 'PaymentCanceled', 'PaymentCaptured'];

describe('thirty days without a word of the PSP', () => {
  it.each([
    ['stripe', true, 'succeeded'],
    ['stripe', false, 'failed'],
    ['adyen', true, 'succeeded'],
    ['adyen', false, 'failed'],
  ] as const)(
    'never turn an unknown outcome into an end: %s, with the request received: %s, ends as %s after them',
    async (psp, arrives, end) => {
      const { statusAfterSilence, types, statusAtTheEnd, violations } = await silence(psp, arrives);
      expect(statusAfterSilence).toBe('outcome_unknown');
      expect(types.filter((type) => ENDS.includes(type))).toEqual([]);
      expect(statusAtTheEnd).toBe(end);
      expect(violations).toEqual([]);
    },
    120_000,
  );
});
