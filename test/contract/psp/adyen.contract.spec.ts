import { createAdyenGateway, verifyAdyenItem } from '@tender/psp';
import {
  DEFAULT_HMAC_KEY,
  DEFAULT_MERCHANT_ACCOUNT,
  startAdyenSimulator,
  type AdyenSimulatorOptions,
} from '../../../apps/psp-simulator/src/adyen/server';
import type { PspUnderTest, SignedNews } from './gateway-contract';
import { describeGateway } from './gateway-contract';
import { chargesIn, controlOf } from './simulator-control';

/** Short, because every lost answer costs it; the simulator answers loopback in a few ms. */
const CALL_TIMEOUT_MS = 300;
/** Longer than a call, so that the charge happens after its caller has given up. */
const SLOWER_THAN_A_CALL_MS = 400;
const CLOSED_FOR_MS = 60;

const startWith = (options: AdyenSimulatorOptions) => async (): Promise<PspUnderTest> => {
  const simulator = await startAdyenSimulator({ latency: { medianMs: 0, p99Ms: 0 }, ...options });
  const gateway = createAdyenGateway({
    apiKey: 'AQE_contract',
    merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
    baseUrl: simulator.url,
    callTimeoutMs: CALL_TIMEOUT_MS,
    returnUrl: 'https://pay.example/return',
  });
  const control = controlOf(simulator);
  return {
    gateway,
    breakNext: async (faults) => {
      await control('PUT', 'faults', { next: faults.map((fault) => ({ op: 'authorize', fault })) });
    },
    settle: () => new Promise((settled) => setTimeout(settled, SLOWER_THAN_A_CALL_MS - CALL_TIMEOUT_MS + 50)),
    charges: async () => chargesIn(await control('GET', 'truth')),
    news: async () => newsIn(await control('GET', 'outbox')),
    stop: () => {
      gateway.close();
      return simulator.stop();
    },
  };
};

interface Told {
  readonly item: { readonly eventCode: string; readonly merchantReference: string; readonly success: string };
}

function newsIn(outbox: unknown): readonly SignedNews[] {
  return (outbox as Told[]).map(({ item }) => {
    expect(verifyAdyenItem(item, [DEFAULT_HMAC_KEY])).toBe(true);
    const authorized = item.eventCode === 'AUTHORISATION' && item.success === 'true';
    return { attemptId: item.merchantReference, authorized };
  });
}

const FAULTS: readonly (readonly [string, string])[] = [
  ['timeout_before', 'unknown timeout'],
  ['timeout_after_commit', 'unknown timeout'],
  ['reset_before', 'unknown connection_lost'],
  ['reset_after_commit', 'unknown connection_lost'],
  ['500_after_commit', 'unknown server_error'],
  ['500_not_executed', 'unknown server_error'],
  ['500_stored_not_executed', 'unknown server_error'],
  [`refused:${CLOSED_FOR_MS}`, 'unknown connection_lost'],
  ['429', 'unknown unlisted_reply'],
  ['429_lock_timeout', 'unknown server_error'],
  ['409', 'unknown key_in_progress'],
  [`slow:${SLOWER_THAN_A_CALL_MS}`, 'unknown timeout'],
];

describeGateway('Adyen', {
  start: startWith({}),
  tokens: { approved: 'adyen_card_ok', refused: 'adyen_card_insufficient' },
  reusedKeySays: 'unknown key_in_progress',
  faults: FAULTS,
  money: [
    ['USD', 1099n],
    ['JPY', 500n],
    ['KWD', 1011n],
    ['CLP', 7n],
    ['ISK', 5n],
    ['IDR', 1_500_000n],
    ['CVE', 300n],
  ],
});

// what is not certain of Adyen, the other way round
describeGateway('Adyen that answers 422 in flight and replays a key whatever comes with it', {
  start: startWith({ inFlightStatus: 422, reusedKey: 'replay' }),
  tokens: { approved: 'adyen_card_ok', refused: 'adyen_card_error' },
  reusedKeySays: 'unknown amount_mismatch',
  faults: FAULTS.filter(([fault]) => fault === '409' || fault === '500_after_commit'),
  money: [['USD', 1099n]],
});
