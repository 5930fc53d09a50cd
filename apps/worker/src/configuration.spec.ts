import { readConfiguration } from './configuration';

const least = { EVENTSTORE_URL: 'esdb://h:2113', MONGODB_URI: 'mongodb://h', STRIPE_API_KEY: 'sk_test_x' };

describe('the worker configuration', () => {
  it('needs the stores and a PSP, and nothing else', () => {
    expect(readConfiguration(least)).toMatchObject({ allowEmbedded: false, adyen: undefined });
  });

  it('needs a whole Adyen account, or none', () => {
    const half = { ...least, ADYEN_API_KEY: 'key' };
    expect(() => readConfiguration(half)).toThrow(/ADYEN_MERCHANT_ACCOUNT[\s\S]*ADYEN_RETURN_URL/);
    const whole = { ...half, ADYEN_MERCHANT_ACCOUNT: 'Shop', ADYEN_RETURN_URL: 'https://shop.example/back' };
    expect(readConfiguration(whole).adyen).toMatchObject({ merchantAccount: 'Shop' });
  });

  it('names everything that is missing', () => {
    expect(() => readConfiguration({})).toThrow(/EVENTSTORE_URL[\s\S]*MONGODB_URI[\s\S]*STRIPE_API_KEY/);
  });

  it.each([
    ['100', true],
    ['99', false],
    ['120000', true],
    ['120001', false],
  ])('bounds the deadline of a PSP call: %s ms', (text, fits) => {
    const read = () => readConfiguration({ ...least, PSP_CALL_TIMEOUT_MS: text }).pspCallTimeoutMs;
    const answer = ((): unknown => {
      try {
        return read();
      } catch {
        return 'refused';
      }
    })();
    expect(answer).toBe(fits ? Number(text) : 'refused');
  });
});
