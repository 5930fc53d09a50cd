import { ADYEN_FAULTS, ADYEN_LATER, startAdyenWith } from './adyen-under-test';
import { describeGateway } from './gateway-contract';

// what is not certain of Adyen, the other way round
describeGateway('Adyen that answers 422 in flight and replays a key whatever comes with it', {
  start: startAdyenWith({ inFlightStatus: 422, reusedKey: 'replay' }),
  tokens: { approved: 'adyen_card_ok', refused: 'adyen_card_error', challenged: 'adyen_card_3ds' },
  later: ADYEN_LATER,
  reusedKeySays: 'unknown amount_mismatch',
  faults: ADYEN_FAULTS.filter(([fault]) => fault === '409' || fault === '500_after_commit'),
  money: [['USD', 1099n]],
});
