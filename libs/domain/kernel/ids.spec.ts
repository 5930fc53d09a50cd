import fc from 'fast-check';
import { attemptIdOf, paymentIdOf, publicId, uuidOf } from './ids';

const text = fc.string({ minLength: 1, maxLength: 20 });

describe('the id of a payment', () => {
  it('is the same for the same merchant and key, on every process and for ever', () => {
    expect(paymentIdOf('demo', 'order-17')).toBe('486bf88d-a9ab-524e-86d8-a43de26b4164');
  });

  it('differs whenever merchant or key differ, however they are cut', () => {
    fc.assert(
      fc.property(text, text, text, text, (merchant, key, otherMerchant, otherKey) => {
        fc.pre(merchant !== otherMerchant || key !== otherKey);
        expect(paymentIdOf(merchant, key)).not.toBe(paymentIdOf(otherMerchant, otherKey));
      }),
    );
  });

  it('differs when only the border between merchant and key moves', () => {
    expect(paymentIdOf('shop1', '7')).not.toBe(paymentIdOf('shop', '17'));
  });
});

describe('public ids', () => {
  const paymentId = paymentIdOf('demo', 'order-17');

  it('lead back to the uuid they are made of', () => {
    expect(uuidOf('pay', publicId('pay', paymentId))).toBe(paymentId);
  });

  it.each([
    '',
    'pay_',
    'pay_xyz',
    publicId('re', paymentId),
    `${publicId('pay', paymentId)}0`,
    publicId('pay', paymentId).toUpperCase(),
  ])('of another form are none: %s', (id) => {
    expect(uuidOf('pay', id)).toBeUndefined();
  });

  it('of attempts carry no colon, which one PSP would cut at', () => {
    expect(attemptIdOf(paymentId, 1)).toMatch(/^att_[0-9a-f]{32}$/);
    expect(attemptIdOf(paymentId, 1)).not.toBe(attemptIdOf(paymentId, 2));
  });
});
