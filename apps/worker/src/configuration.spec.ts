import { readConfiguration } from './configuration';

const least = { EVENTSTORE_URL: 'esdb://h:2113', MONGODB_URI: 'mongodb://h', STRIPE_API_KEY: 'sk_test_x' };

describe('the worker configuration', () => {
  it('needs the stores and a PSP, and nothing else', () => {
    expect(readConfiguration(least)).toMatchObject({ allowEmbedded: false, stripe: { baseUrl: undefined } });
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
