import * as limits from '../config/limits';
import { DtoReader } from '../http/dto-rules';
import type { FieldError } from '../http/problem';
import { Problem } from '../http/problem';
import { CreatePaymentDto } from './create-payment.dto';

const reader = new DtoReader(CreatePaymentDto);
const VALID = { amount: 1099, currency: 'USD', payment_method: 'pm_card_visa' };

const errorsOf = (body: unknown): readonly FieldError[] => {
  try {
    reader.read(body);
  } catch (error) {
    if (error instanceof Problem && error.code === 'validation_failed') return error.details.errors ?? [];
    throw error;
  }
  return [];
};
const failing = (body: unknown): readonly string[] => errorsOf(body).map(({ field }) => field);

const text = (characters: number): string => 'x'.repeat(characters);
const metadataOf = (keys: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: keys }, (_, index) => [`k${index}`, '']));

describe('the body of POST /v1/payments', () => {
  it.each<[string, object]>([
    ['the least', {}],
    ['the smallest amount', { amount: limits.MIN_AMOUNT_MINOR }],
    [
      'every optional field as null',
      {
        capture_method: null,
        customer_id: null,
        description: null,
        statement_descriptor: null,
        return_url: null,
        metadata: null,
        routing: null,
      },
    ],
    ['the longest customer_id', { customer_id: text(limits.MAX_CUSTOMER_ID_CHARACTERS) }],
    ['the longest description', { description: text(limits.MAX_DESCRIPTION_CHARACTERS) }],
    [
      'characters above U+FFFF counted as one',
      { description: '💳'.repeat(limits.MAX_DESCRIPTION_CHARACTERS) },
    ],
    ['an empty description', { description: '' }],
    [
      'the longest statement_descriptor',
      {
        statement_descriptor: text(limits.MAX_STATEMENT_DESCRIPTOR_CHARACTERS),
      },
    ],
    [
      'the longest return_url',
      {
        return_url: `https://a.example/${text(limits.MAX_RETURN_URL_CHARACTERS - 'https://a.example/'.length)}`,
      },
    ],
    ['http to the own machine', { return_url: 'http://localhost:8080/return' }],
    ['http to the own machine by IPv6', { return_url: 'http://[::1]/return' }],
    ['all metadata keys', { metadata: metadataOf(limits.MAX_METADATA_KEYS) }],
    [
      'the longest metadata',
      {
        metadata: { [text(limits.MAX_METADATA_KEY_CHARACTERS)]: text(limits.MAX_METADATA_VALUE_CHARACTERS) },
      },
    ],
    [
      'metadata named like inherited things',
      { metadata: { constructor: 'a', toString: 'b', 'a.b': 'c', $set: 'd', xMinor: 'e' } },
    ],
    ['the longest token', { payment_method: `pm_${text(limits.MAX_TOKEN_CHARACTERS - 3)}` }],
    ['a token of Adyen', { payment_method: 'adyen_1' }],
    ['a token a PSP', { payment_method: { stripe: 'pm_1', adyen: 'adyen_1' } }],
    ['manual capture', { capture_method: 'manual' }],
    ['a pinned PSP', { routing: { psp: 'adyen' } }],
    ['an order of PSPs', { routing: { order: ['adyen', 'stripe'] } }],
  ])('may have %s', (_, change) => {
    expect(errorsOf({ ...VALID, ...change })).toStrictEqual([]);
  });

  it.each<[string, unknown]>([
    ['amount', 0],
    ['amount', -1],
    ['amount', 10.5],
    ['amount', '1099'],
    ['amount', null],
    ['amount', true],
    ['amount', [1099]],
    ['amount', 2 ** 53],
    ['amount', 1e300],
    ['currency', 'usd'],
    ['currency', 'US'],
    ['currency', 'XXX'],
    ['currency', 'ZZZ'],
    ['currency', 840],
    ['currency', null],
    ['payment_method', ''],
    ['payment_method', 'tok_visa'],
    ['payment_method', 'pm_with blank'],
    ['payment_method', 'pm_ü'],
    ['payment_method', `pm_${text(limits.MAX_TOKEN_CHARACTERS - 2)}`],
    ['payment_method', {}],
    ['payment_method', ['pm_1']],
    ['payment_method', null],
    ['capture_method', 'later'],
    ['capture_method', ''],
    ['customer_id', ''],
    ['customer_id', 7],
    ['customer_id', text(limits.MAX_CUSTOMER_ID_CHARACTERS + 1)],
    ['description', text(limits.MAX_DESCRIPTION_CHARACTERS + 1)],
    ['description', '💳'.repeat(limits.MAX_DESCRIPTION_CHARACTERS + 1)],
    ['description', 'line\nbreak'],
    ['description', 'nul\0'],
    ['description', 'half \ud83d a card'],
    ['description', {}],
    ['statement_descriptor', ''],
    ['statement_descriptor', text(limits.MAX_STATEMENT_DESCRIPTOR_CHARACTERS + 1)],
    ['statement_descriptor', '12345'],
    ['statement_descriptor', 'a<b'],
    ['statement_descriptor', 'a>b'],
    ['statement_descriptor', 'a\\b'],
    ['statement_descriptor', "a'b"],
    ['statement_descriptor', 'a"b'],
    ['statement_descriptor', 'a*b'],
    ['return_url', 'http://shop.example/'],
    ['return_url', 'http://localhost.example/'],
    ['return_url', 'javascript:alert(1)'],
    ['return_url', '/return'],
    ['return_url', 'https://user:pw@shop.example/'],
    ['return_url', ' https://shop.example/'],
    ['return_url', `https://a.example/${text(limits.MAX_RETURN_URL_CHARACTERS)}`],
    ['metadata', metadataOf(limits.MAX_METADATA_KEYS + 1)],
    ['metadata', { [text(limits.MAX_METADATA_KEY_CHARACTERS + 1)]: '' }],
    ['metadata', { '': 'a' }],
    ['metadata', { 'a\tb': 'a' }],
    ['metadata', JSON.parse('{"__proto__":"a"}')],
    ['metadata', ['a']],
    ['metadata', 'a'],
    ['routing', {}],
    ['routing', { psp: 'stripe', order: ['stripe'] }],
    ['routing', 'stripe'],
  ])('must not have %s %j', (field, value) => {
    expect(failing({ ...VALID, [field]: value })).toStrictEqual([field]);
  });

  it.each<[string, object]>([
    ['metadata.order', { metadata: { order: 17 } }],
    ['metadata.order', { metadata: { order: text(limits.MAX_METADATA_VALUE_CHARACTERS + 1) } }],
    ['metadata.order', { metadata: { order: null } }],
    ['payment_method.stripe', { payment_method: { stripe: 'adyen_1' } }],
    ['payment_method.stripe', { payment_method: { stripe: null } }],
    ['payment_method.paypal', { payment_method: { stripe: 'pm_1', paypal: 'pp_1' } }],
    ['routing.psp', { routing: { psp: 'paypal' } }],
    ['routing.order', { routing: { order: [] } }],
    ['routing.order', { routing: { order: ['stripe', 'stripe'] } }],
    ['routing.order', { routing: { order: ['paypal'] } }],
    ['routing.weight', { routing: { psp: 'stripe', weight: 1 } }],
    ['card', { card: '1' }],
    ['constructor', { constructor: 1 }],
  ])('names %s as the place that is wrong', (place, change) => {
    expect(failing({ ...VALID, ...change })).toStrictEqual([place]);
  });

  it('names every failing field at once', () => {
    expect(failing({ amount: 0, extra: 1, metadata: { a: 1, b: 2 } }).toSorted()).toStrictEqual([
      'amount',
      'currency',
      'extra',
      'metadata.a',
      'metadata.b',
      'payment_method',
    ]);
  });

  it('says which fields are missing', () => {
    expect(errorsOf({})).toContainEqual({ field: 'amount', message: 'is required' });
  });

  it.each([null, [], 'text', 1, true])('must be an object, not %j', (body) => {
    expect(failing(body)).toStrictEqual(['']);
  });

  it('names no more unknown fields than the limit, and their names no longer', () => {
    const body = Object.fromEntries(
      Array.from({ length: limits.MAX_FIELDS_NAMED + 1 }, (_, index) => [`${'💳'.repeat(200)}${index}`, 1]),
    );
    const named = failing(body);
    expect(named).toHaveLength(limits.MAX_FIELDS_NAMED);
    expect(Array.from(named[0] ?? '')).toHaveLength(limits.MAX_FIELD_NAME_CHARACTERS);
  });

  it('cannot be made something else by a key named __proto__', () => {
    expect(
      failing(JSON.parse(`{"__proto__":{"amount":1},"amount":1,"currency":"USD","payment_method":"pm_1"}`)),
    ).toStrictEqual(['__proto__']);
  });
});
