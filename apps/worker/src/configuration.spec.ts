import { MAX_EFFECTS_IN_FLIGHT } from '@tender/engine';
import {
  DEFAULT_PSP_CONCURRENT,
  DEFAULT_PSP_PERMIT_WAIT_MS,
  DEFAULT_PSP_WAITING,
  readConfiguration,
} from './configuration';

const ADYEN = {
  ADYEN_API_KEY: 'key',
  ADYEN_MERCHANT_ACCOUNT: 'Shop',
  ADYEN_RETURN_URL: 'https://shop.example/back',
};
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

  it('protects each PSP by default, with no rate', () => {
    const protection = {
      maxConcurrent: DEFAULT_PSP_CONCURRENT,
      maxWaiting: DEFAULT_PSP_WAITING,
      maxWaitMs: DEFAULT_PSP_PERMIT_WAIT_MS,
      perSecond: undefined,
      perSecondEachEndpoint: undefined,
    };
    expect(readConfiguration({ ...least, ...ADYEN })).toMatchObject({
      stripe: { protection },
      adyen: { protection },
    });
  });

  it('takes the rates of an account from its contract', () => {
    const rates = { STRIPE_RATE_PER_SECOND: '100', STRIPE_RATE_PER_ENDPOINT: '25' };
    expect(readConfiguration({ ...least, ...rates }).stripe.protection).toMatchObject({
      perSecond: 100,
      perSecondEachEndpoint: 25,
    });
  });

  it.each([
    ['STRIPE_MAX_CONCURRENT', '1'],
    ['STRIPE_MAX_WAITING', '-1'],
    ['STRIPE_RATE_PER_SECOND', '-1'],
    ['STRIPE_RATE_PER_ENDPOINT', '2.5'],
    ['ADYEN_MAX_CONCURRENT', '1001'],
    ['ADYEN_MAX_WAITING', '1001'],
    ['ADYEN_RATE_PER_SECOND', '100001'],
    ['ADYEN_RATE_PER_ENDPOINT', 'many'],
    ['PSP_PERMIT_WAIT_MS', '30001'],
  ])('refuses %s = %s', (name, value) => {
    expect(() => readConfiguration({ ...least, ...ADYEN, [name]: value })).toThrow(name);
  });

  it.each([
    [MAX_EFFECTS_IN_FLIGHT - 1, true],
    [MAX_EFFECTS_IN_FLIGHT, false],
  ])('lets all PSPs together hold %d calls: %s', (calls, starts) => {
    const adyen = { ...ADYEN, ADYEN_MAX_CONCURRENT: '200', ADYEN_MAX_WAITING: '100' };
    const stripe = { STRIPE_MAX_CONCURRENT: '300', STRIPE_MAX_WAITING: `${calls - 600}` };
    const problemOf = (variables: Record<string, string>): string => {
      try {
        readConfiguration({ ...least, ...variables });
        return '';
      } catch (error) {
        return String(error);
      }
    };
    const problem = `add up to ${calls}; together they must stay below ${MAX_EFFECTS_IN_FLIGHT}`;
    expect(problemOf({ ...stripe, ...adyen }).includes(problem)).toBe(!starts);
    // without Adyen nobody holds its places
    expect(problemOf(stripe)).toBe('');
  });
});
