import { createStripeGateway } from '@tender/psp';
import { startStripeSimulator } from '../../../apps/psp-simulator/src/stripe/server';
import type { PspUnderTest } from './gateway-contract';
import { describeGateway } from './gateway-contract';
import { chargesIn, controlOf } from './simulator-control';

/** Short, because every lost answer costs it; the simulator answers loopback in a few ms. */
const CALL_TIMEOUT_MS = 250;
/** Longer than a call, so that the charge happens after its caller has given up. */
const SLOWER_THAN_A_CALL_MS = 350;
const CLOSED_FOR_MS = 60;

async function start(): Promise<PspUnderTest> {
  const simulator = await startStripeSimulator({ latency: { medianMs: 0, p99Ms: 0 } });
  const gateway = createStripeGateway({
    apiKey: 'sk_test_contract',
    baseUrl: simulator.url,
    callTimeoutMs: CALL_TIMEOUT_MS,
  });
  const control = controlOf(simulator);
  return {
    gateway,
    breakNext: async (faults) => {
      await control('PUT', 'faults', { next: faults.map((fault) => ({ op: 'authorize', fault })) });
    },
    settle: () => new Promise((settled) => setTimeout(settled, SLOWER_THAN_A_CALL_MS - CALL_TIMEOUT_MS + 50)),
    charges: async () => chargesIn(await control('GET', 'truth')),
    stop: () => {
      gateway.close();
      return simulator.stop();
    },
  };
}

describeGateway('Stripe', {
  start,
  tokens: { approved: 'pm_card_visa', refused: 'pm_card_visa_chargeDeclinedInsufficientFunds' },
  reusedKeySays: 'unknown key_conflict',
  faults: [
    ['timeout_before', 'unknown timeout'],
    ['timeout_after_commit', 'unknown timeout'],
    ['reset_before', 'unknown connection_lost'],
    ['reset_after_commit', 'unknown connection_lost'],
    ['500_after_commit', 'unknown server_error'],
    ['500_not_executed', 'unknown server_error'],
    ['500_stored_not_executed', 'unknown server_error'],
    [`refused:${CLOSED_FOR_MS}`, 'unknown connection_lost'],
    ['429', 'not_sent rate_limited'],
    ['429_lock_timeout', 'unknown unlisted_reply'],
    ['409', 'unknown key_in_progress'],
    [`slow:${SLOWER_THAN_A_CALL_MS}`, 'unknown timeout'],
  ],
  money: [
    ['USD', 1099n],
    ['JPY', 500n],
    ['KWD', 1010n],
    ['ISK', 5n],
    ['UGX', 700n],
    ['MGA', 1200n],
  ],
});
