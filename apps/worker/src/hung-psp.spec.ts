import type { PspGateway, PspName } from '@tender/domain';
import { MAX_EFFECTS_IN_FLIGHT, paymentStream } from '@tender/engine';
import { protectGateway } from '@tender/psp/resilience';
import {
  initiate,
  newWorld,
  outcomes,
  ScriptedGateway,
  settle,
  startCore,
  VirtualClock,
} from '@tender/testing';
import { readConfiguration } from './configuration';

/** What the well PSP takes for a call, and what a gateway waits for one that hangs, ms. */
const ANSWERS_AFTER_MS = 200;
const CALL_TIMEOUT_MS = 25_000;

/** Arrivals: more for the hanging PSP than the process could hold calls for, were it to hold them all. */
const SECONDS = 22;
const TO_THE_WELL_ONE_PER_SECOND = 10;
const TO_THE_OTHER_PER_SECOND = 60;

const { protection: limits } = readConfiguration({
  EVENTSTORE_URL: 'esdb://h:2113',
  MONGODB_URI: 'mongodb://h',
  STRIPE_API_KEY: 'sk_test_x',
}).stripe;

interface Conditions {
  readonly adyenHangs: boolean;
  readonly areProtected: boolean;
}

/** The payments that Stripe had charged by the end of the last second, and the most calls that Adyen held. */
async function run({ adyenHangs, areProtected }: Conditions): Promise<{ charged: number; held: number }> {
  const clock = new VirtualClock();
  const stripe = new ScriptedGateway();
  let holding = 0;
  let held = 0;
  const later = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
  const gateway = (psp: PspName, authorize: PspGateway['authorize']): PspGateway => {
    const scripted: PspGateway = Object.assign(new ScriptedGateway() as PspGateway, { psp, authorize });
    return areProtected ? protectGateway(scripted, { limits, clock }) : scripted;
  };
  const world = newWorld(clock, stripe);
  const core = startCore(world, {
    stripe: gateway('stripe', async (request) => {
      await later(ANSWERS_AFTER_MS);
      return stripe.authorize(request);
    }),
    adyen: gateway('adyen', async ({ amountMinor }) => {
      held = Math.max(held, (holding += 1));
      await later(adyenHangs ? CALL_TIMEOUT_MS : ANSWERS_AFTER_MS);
      holding -= 1;
      return adyenHangs ? outcomes.unknown : { ...outcomes.captured, amountMinor };
    }),
  });
  await settle();
  let payments = 0;
  const pay = (psp: PspName): void => {
    const paymentId = `00000000-0000-5000-8000-${String((payments += 1)).padStart(12, '0')}`;
    const candidate = { psp, token: `token of ${psp}`, requestVersion: 1, reason: 'default order' };
    const context = { commandId: `command ${payments}`, correlationId: 'c', causationId: 'c', actor: 'key' };
    void core.commands.handle(
      paymentStream(paymentId),
      initiate({ paymentId, candidates: [candidate] }),
      context,
      { expectNew: true },
    );
  };
  for (let second = 0; second < SECONDS; second += 1) {
    for (let n = 0; n < TO_THE_OTHER_PER_SECOND; n += 1) pay('adyen');
    for (let n = 0; n < TO_THE_WELL_ONE_PER_SECOND; n += 1) pay('stripe');
    await clock.advance(1_000);
  }
  const charged = stripe.charges.size;
  await core.kill();
  return { charged, held };
}

describe('while one PSP hangs', () => {
  it('the other one charges as many payments as before, within 10 %', async () => {
    const before = await run({ adyenHangs: false, areProtected: true });
    const during = await run({ adyenHangs: true, areProtected: true });
    expect(before.charged).toBe(SECONDS * TO_THE_WELL_ONE_PER_SECOND);
    expect(during.charged).toBeGreaterThanOrEqual(before.charged * 0.9);
    expect(during.held).toBeLessThanOrEqual(limits.maxConcurrent);
  });

  it('and nothing protects it, it fills the process until nobody is charged', async () => {
    const during = await run({ adyenHangs: true, areProtected: false });
    expect(during.held).toBe(MAX_EFFECTS_IN_FLIGHT);
    expect(during.charged).toBeLessThan(SECONDS * TO_THE_WELL_ONE_PER_SECOND * 0.9);
  });
});
