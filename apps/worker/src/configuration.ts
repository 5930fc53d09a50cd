import { MAX_EFFECTS_IN_FLIGHT } from '@tender/engine';
import { Environment } from '@tender/nest';
import type { ProtectionLimits } from '@tender/psp/resilience';

export interface WorkerConfiguration {
  readonly eventStoreUrl: string;
  readonly mongoUri: string;
  /** Without one, the timers are this process's own. */
  readonly redisUrl: string | undefined;
  readonly allowEmbedded: boolean;
  /** Of this process's time, for the continuous check of read models, percent; 0: this worker never checks. */
  readonly verifySharePercent: number;
  readonly stripe: {
    readonly apiKey: string;
    readonly baseUrl?: string;
    readonly protection: ProtectionLimits;
  };
  /** Without an account, no payment is sent there. */
  readonly adyen: AdyenAccount | undefined;
  /** Whole-call deadline of a PSP request, ms. */
  readonly pspCallTimeoutMs: number;
  readonly operations: { readonly host: string; readonly port: number };
}

export interface AdyenAccount {
  readonly apiKey: string;
  readonly merchantAccount: string;
  readonly baseUrl?: string;
  /** Where a buyer comes back to when the payment names no address. */
  readonly returnUrl: string;
  readonly protection: ProtectionLimits;
}

const DEFAULT_PSP_CALL_TIMEOUT_MS = 25_000;
const DEFAULT_OPERATIONS_PORT = 0;
/** A log of a million events, at 5,000 a second, is gone through in about two hours. */
const DEFAULT_VERIFY_SHARE_PERCENT = 3;

/** Calls to one PSP at once, and calls that wait for one of them to end. */
export const DEFAULT_PSP_CONCURRENT = 250;
export const DEFAULT_PSP_WAITING = 200;
/** Short of a caller's wait of 10 s by enough for another PSP to be asked. */
export const DEFAULT_PSP_PERMIT_WAIT_MS = 2_000;
/** Room for one call of each lane. */
const LEAST_CONCURRENT = 2;
const LONGEST_PERMIT_WAIT_MS = 30_000;
const HIGHEST_RATE = 100_000;

/** @throws ConfigurationError that names every variable with a problem */
export function readConfiguration(
  variables: Readonly<Record<string, string | undefined>>,
): WorkerConfiguration {
  const environment = new Environment(variables);
  const maxWaitMs = environment.integer('PSP_PERMIT_WAIT_MS', {
    min: 0,
    max: LONGEST_PERMIT_WAIT_MS,
    fallback: DEFAULT_PSP_PERMIT_WAIT_MS,
  });
  const configuration: WorkerConfiguration = {
    eventStoreUrl: environment.url('EVENTSTORE_URL', [
      'esdb',
      'esdb+discover',
      'kurrentdb',
      'kurrentdb+discover',
    ]),
    mongoUri: environment.url('MONGODB_URI', ['mongodb', 'mongodb+srv']),
    redisUrl:
      environment.optional('REDIS_URL') === undefined
        ? undefined
        : environment.url('REDIS_URL', ['redis', 'rediss']),
    allowEmbedded: environment.flag('ALLOW_EMBEDDED'),
    verifySharePercent: environment.integer('TENDER_VERIFY_SHARE_PERCENT', {
      min: 0,
      max: 100,
      fallback: DEFAULT_VERIFY_SHARE_PERCENT,
    }),
    stripe: {
      apiKey: environment.text('STRIPE_API_KEY'),
      ...baseUrl(environment.optional('STRIPE_BASE_URL')),
      protection: {
        maxConcurrent: environment.integer('STRIPE_MAX_CONCURRENT', CONCURRENT),
        maxWaiting: environment.integer('STRIPE_MAX_WAITING', WAITING),
        maxWaitMs,
        perSecond: rate(environment.integer('STRIPE_RATE_PER_SECOND', RATE)),
        perSecondEachEndpoint: rate(environment.integer('STRIPE_RATE_PER_ENDPOINT', RATE)),
      },
    },
    adyen: adyenAccount(environment, maxWaitMs),
    pspCallTimeoutMs: environment.integer('PSP_CALL_TIMEOUT_MS', {
      min: 100,
      max: 120_000,
      fallback: DEFAULT_PSP_CALL_TIMEOUT_MS,
    }),
    operations: {
      host: environment.text('OPERATIONS_HOST', '127.0.0.1'),
      port: environment.port('OPERATIONS_PORT', DEFAULT_OPERATIONS_PORT),
    },
  };
  checkRoom(environment, configuration);
  environment.done();
  return configuration;
}

const CONCURRENT = { min: LEAST_CONCURRENT, max: MAX_EFFECTS_IN_FLIGHT, fallback: DEFAULT_PSP_CONCURRENT };
const WAITING = { min: 0, max: MAX_EFFECTS_IN_FLIGHT, fallback: DEFAULT_PSP_WAITING };
const RATE = { min: 0, max: HIGHEST_RATE, fallback: 0 };

const rate = (perSecond: number): number | undefined => (perSecond === 0 ? undefined : perSecond);

/**
 * The payment process reads no further while MAX_EFFECTS_IN_FLIGHT events are being worked on. So all PSPs together must
 * not be able to hold that many calls: a place stays free for the payment whose PSP is well, or for the refusal that
 * sends a payment elsewhere.
 */
function checkRoom(environment: Environment, { stripe, adyen }: WorkerConfiguration): void {
  const held = [stripe, adyen].reduce((sum, account) => sum + roomOf(account?.protection), 0);
  if (held < MAX_EFFECTS_IN_FLIGHT) return;
  environment.problem(
    `STRIPE_MAX_CONCURRENT, STRIPE_MAX_WAITING, ADYEN_MAX_CONCURRENT and ADYEN_MAX_WAITING add up to ${held}; ` +
      `together they must stay below ${MAX_EFFECTS_IN_FLIGHT}, or one hanging PSP stops the payments of the others`,
  );
}

const roomOf = (protection: ProtectionLimits | undefined): number =>
  protection === undefined ? 0 : protection.maxConcurrent + protection.maxWaiting;

function adyenAccount(environment: Environment, maxWaitMs: number): AdyenAccount | undefined {
  const apiKey = environment.optional('ADYEN_API_KEY');
  if (apiKey === undefined) return undefined;
  return {
    apiKey,
    merchantAccount: environment.text('ADYEN_MERCHANT_ACCOUNT'),
    returnUrl: environment.url('ADYEN_RETURN_URL', ['https', 'http']),
    ...baseUrl(environment.optional('ADYEN_BASE_URL')),
    protection: {
      maxConcurrent: environment.integer('ADYEN_MAX_CONCURRENT', CONCURRENT),
      maxWaiting: environment.integer('ADYEN_MAX_WAITING', WAITING),
      maxWaitMs,
      perSecond: rate(environment.integer('ADYEN_RATE_PER_SECOND', RATE)),
      perSecondEachEndpoint: rate(environment.integer('ADYEN_RATE_PER_ENDPOINT', RATE)),
    },
  };
}

const baseUrl = (value: string | undefined): { baseUrl?: string } =>
  value === undefined ? {} : { baseUrl: value };
