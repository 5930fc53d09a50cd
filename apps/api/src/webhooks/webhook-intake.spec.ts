import type { WebhookNoticeReceived } from '@tender/domain';
import { asWebhookEvent, WEBHOOK_PREFIX } from '@tender/engine';
import { MemoryStore } from '@tender/eventstore';
import type { LightMyRequestResponse } from 'fastify';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory } from '../../spec/api-on-memory';
import { STRIPE_SECRETS, stripeEvent, stripeSignature } from '../../spec/signed-webhooks';
import { MAX_WEBHOOK_BODY_BYTES, WEBHOOK_TOLERANCE_MS } from '../config/limits';

let on: ApiOnMemory;
beforeEach(async () => {
  on = await apiOnMemory();
});
afterEach(() => on.close());

type Sent = { readonly event?: object; readonly body?: string; readonly signature?: string | undefined };

function deliver({ event, body, signature }: Sent, api = on): Promise<LightMyRequestResponse> {
  const payload = body ?? JSON.stringify(event ?? stripeEvent('evt_1'));
  const header = signature ?? stripeSignature(payload);
  return api.api.app.inject({
    method: 'POST',
    url: '/webhooks/stripe',
    headers: {
      'content-type': 'application/json; charset=utf-8',
      ...(header === '' ? {} : { 'stripe-signature': header }),
    },
    payload,
  });
}

const notices = async (api = on) => {
  const page = await api.log.readAll({ after: 'start', prefixes: [WEBHOOK_PREFIX], maxCount: 1_000 });
  return page.events.map((event) => asWebhookEvent(event).data as WebhookNoticeReceived);
};
const counted = async (result: string): Promise<number> => {
  const text = (await on.get('/metrics')).body;
  return Number(
    new RegExp(`tender_webhooks_total\\{psp="stripe",result="${result}"\\} (\\d+)`).exec(text)?.[1] ?? 0,
  );
};
const WAIT_MS = 60_000;

describe('a notice', () => {
  it('is durable before it is answered, with the fields that are allowed and the hash of its bytes', async () => {
    expect((await deliver({})).statusCode).toBe(200);
    const [notice, ...others] = await notices();
    expect(others).toStrictEqual([]);
    expect(notice).toMatchObject({
      psp: 'stripe',
      noticeId: 'evt_1',
      fields: { type: 'payment_intent.succeeded', data: { object: { id: 'pi_1' } } },
    });
    expect(notice?.bodySha256).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(notice)).not.toContain('buyer.example');
    expect(await counted('stored')).toBe(1);
  });

  it('of a dispute is taken with all the evidence that Stripe lets anybody hand in, and without keeping it', async () => {
    const evidence = { uncategorized_text: 'é'.repeat(150_000) };
    // every character escaped, as JSON may write it
    const body = JSON.stringify(stripeEvent('evt_1', 'charge.dispute.closed', { evidence })).replaceAll(
      'é',
      '\\u00e9',
    );
    expect((await deliver({ body })).statusCode).toBe(200);
    expect(JSON.stringify(await notices()).length).toBeLessThan(2_000);
  });

  it('has one event, also from fifty copies at once over two processes', async () => {
    const store = new MemoryStore();
    const [one, other] = [await apiOnMemory({}, store), await apiOnMemory({}, store)];
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => deliver({}, index % 2 === 0 ? one : other)),
    );
    expect(new Set(answers.map(({ statusCode }) => statusCode))).toStrictEqual(new Set([200]));
    expect(await notices(one)).toHaveLength(1);
    await one.close();
    await other.close();
  });

  it.each(STRIPE_SECRETS)('may be signed with each secret of a rotation', async (secret) => {
    const body = JSON.stringify(stripeEvent('evt_1'));
    expect((await deliver({ body, signature: stripeSignature(body, secret) })).statusCode).toBe(200);
  });

  it(
    'is answered 503 while the store does not confirm, and stored when the PSP sends it again',
    async () => {
      on.faults.append = () => 'lost';
      const answer = await deliver({});
      expect([answer.statusCode, answer.headers['retry-after']]).toStrictEqual([503, '1']);
      delete on.faults.append;
      expect((await deliver({})).statusCode).toBe(200);
      expect(await notices()).toHaveLength(1);
      expect(await counted('unconfirmed')).toBe(1);
    },
    WAIT_MS,
  );
});

describe('what is not signed by the PSP', () => {
  const body = JSON.stringify(stripeEvent('evt_1'));
  const now = Date.now();
  const beyondMs = WEBHOOK_TOLERANCE_MS + 60_000;

  it.each<[string, Sent]>([
    ['without a signature', { body, signature: '' }],
    ['with another secret', { body, signature: stripeSignature(body, 'whsec_somebody_elses') }],
    ['with a changed body', { body: `${body} `, signature: stripeSignature(body) }],
    ['of long ago', { body, signature: stripeSignature(body, STRIPE_SECRETS[0], now - beyondMs) }],
    ['of the future', { body, signature: stripeSignature(body, STRIPE_SECRETS[0], now + beyondMs) }],
    ['of a forger who has no JSON either', { body: '{', signature: 't=1,v1=00' }],
  ])('%s leaves no trace but a count and a line without the body', async (_, sent) => {
    const before = on.recorded();
    const answer = await deliver(sent);
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toStrictEqual([
      401,
      'signature_invalid',
    ]);
    expect(on.recorded()).toBe(before);
    expect(await counted('forged')).toBe(1);
    const logged = on.logged.join('\n');
    expect(logged).toContain('a webhook was refused');
    for (const secret of ['evt_1', 'buyer.example', 'whsec_']) expect(logged).not.toContain(secret);
  });

  it('is refused as a body without form where the signature fits', async () => {
    const answer = await deliver({ body: '{}' });
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toStrictEqual([400, 'malformed_body']);
    expect(await counted('unreadable')).toBe(1);
  });

  it('is not read beyond the limit of bodies', async () => {
    const atLimit = 'x'.repeat(MAX_WEBHOOK_BODY_BYTES);
    expect((await deliver({ body: atLimit, signature: '' })).statusCode).toBe(401);
    expect((await deliver({ body: `${atLimit}x`, signature: '' })).statusCode).toBe(413);
  });
});

it('a PSP whose secrets nobody configured is not listened to', async () => {
  const deaf = await apiOnMemory({ webhookSources: [] });
  expect((await deliver({}, deaf)).statusCode).toBe(404);
  await deaf.close();
});
