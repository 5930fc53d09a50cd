import type { NoticeFields } from '@tender/domain';
import { adyenNotices, createAdyenGateway, readAdyenNotices } from '@tender/psp/adyen';
import {
  DEFAULT_HMAC_KEY,
  DEFAULT_MERCHANT_ACCOUNT,
  startAdyenSimulator,
  type AdyenSimulatorOptions,
} from '../../../apps/psp-simulator/src/adyen/server';
import { describeGateway } from './gateway-contract';
import type { FaultyCall, GatewayContract, PspUnderTest } from './psp-under-test';
import { challengeAt, chargesIn, controlOf } from './simulator-control';

/** Short, because every lost answer costs it; the simulator answers loopback in a few ms. */
const CALL_TIMEOUT_MS = 400;
/** Longer than a call, so that the charge happens after its caller has given up. */
const SLOWER_THAN_A_CALL_MS = 500;
const CLOSED_FOR_MS = 60;

/** Due long before `settle` has ended. */
const RESULTS_AFTER_MS = 10;

/** By which request a call is made. */
const OP: Readonly<Record<FaultyCall, string>> = {
  authorize: 'authorize',
  completeAction: 'details',
  capture: 'capture',
  cancel: 'cancel',
  reversal: 'reversal',
  refund: 'refund',
};

const startWith = (options: AdyenSimulatorOptions) => async (): Promise<PspUnderTest> => {
  const simulator = await startAdyenSimulator({
    latency: { medianMs: 0, p99Ms: 0 },
    resultsAfterMs: RESULTS_AFTER_MS,
    ...options,
  });
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
    translator: adyenNotices,
    notices: async () => noticesIn(await control('GET', 'outbox')),
    breakNext: async (call, faults) => {
      await control('PUT', 'faults', { next: faults.map((fault) => ({ op: OP[call], fault })) });
    },
    challenge: challengeAt,
    settle: () => new Promise((settled) => setTimeout(settled, SLOWER_THAN_A_CALL_MS - CALL_TIMEOUT_MS + 50)),
    advance: async (ms) => {
      await control('POST', 'clock', { advance_ms: ms });
    },
    charges: async () => chargesIn(await control('GET', 'truth')),
    stop: () => {
      gateway.close();
      return simulator.stop();
    },
  };
};

/** As every delivery is read. */
function noticesIn(outbox: unknown): readonly NoticeFields[] {
  return (outbox as { readonly item: object }[]).flatMap(({ item }) => {
    const read = readAdyenNotices({
      rawBody: JSON.stringify({ live: 'false', notificationItems: [{ NotificationRequestItem: item }] }),
      keys: [DEFAULT_HMAC_KEY],
      merchantAccount: DEFAULT_MERCHANT_ACCOUNT,
    });
    if (read.kind !== 'notices') throw new Error(read.kind);
    return read.notices.map(({ fields }) => fields);
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

const LATER: GatewayContract['later'] = {
  refunds: [
    ['refused by the scheme', 'adyen_card_refund_fails', 'refused'],
    ['come back from the buyer’s bank', 'adyen_card_refund_returned', 'returned'],
  ],
  captures: [
    ['taken back', 'failed', 'adyen_card_capture_fails'],
    ['taken up again', 'succeeded', 'adyen_card_recaptured'],
  ],
  disputes: [
    ['adyen_card_inquiry', 'inquiry_opened', 'untouched'],
    ['adyen_card_chargeback', 'funds_withdrawn', 'funds_withdrawn'],
    ['adyen_card_chargeback_won', 'won', 'won'],
    ['adyen_card_chargeback_lost', 'lost', 'lost'],
    ['adyen_card_chargeback_undefended', 'lost', 'lost'],
  ],
};

describeGateway('Adyen', {
  start: startWith({}),
  tokens: { approved: 'adyen_card_ok', refused: 'adyen_card_insufficient', challenged: 'adyen_card_3ds' },
  later: LATER,
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
  tokens: { approved: 'adyen_card_ok', refused: 'adyen_card_error', challenged: 'adyen_card_3ds' },
  later: LATER,
  reusedKeySays: 'unknown amount_mismatch',
  faults: FAULTS.filter(([fault]) => fault === '409' || fault === '500_after_commit'),
  money: [['USD', 1099n]],
});
