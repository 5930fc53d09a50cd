import fc from 'fast-check';
import {
  attemptIdOf,
  MAX_ATTEMPTS,
  MAX_REFUND_TRIES,
  partsOfAttemptId,
  partsOfRefundReference,
  paymentIdOf,
  publicId,
  refundReferenceOf,
  requestIdOf,
  uuidOf,
} from './ids';

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
    expect(attemptIdOf(paymentId, 1)).toMatch(/^att_[0-9a-f]{34}$/);
  });
});

describe('the id of an attempt', () => {
  it('leads back to its payment and its number', () => {
    fc.assert(
      fc.property(text, text, fc.integer({ min: 1, max: MAX_ATTEMPTS }), (merchant, key, number) => {
        const paymentId = paymentIdOf(merchant, key);
        expect(partsOfAttemptId(attemptIdOf(paymentId, number))).toEqual({ paymentId, number });
      }),
    );
  });

  it.each([0, MAX_ATTEMPTS + 1, 1.5, -1])('is refused to number %d', (number) => {
    expect(() => attemptIdOf(paymentIdOf('demo', 'k'), number)).toThrow(RangeError);
  });

  it.each([
    '',
    'att_',
    `att_${'0'.repeat(34)}`,
    `att_${'g'.repeat(34)}`,
    `att_${'1'.repeat(32)}`,
    'order-17',
  ])('is not %s', (other) => {
    expect(partsOfAttemptId(other)).toBeUndefined();
  });
});

describe('the id of a request about a payment', () => {
  const paymentId = paymentIdOf('demo', 'order-17');

  it('differs with the payment, with what is asked, and with the key', () => {
    const ids = [
      requestIdOf(paymentId, 'capture', 'k'),
      requestIdOf(paymentId, 'cancel', 'k'),
      requestIdOf(paymentId, 'capture', 'l'),
      requestIdOf(paymentIdOf('demo', 'order-18'), 'capture', 'k'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
    expect(requestIdOf(paymentId, 'capture', 'k')).toBe(ids[0]);
  });
});

describe('the reference of a refund’s try', () => {
  const refundId = paymentIdOf('demo', 'refund-of-17');

  it('leads back to its refund and its number', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: MAX_REFUND_TRIES }), (key, number) => {
        const id = paymentIdOf('demo', key);
        expect(partsOfRefundReference(refundReferenceOf(id, number))).toEqual({ refundId: id, number });
      }),
    );
  });

  it('begins with the refund’s public id, and fits into what every PSP takes as a key', () => {
    const reference = refundReferenceOf(refundId, MAX_REFUND_TRIES);
    expect(reference.startsWith(`${publicId('re', refundId)}-`)).toBe(true);
    expect(reference.length).toBeLessThanOrEqual(64);
    expect(reference).not.toContain(':');
  });

  it.each([
    publicId('re', refundId),
    `${publicId('re', refundId)}-0`,
    `${publicId('re', refundId)}-01`,
    `${publicId('re', refundId)}-100`,
    `${publicId('pay', refundId)}-1`,
    `${attemptIdOf(refundId, 1)}-reversal-1`,
    '',
  ])('of another form is none: %s', (reference) => {
    expect(partsOfRefundReference(reference)).toBeUndefined();
  });

  it.each([0, MAX_REFUND_TRIES + 1, 1.5])('knows no try %d', (number) => {
    expect(() => refundReferenceOf(refundId, number)).toThrow(RangeError);
  });
});
