import { Environment } from '@tender/nest';

export interface WorkerConfiguration {
  readonly eventStoreUrl: string;
  readonly mongoUri: string;
  /** Without one, the timers are this process's own. */
  readonly redisUrl: string | undefined;
  readonly allowEmbedded: boolean;
  readonly stripe: { readonly apiKey: string; readonly baseUrl?: string };
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
}

const DEFAULT_PSP_CALL_TIMEOUT_MS = 25_000;
const DEFAULT_OPERATIONS_PORT = 0;

/** @throws ConfigurationError that names every variable with a problem */
export function readConfiguration(
  variables: Readonly<Record<string, string | undefined>>,
): WorkerConfiguration {
  const environment = new Environment(variables);
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
    stripe: {
      apiKey: environment.text('STRIPE_API_KEY'),
      ...baseUrl(environment.optional('STRIPE_BASE_URL')),
    },
    adyen: adyenAccount(environment),
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
  environment.done();
  return configuration;
}

function adyenAccount(environment: Environment): AdyenAccount | undefined {
  const apiKey = environment.optional('ADYEN_API_KEY');
  if (apiKey === undefined) return undefined;
  return {
    apiKey,
    merchantAccount: environment.text('ADYEN_MERCHANT_ACCOUNT'),
    returnUrl: environment.url('ADYEN_RETURN_URL', ['https', 'http']),
    ...baseUrl(environment.optional('ADYEN_BASE_URL')),
  };
}

const baseUrl = (value: string | undefined): { baseUrl?: string } =>
  value === undefined ? {} : { baseUrl: value };
