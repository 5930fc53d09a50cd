import type { OperationRequest } from '@tender/domain';
import type { ScriptedPsp } from '../scripted-psp.fixture';
import { expectSentTwice, json, operated, startScriptedPsp } from '../scripted-psp.fixture';
import type { AdyenGateway } from './adyen.gateway';
import version1 from './operation-request.golden.v1.json';
import { MAX_KEY_LENGTH } from './request-rules';
import { ATTEMPT_ID, gatewayAt, OPERATION, received } from './scripted-adyen.fixture';

/** What was sent for a recorded operation, byte for byte; never edited once the version has been deployed. */
const GOLDEN = version1.map(({ name, request, path, body }) => ({
  name,
  path,
  body,
  request: { ...request, amountMinor: BigInt(request.amountMinor) } as OperationRequest,
}));

let adyen: ScriptedPsp;
let gateway: AdyenGateway;

beforeAll(async () => {
  adyen = await startScriptedPsp(json(201, received()));
  gateway = gatewayAt(adyen.url);
});

beforeEach(() => {
  adyen.seen.length = 0;
});

afterAll(async () => {
  gateway.close();
  await adyen.stop();
});

const operate = (request: OperationRequest) => operated(gateway, request);

it.each(GOLDEN)('a re-send is the same bytes for ever: $name', async ({ request, path, body }) => {
  await operate(Object.freeze(request));
  await operate(request);
  expectSentTwice(adyen, { key: request.operationId, path, body });
});

// Adyen docs, "Currency codes": what one hundred major units are
it.each([
  ['USD', 10_000n, 10_000],
  ['IDR', 10_000n, 100],
  ['CVE', 10_000n, 100],
  ['CLP', 100n, 10_000],
  ['ISK', 100n, 10_000],
  ['JPY', 100n, 100],
  ['KWD', 100_000n, 100_000],
])('%s %d is captured as %d', async (currency, amountMinor, value) => {
  await gateway.capture({ ...OPERATION, currency, amountMinor });
  expect(JSON.parse(adyen.seen[0]?.body ?? '')).toMatchObject({ amount: { currency, value } });
});

describe('sends nothing for', () => {
  const longest = `${ATTEMPT_ID}-${'c'.repeat(MAX_KEY_LENGTH - ATTEMPT_ID.length - 1)}`;
  it.each<[string, Partial<OperationRequest>, string]>([
    ['a capture of sen', { currency: 'IDR', amountMinor: 150n }, 'currency_not_supported'],
    ['a capture of nothing', { amountMinor: 0n }, 'currency_not_supported'],
    ['a capture of nobody knows which payment', { pspReference: null }, 'rejected_before_processing'],
    [
      'a reversal of nobody knows what',
      { kind: 'reversal', pspReference: null },
      'rejected_before_processing',
    ],
    ['a layout of tomorrow', { requestVersion: 2 }, 'rejected_before_processing'],
    ['an id longer than a key', { operationId: `${longest}c` }, 'rejected_before_processing'],
    ['an id that could move a border', { operationId: 'att:1' }, 'rejected_before_processing'],
    ['a cancel of such a reference', { kind: 'cancel', attemptId: 'att:1' }, 'rejected_before_processing'],
  ])('%s', async (_name, changes, why) => {
    await expect(operate({ ...OPERATION, ...changes })).resolves.toMatchObject({ kind: 'not_sent', why });
    expect(adyen.seen).toEqual([]);
  });

  it('but an id may be as long as a key', async () => {
    await operate({ ...OPERATION, operationId: longest });
    expect(adyen.seen).toHaveLength(1);
  });
});

it.each([
  [
    'a cancel of an amount that Adyen cannot count',
    { kind: 'cancel' as const, currency: 'IDR', amountMinor: 150n },
  ],
  ['a reversal of one', { kind: 'reversal' as const, currency: 'IDR', amountMinor: 150n }],
])('%s is sent all the same: it names none', async (_name, changes) => {
  await operate({ ...OPERATION, ...changes });
  expect(adyen.seen).toHaveLength(1);
});
