import type { PspName } from '@tender/domain';
import type { Violation } from '@tender/testing';
import { Client, type Wish } from './client';
import { Fleet } from './fleet';
import type { Patches } from './patches';
import { concluded, drained } from './simulate';
import { AT_ADYEN, SALE } from './stories';
import { World } from './world';

/** What is held up, as a PSP calls it. */
export type HeldUp = 'authorize' | 'capture' | 'refund';

const WISHES: Readonly<Record<HeldUp, Partial<Wish>>> = {
  authorize: { refunds: 'nothing' },
  // so little that it could be taken twice
  capture: { capture: 'manual', merchant: 'takes a part', refunds: 'nothing' },
  refund: { refunds: 'a part' },
};
/** They ring at the same time where one has lost a timer: two look-ups at once are two proofs. */
const WORKERS = 3;
const LONGER_MS = 3_600_000;

export interface HeldUpStory {
  readonly what: HeldUp;
  readonly psp: PspName;
  /** Between the last check and the PSP; for the most part of that nothing else gets there, only look-ups are answered. */
  readonly heldUpMs: number;
  readonly seed: number;
  readonly patches?: Patches;
}

export interface HeldUpEnd {
  readonly violations: readonly Violation[];
  /** What was recorded and what the PSP did, in order. */
  readonly told: readonly string[];
}

/** One payment, of which one request comes to its PSP long after everybody has looked for it. */
export async function heldUp({ what, psp, heldUpMs, seed, patches = {} }: HeldUpStory): Promise<HeldUpEnd> {
  const world = new World({ seed, scenario: 'calm', patches });
  const fleet = new Fleet(world, WORKERS);
  const wish = { ...(psp === 'stripe' ? SALE : AT_ADYEN), ...WISHES[what], regretAfterMs: undefined };
  const client = new Client(world, fleet, 'order-1', wish);
  world.psps[psp].holdUp(what, heldUpMs);
  fleet.startAll();
  void client.pay();
  await world.scheduler.advance(heldUpMs + LONGER_MS);
  await drained(world, fleet, [client]);
  await concluded(world, fleet, [client]);
  fleet.killAll();
  const told = world.auditor.historyOf(client.paymentId).map(({ what: one }) => one);
  return { violations: world.violations, told };
}
