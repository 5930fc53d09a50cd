import * as fc from 'fast-check';
import { signatureOf, verifyAdyenItem } from './verify-item';

/** Key, item and signature of the test vector that Adyen's own libraries carry. */
const KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
const OTHER_KEY = KEY.replaceAll('4', '5');
const SIGNATURE = 'coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=';
const ITEM = {
  additionalData: { hmacSignature: SIGNATURE },
  amount: { currency: 'EUR', value: 1130 },
  eventCode: 'AUTHORISATION',
  eventDate: '2014-08-06T17:15:34.121+02:00',
  merchantAccountCode: 'TestMerchant',
  merchantReference: 'TestPayment-1407325143704',
  pspReference: '7914073381342284',
  reason: '065696:1111:6/2016',
  success: 'true',
};
const signedBy = (signature: unknown) => ({ ...ITEM, additionalData: { hmacSignature: signature } });

it('the published vector verifies', () => {
  expect(verifyAdyenItem(ITEM, [KEY])).toBe(true);
  expect(signatureOf(ITEM, KEY)).toBe(SIGNATURE);
});

it('during a rotation either key will do, in any order and letter case', () => {
  expect(verifyAdyenItem(ITEM, [OTHER_KEY, KEY])).toBe(true);
  expect(verifyAdyenItem(ITEM, [KEY, OTHER_KEY])).toBe(true);
  expect(verifyAdyenItem(ITEM, [KEY.toLowerCase()])).toBe(true);
});

it.each([
  ['another key', ITEM, [OTHER_KEY]],
  ['no key', ITEM, []],
  ['an empty key', { ...ITEM, additionalData: { hmacSignature: signatureOf(ITEM, '00') } }, ['']],
  ['a key that is not hexadecimal', ITEM, ['whatever', KEY.slice(1)]],
  ['no signature', { ...ITEM, additionalData: {} }, [KEY]],
  ['no additional data', { ...ITEM, additionalData: undefined }, [KEY]],
  ['an empty signature', signedBy(''), [KEY]],
  ['a shorter signature', signedBy(SIGNATURE.slice(4)), [KEY]],
  ['a longer signature', signedBy(`${SIGNATURE}AAAA`), [KEY]],
  ['a signature that is no text', signedBy([SIGNATURE]), [KEY]],
  ['base64 of the other alphabet', signedBy(SIGNATURE.replaceAll('/', '_').replaceAll('+', '-')), [KEY]],
])('%s does not verify', (_name, item, keys) => {
  expect(verifyAdyenItem(item, keys)).toBe(false);
});

it.each([
  { pspReference: '7914073381342285' },
  { originalReference: '7914073381342284' },
  { merchantAccountCode: 'TestMerchants' },
  { merchantReference: 'TestPayment-1407325143705' },
  { amount: { currency: 'EUR', value: 1131 } },
  { amount: { currency: 'USD', value: 1130 } },
  { amount: { currency: 'EUR', value: '1130' } },
  { eventCode: 'CAPTURE' },
  { success: 'false' },
  { success: true },
])('an item changed to %j does not verify', (change) => {
  expect(verifyAdyenItem({ ...ITEM, ...change }, [KEY])).toBe(false);
});

it('a border cannot be moved by a ":" in a field', () => {
  const merged = {
    ...ITEM,
    merchantAccountCode: 'TestMerchant:TestPayment-1407325143704',
    merchantReference: '',
  };
  expect(signatureOf(merged, KEY)).toBeNull();
  const shifted = { ...ITEM, pspReference: '7914073381342284:', originalReference: undefined };
  expect(verifyAdyenItem(shifted, [KEY])).toBe(false);
});

// An account may serve others, whose references are theirs to choose: Adyen sends what is not accepted again and again, and
// nothing that comes after it (docs, "Troubleshoot webhooks", "Retry queue").
it('a ":" in the merchant’s reference alone moves no border, and verifies', () => {
  const signed = (item: Record<string, unknown>) => ({
    ...item,
    additionalData: { hmacSignature: signatureOf(item, KEY) },
  });
  const theirs = signed({ ...ITEM, merchantReference: 'shop:order:17' });
  expect(verifyAdyenItem(theirs, [KEY])).toBe(true);
  // the same signed text, read with its borders elsewhere
  const moved = [
    { originalReference: ':TestMerchant', merchantAccountCode: 'shop', merchantReference: 'order:17' },
    { merchantAccountCode: 'TestMerchant:shop', merchantReference: 'order:17' },
    { merchantReference: 'shop:order', amount: { currency: 'EUR', value: 17 } },
  ];
  for (const change of moved) expect(verifyAdyenItem({ ...theirs, ...change }, [KEY])).toBe(false);
});

it('whatever arrives is answered with true or false', () => {
  fc.assert(
    fc.property(fc.anything(), fc.array(fc.string()), (item, keys) => {
      expect(verifyAdyenItem(item, keys)).toBe(false);
    }),
  );
});

it('what is signed verifies, with that key and no other', () => {
  const text = fc.string({ maxLength: 20 }).filter((one) => !one.includes(':'));
  fc.assert(
    fc.property(
      fc.record({
        pspReference: text,
        originalReference: fc.option(text, { nil: undefined }),
        merchantAccountCode: text,
        merchantReference: text,
        amount: fc.record({ value: fc.maxSafeInteger(), currency: text }),
        eventCode: text,
        success: fc.constantFrom('true', 'false'),
      }),
      (item) => {
        const signed = { ...item, additionalData: { hmacSignature: signatureOf(item, KEY) } };
        expect(verifyAdyenItem(signed, [KEY])).toBe(true);
        expect(verifyAdyenItem(signed, [OTHER_KEY])).toBe(false);
      },
    ),
  );
});
