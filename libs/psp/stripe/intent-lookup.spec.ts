import type { LookupRequest } from '@tender/domain';
import { CLOCK_SKEW_MS, MAX_SWEEP_PAGES, SWEEP_PAGE_SIZE } from './intent-sweep';
import type { Script, ScriptedStripe, SeenRequest } from './scripted-stripe.fixture';
import { CREATED_S, intent, json, startScriptedStripe } from './scripted-stripe.fixture';
import type { StripeGateway } from './stripe.gateway';
import { createStripeGateway } from './stripe.gateway';

type Intent = Record<string, unknown>;

const NOW_MS = (CREATED_S + 600) * 1000;

const asked = (changes: Partial<LookupRequest> = {}): LookupRequest => ({
  attemptId: 'att_1',
  pspReference: null,
  startedAt: new Date(CREATED_S * 1000).toISOString(),
  currency: 'USD',
  amountMinor: 1099n,
  ...changes,
});

const other = (number: number, createdS = CREATED_S): Intent =>
  intent({ id: `pi_other_${number}`, created: createdS, metadata: { attempt: `att_other_${number}` } });

/** Lists as Stripe does: newest first, by creation window, paged by cursor. */
function holding(intents: readonly Intent[]): Script {
  const newestFirst = [...intents].sort((a, b) => Number(b.created) - Number(a.created));
  return (request, response, socket) => {
    const { pathname, searchParams: query } = new URL(request.path, 'http://stripe');
    const id = /^\/v1\/payment_intents\/(.+)$/.exec(pathname)?.[1];
    if (id !== undefined) {
      const one = intents.find((candidate) => candidate.id === id);
      const missing = {
        error: { type: 'invalid_request_error', code: 'resource_missing', message: 'No such intent' },
      };
      json(one ? 200 : 404, one ?? missing)(request, response, socket);
      return;
    }
    const inWindow = newestFirst.filter(
      ({ created }) =>
        Number(created) >= Number(query.get('created[gte]')) &&
        Number(created) <= Number(query.get('created[lte]')),
    );
    const after = inWindow.findIndex((candidate) => candidate.id === query.get('starting_after')) + 1;
    const limit = Number(query.get('limit'));
    const data = inWindow.slice(after, after + limit);
    json(200, { object: 'list', data, has_more: after + limit < inWindow.length })(request, response, socket);
  };
}

let stripe: ScriptedStripe;
let gateway: StripeGateway;

beforeEach(async () => {
  stripe = await startScriptedStripe(holding([]));
  gateway = createStripeGateway({
    apiKey: 'sk_test_x',
    baseUrl: stripe.url,
    callTimeoutMs: 2_000,
    nowMs: () => NOW_MS,
  });
});

afterEach(async () => {
  gateway.close();
  await stripe.stop();
});

const lists = (seen: readonly SeenRequest[]) =>
  seen.filter(({ path }) => path.startsWith('/v1/payment_intents?'));

describe('by id', () => {
  it('one retrieve tells the outcome', async () => {
    stripe.script = holding([intent()]);
    await expect(gateway.lookup(asked({ pspReference: 'pi_1' }))).resolves.toMatchObject({
      kind: 'found',
      outcome: { kind: 'approved', captured: true, card: { last4: '4242' } },
    });
    expect(stripe.seen).toHaveLength(1);
  });

  it('an id that Stripe gave and does not know is no proof that nothing was charged', async () => {
    await expect(gateway.lookup(asked({ pspReference: 'pi_1' }))).resolves.toMatchObject({
      kind: 'unavailable',
    });
  });
});

it.each([
  [429, { rateLimited: true }],
  [500, {}],
])('an answer of %d is no answer about the payment, and a rate limit is told apart', async (status, told) => {
  stripe.script = json(status, { error: { type: 'api_error', message: 'not now' } });
  for (const pspReference of ['pi_1', null]) {
    const detail = expect.any(String) as string;
    await expect(gateway.lookup(asked({ pspReference }))).resolves.toEqual({
      kind: 'unavailable',
      detail,
      ...told,
    });
  }
});

describe('by our own reference', () => {
  it('lesson 5: finds the attempt behind a page of others, and never by search', async () => {
    const others = Array.from({ length: SWEEP_PAGE_SIZE + 20 }, (_, number) => other(number, CREATED_S + 1));
    stripe.script = holding([...others, intent()]);
    await expect(gateway.lookup(asked())).resolves.toMatchObject({
      kind: 'found',
      outcome: { kind: 'approved', pspReference: 'pi_1' },
    });
    expect(lists(stripe.seen)).toHaveLength(2);
    expect(stripe.seen.filter(({ path }) => path.includes('search'))).toEqual([]);
  });

  it.each([
    ['Stripe’s clock is behind', CREATED_S - CLOCK_SKEW_MS / 1000],
    ['Stripe’s clock is ahead of now', NOW_MS / 1000 + CLOCK_SKEW_MS / 1000],
    ['a later send was the one that arrived', CREATED_S + 500],
  ])('the window holds the intent when %s', async (_name, created) => {
    stripe.script = holding([intent({ created })]);
    await expect(gateway.lookup(asked())).resolves.toMatchObject({ kind: 'found' });
  });

  it('not found is said after the whole window was read', async () => {
    stripe.script = holding([other(1), other(2, CREATED_S + 500)]);
    await expect(gateway.lookup(asked())).resolves.toEqual({ kind: 'not_found' });
    expect(lists(stripe.seen)).toHaveLength(2);
  });

  it('of two intents for an attempt, the one that holds money is the answer', async () => {
    const refused = intent({
      id: 'pi_refused',
      status: 'requires_payment_method',
      last_payment_error: { code: 'card_declined', decline_code: 'lost_card' },
    });
    stripe.script = holding([refused, intent({ id: 'pi_money', created: CREATED_S + 500 })]);
    await expect(gateway.lookup(asked())).resolves.toMatchObject({
      outcome: { kind: 'approved', pspReference: 'pi_money' },
    });
  });

  it('who asks while a sweep runs shares the next one', async () => {
    const attempts = Array.from({ length: 30 }, (_, number) => `att_other_${number}`);
    stripe.script = holding(attempts.map((_, number) => other(number)));
    const answers = await Promise.all(attempts.map((attemptId) => gateway.lookup(asked({ attemptId }))));
    expect(answers.map(({ kind }) => kind)).toEqual(attempts.map(() => 'found'));
    expect(lists(stripe.seen)).toHaveLength(2);
  });

  it('a sweep that had begun does not answer a question that came later', async () => {
    const empty = holding([]);
    let second: ReturnType<StripeGateway['lookup']> | undefined;
    stripe.script = (...call) => {
      // Stripe has read the empty list; then the intent arrives and somebody asks for it
      stripe.script = holding([intent()]);
      second = gateway.lookup(asked());
      empty(...call);
    };
    const first = gateway.lookup(asked({ attemptId: 'att_other_1' }));
    await expect(first).resolves.toEqual({ kind: 'not_found' });
    await expect(second).resolves.toMatchObject({ kind: 'found' });
  });
});

describe('a failed look-up is never "not found"', () => {
  it.each<[string, Script]>([
    ['500', json(500, { error: { type: 'api_error' } })],
    ['400', json(400, { error: { type: 'invalid_request_error' } })],
    ['403', json(403, { error: { type: 'invalid_request_error' } })],
    ['429', json(429, { error: { type: 'invalid_request_error', code: 'rate_limit' } })],
    ['an empty object', json(200, {})],
    ['a page that promises more and has nothing', json(200, { object: 'list', data: [], has_more: true })],
    [
      'a list of something else',
      json(200, { object: 'list', data: [{ id: 'ch_1', object: 'charge' }], has_more: false }),
    ],
    ['a list without has_more', json(200, { object: 'list', data: [] })],
    ['a list under an error status', json(503, { object: 'list', data: [], has_more: false })],
    ['no JSON', json(200, '<html>')],
    ['a reset', (_request, _response, socket) => socket.resetAndDestroy()],
  ])('lesson 7: nor a failed payment (%s)', async (_name, script) => {
    stripe.script = script;
    await expect(gateway.lookup(asked())).resolves.toMatchObject({ kind: 'unavailable' });
    await expect(gateway.lookup(asked({ pspReference: 'pi_1' }))).resolves.toMatchObject({
      kind: 'unavailable',
    });
  });

  it('a failure in the second page discards the first', async () => {
    const page = { object: 'list', data: [other(1)], has_more: true };
    stripe.script = (request, ...rest) => {
      json(request.path.includes('starting_after') ? 500 : 200, page)(request, ...rest);
    };
    await expect(gateway.lookup(asked())).resolves.toMatchObject({ kind: 'unavailable' });
  });

  it('a list that never ends is given up', async () => {
    let number = 0;
    stripe.script = (...call) => {
      number += 1;
      json(200, { object: 'list', data: [other(number)], has_more: true })(...call);
    };
    await expect(gateway.lookup(asked())).resolves.toMatchObject({ kind: 'unavailable' });
    expect(stripe.seen).toHaveLength(MAX_SWEEP_PAGES);
  });

  it('a start that is no time is asked of nobody', async () => {
    await expect(gateway.lookup(asked({ startedAt: 'yesterday' }))).resolves.toMatchObject({
      kind: 'unavailable',
    });
    expect(stripe.seen).toEqual([]);
  });

  it('the next question is answered after a failure', async () => {
    stripe.script = json(500, { error: { type: 'api_error' } });
    await gateway.lookup(asked());
    stripe.script = holding([intent()]);
    await expect(gateway.lookup(asked())).resolves.toMatchObject({ kind: 'found' });
  });
});
