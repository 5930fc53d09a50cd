import type { WebhookNoticeReceived } from '@tender/domain';
import { asWebhookEvent, WEBHOOK_PREFIX } from '@tender/engine';
import type { LightMyRequestResponse } from 'fastify';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory } from '../../spec/api-on-memory';
import { ADYEN_ACCOUNT, adyenBatch, adyenItem } from '../../spec/signed-webhooks';
import { adyenSource } from './adyen-source';

let on: ApiOnMemory;
beforeEach(async () => {
  on = await apiOnMemory();
});
afterEach(() => on.close());

const deliver = (
  payload: string,
  headers: Readonly<Record<string, string>> = {},
  api = on,
): Promise<LightMyRequestResponse> =>
  api.api.app.inject({
    method: 'POST',
    url: '/webhooks/adyen',
    headers: { 'content-type': 'application/json', ...headers },
    payload,
  });

const notices = async () => {
  const page = await on.log.readAll({ after: 'start', prefixes: [WEBHOOK_PREFIX], maxCount: 1_000 });
  return page.events.map((event) => asWebhookEvent(event).data as WebhookNoticeReceived);
};

const FIRST = adyenItem();
const SECOND = adyenItem({ pspReference: 'BJTK53QWERTY0003' });

describe('a batch of Adyen', () => {
  it('is accepted when every item of it is stored, each in a stream of its own', async () => {
    const answer = await deliver(adyenBatch(FIRST, SECOND, FIRST));
    expect([answer.statusCode, answer.body]).toStrictEqual([200, '[accepted]']);
    const stored = await notices();
    expect(stored.map(({ psp, fields }) => [psp, fields.pspReference]).sort()).toStrictEqual([
      ['adyen', 'BJTK53QWERTY0002'],
      ['adyen', 'BJTK53QWERTY0003'],
    ]);
    expect(JSON.stringify(stored)).not.toContain('buyer.example');
  });

  it('of which one item is not confirmed is answered 503, and only that one is added when it comes again', async () => {
    // one item is stored, the other one never
    let stored: string | undefined;
    on.faults.append = (stream) => {
      stored ??= stream;
      return stream === stored ? undefined : 'lost';
    };
    const answer = await deliver(adyenBatch(FIRST, SECOND));
    expect([answer.statusCode, answer.headers['retry-after']]).toStrictEqual([503, '1']);
    delete on.faults.append;
    expect(await notices()).toHaveLength(1);
    expect((await deliver(adyenBatch(FIRST, SECOND))).statusCode).toBe(200);
    expect(await notices()).toHaveLength(2);
  }, 60_000);

  it('adds only what was not stored before', async () => {
    await deliver(adyenBatch(FIRST));
    expect((await deliver(adyenBatch(FIRST, SECOND))).statusCode).toBe(200);
    expect(await notices()).toHaveLength(2);
  });

  it('tells a capture that failed from the one that succeeded', async () => {
    await deliver(adyenBatch(FIRST));
    await deliver(adyenBatch(adyenItem({ eventCode: 'CAPTURE_FAILED', reason: 'Failed' })));
    await deliver(adyenBatch(adyenItem({ reason: 'Transaction Recaptured' })));
    expect(await notices()).toHaveLength(3);
  });

  it.each(ADYEN_ACCOUNT.hmacKeys)('may be signed with each key of a rotation', async (key) => {
    expect((await deliver(adyenBatch(adyenItem({}, key)))).statusCode).toBe(200);
  });

  it.each<[string, string, number]>([
    ['with one item that is not signed', adyenBatch(FIRST, adyenItem({}, null)), 401],
    ['with one item of another key', adyenBatch(FIRST, adyenItem({}, 'aa'.repeat(32))), 401],
    ['with an amount that was changed', adyenBatch({ ...FIRST, amount: { currency: 'EUR', value: 1 } }), 401],
    ['for another merchant account', adyenBatch(FIRST, adyenItem({ merchantAccountCode: 'Other' })), 404],
    ['that is none', '{}', 400],
    ['that is empty', adyenBatch(), 400],
  ])('%s is refused as a whole, and nothing is stored', async (_, body, status) => {
    const before = on.recorded();
    expect((await deliver(body)).statusCode).toBe(status);
    expect(on.recorded()).toBe(before);
    expect(on.logged.join()).not.toContain('BJTK53QWERTY');
  });

  it('is sent with the name and the word that were agreed, where there are any', async () => {
    const basicAuth = { username: 'adyen', password: 'a word: with a colon' };
    const guarded = await apiOnMemory({ webhookSources: [adyenSource({ ...ADYEN_ACCOUNT, basicAuth })] });
    const basic = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
    const statuses = [];
    for (const headers of [{}, basic('adyen:another word'), basic('adyen:a word: with a colon')]) {
      statuses.push((await deliver(adyenBatch(FIRST), headers, guarded)).statusCode);
    }
    expect(statuses).toStrictEqual([401, 401, 200]);
    const refused = await deliver(adyenBatch(FIRST), {}, guarded);
    expect(refused.headers['www-authenticate']).toBe('Basic realm="tender"');
    await guarded.close();
  });
});
