import { ADYEN_FAULTS, ADYEN_LATER, startAdyenWith } from './adyen-under-test';
import { describeGateway } from './gateway-contract';

describeGateway('Adyen', {
  start: startAdyenWith({}),
  tokens: { approved: 'adyen_card_ok', refused: 'adyen_card_insufficient', challenged: 'adyen_card_3ds' },
  later: ADYEN_LATER,
  reusedKeySays: 'unknown key_in_progress',
  faults: ADYEN_FAULTS,
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
