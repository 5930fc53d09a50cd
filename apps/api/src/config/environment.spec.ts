import { ConfigurationError } from '@tender/nest';
import { sha256Of } from '../access/api-keys';
import { readApiConfig } from './environment';

const STORES = { EVENTSTORE_URL: 'esdb://a:2113?tls=false', MONGODB_URI: 'mongodb://a' };
const KEY = { id: 'key_1', merchant: 'shop', scopes: ['payments:write'], sha256: sha256Of('sk_1') };
const WITH_KEYS = { ...STORES, TENDER_API_KEYS: JSON.stringify([KEY]) };

const problemsOf = (variables: Record<string, string>): readonly string[] => {
  try {
    readApiConfig(variables);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
};

describe('the configuration', () => {
  it('needs the stores and a key', () => {
    expect(readApiConfig(WITH_KEYS)).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      allowEmbedded: false,
      keys: [KEY],
      keyLimits: { requestsPerSecond: 2_000, requestsInFlight: 2_000 },
      maxAmountMinor: 99_999_999,
    });
  });

  it('names everything that is missing or wrong at once', () => {
    const problems = problemsOf({ PORT: '99999', MONGODB_URI: 'http://a', ALLOW_EMBEDDED: 'yes' }).join('\n');
    for (const name of ['PORT', 'EVENTSTORE_URL', 'MONGODB_URI', 'ALLOW_EMBEDDED', 'TENDER_API_KEYS']) {
      expect(problems).toContain(name);
    }
  });

  it('lets the demo key in on the embedded stack only', () => {
    const demo = { ...STORES, TENDER_EMBEDDED: '1' };
    expect(readApiConfig(demo).keys.map(({ merchant }) => merchant)).toStrictEqual(['demo']);
    expect(readApiConfig({ ...WITH_KEYS, TENDER_EMBEDDED: '0' }).keys).toStrictEqual([KEY]);
  });

  it('reads keys from a file', () => {
    const config = readApiConfig({ ...STORES, TENDER_API_KEYS: '/etc/keys.json' }, () =>
      JSON.stringify([KEY]),
    );
    expect(config.keys).toStrictEqual([KEY]);
  });

  it.each<[string, object]>([
    ['id', { id: '' }],
    ['merchant', { merchant: 'a b' }],
    ['scopes', { scopes: ['everything'] }],
    ['scopes', { scopes: 'ops' }],
    ['sha256', { sha256: 'sk_live_plain' }],
  ])('refuses a key whose %s is wrong, without repeating it', (field, change) => {
    const [problem = ''] = problemsOf({
      ...STORES,
      TENDER_API_KEYS: JSON.stringify([{ ...KEY, ...change }]),
    });
    expect(problem).toContain(`key 0: ${field}`);
    expect(problem).not.toContain('sk_live_plain');
  });

  it.each(['[{', '/does/not/exist.json'])('refuses %s as keys', (source) => {
    expect(problemsOf({ ...STORES, TENDER_API_KEYS: source }).join()).toContain('TENDER_API_KEYS');
  });

  const RULES = JSON.stringify([{ name: 'all', weights: { stripe: 1, adyen: 1 } }]);
  const TWO_PSPS = { ...WITH_KEYS, TENDER_PSPS: 'stripe,adyen' };

  it('reads routing rules, from a file, too, and has none by default', () => {
    expect(readApiConfig(WITH_KEYS).routing).toEqual([]);
    expect(readApiConfig({ ...TWO_PSPS, TENDER_ROUTING: RULES }).routing).toMatchObject([{ name: 'all' }]);
    const fromFile = readApiConfig({ ...TWO_PSPS, TENDER_ROUTING: '/etc/routing.json' }, () => RULES);
    expect(fromFile.routing).toMatchObject([{ name: 'all' }]);
  });

  it.each([
    ['[{', 'TENDER_ROUTING must be a JSON list'],
    ['/does/not/exist.json', 'TENDER_ROUTING must be a JSON list'],
    [RULES, 'TENDER_ROUTING rule 1 (all): weights must'],
  ])('does not start with the routing rules %s', (source, problem) => {
    expect(problemsOf({ ...WITH_KEYS, TENDER_ROUTING: source }).join()).toContain(problem);
  });
});

describe('secrets', () => {
  const STRIPE = `whsec_${'a'.repeat(32)}`;
  const HMAC = '0f'.repeat(32);
  const RETURN = 'r'.repeat(32);

  it('are optional: nobody is listened to without', () => {
    const { webhooks, buyerReturn } = readApiConfig(WITH_KEYS);
    expect(webhooks).toStrictEqual({ stripeSecrets: [], adyen: null });
    expect(buyerReturn).toBeNull();
  });

  it('of webhooks may be several, so that they can be changed without a gap', () => {
    const { webhooks } = readApiConfig({
      ...WITH_KEYS,
      STRIPE_WEBHOOK_SECRETS: `${STRIPE}, ${STRIPE}2`,
      ADYEN_HMAC_KEYS: `${HMAC},${HMAC.toUpperCase()}`,
      ADYEN_MERCHANT_ACCOUNT: 'ShopEU',
      ADYEN_WEBHOOK_USERNAME: 'adyen',
      ADYEN_WEBHOOK_PASSWORD: 'word',
    });
    expect(webhooks).toStrictEqual({
      stripeSecrets: [STRIPE, `${STRIPE}2`],
      adyen: {
        hmacKeys: [HMAC, HMAC.toUpperCase()],
        merchantAccount: 'ShopEU',
        basicAuth: { username: 'adyen', password: 'word' },
      },
    });
  });

  it('of the way back sign addresses of the public URL', () => {
    const { buyerReturn } = readApiConfig({
      ...WITH_KEYS,
      TENDER_PUBLIC_URL: 'https://pay.example/',
      TENDER_RETURN_SECRET: RETURN,
    });
    expect(buyerReturn).toStrictEqual({ publicUrl: 'https://pay.example', secret: RETURN });
  });

  it.each<[string, Record<string, string>]>([
    ['STRIPE_WEBHOOK_SECRETS', { STRIPE_WEBHOOK_SECRETS: 'sk_secret' }],
    ['STRIPE_WEBHOOK_SECRETS', { STRIPE_WEBHOOK_SECRETS: `${STRIPE},` }],
    ['ADYEN_HMAC_KEYS', { ADYEN_HMAC_KEYS: `${HMAC}0`, ADYEN_MERCHANT_ACCOUNT: 'ShopEU' }],
    ['ADYEN_MERCHANT_ACCOUNT', { ADYEN_HMAC_KEYS: HMAC }],
    ['ADYEN_WEBHOOK_PASSWORD', { ADYEN_WEBHOOK_USERNAME: 'adyen' }],
    [
      'TENDER_RETURN_SECRET',
      { TENDER_PUBLIC_URL: 'https://pay.example', TENDER_RETURN_SECRET: 'r'.repeat(31) },
    ],
    ['TENDER_RETURN_SECRET', { TENDER_PUBLIC_URL: 'https://pay.example' }],
    ['TENDER_PUBLIC_URL', { TENDER_RETURN_SECRET: RETURN }],
    ['TENDER_PUBLIC_URL', { TENDER_PUBLIC_URL: 'pay.example', TENDER_RETURN_SECRET: RETURN }],
  ])('are refused where %s is wrong, without repeating them', (name, change) => {
    const problems = problemsOf({ ...WITH_KEYS, ...change }).join('\n');
    expect(problems).toContain(name);
    for (const secret of ['sk_secret', STRIPE, HMAC, 'rrr']) expect(problems).not.toContain(secret);
  });
});
