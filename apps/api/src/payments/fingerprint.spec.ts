import * as fc from 'fast-check';
import { fingerprintOf } from './fingerprint';

const shuffled = (json: unknown): unknown => {
  if (Array.isArray(json)) return json.map(shuffled);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(
    Object.entries(json)
      .map(([key, value]): [string, unknown] => [key, shuffled(value)])
      .reverse(),
  );
};

describe('the fingerprint of a request', () => {
  it('does not depend on the order of keys', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => fingerprintOf(json) === fingerprintOf(shuffled(json))));
  });

  it('differs where the JSON differs', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        fc.pre(!same && JSON.stringify(shuffled(one)) !== JSON.stringify(other));
        expect(fingerprintOf(one)).not.toBe(fingerprintOf(other));
      }),
    );
  });

  it('tells a default that was sent from one that was not', () => {
    expect(fingerprintOf({ amount: 1 })).not.toBe(fingerprintOf({ amount: 1, capture_method: 'automatic' }));
  });

  // sha256 of {"amount":1099,"currency":"USD","payment_method":"pm_card_visa"}, by sha256sum
  it('never changes: every recorded key is compared with it', () => {
    expect(fingerprintOf({ currency: 'USD', amount: 1099, payment_method: 'pm_card_visa' })).toBe(
      '4af073666e697c69a37159874405c68309f831267cbbac61547a9bc90069bdec',
    );
  });
});
