import { resolve } from 'node:path';
import { Environment } from '@tender/nest/environment';

export interface LocalConfiguration {
  readonly host: string;
  readonly apiPort: number;
  readonly stripePort: number;
  readonly adyenPort: number;
  readonly dataPath: string;
  readonly workers: number;
  /** Servers that run elsewhere; what is missing is started here. */
  readonly eventStoreUrl: string | undefined;
  readonly mongoUri: string | undefined;
  readonly redisUrl: string | undefined;
}

const DEFAULT_API_PORT = 3000;
const DEFAULT_STRIPE_PORT = 4010;
const DEFAULT_ADYEN_PORT = 4020;
/** Each is a Node process of some 100 MB: more than a laptop's cores gain nothing. */
export const MAX_WORKERS = 8;

/** @throws ConfigurationError that names every variable with a problem */
export function readConfiguration(
  variables: Readonly<Record<string, string | undefined>>,
): LocalConfiguration {
  const environment = new Environment(variables);
  const configuration: LocalConfiguration = {
    host: environment.text('HOST', '127.0.0.1'),
    apiPort: environment.port('PORT', DEFAULT_API_PORT),
    stripePort: environment.port('STRIPE_SIM_PORT', DEFAULT_STRIPE_PORT),
    adyenPort: environment.port('ADYEN_SIM_PORT', DEFAULT_ADYEN_PORT),
    dataPath: resolve(environment.text('TENDER_DATA', '.data')),
    workers: environment.integer('TENDER_WORKERS', { min: 1, max: MAX_WORKERS, fallback: 1 }),
    eventStoreUrl: environment.optional('EVENTSTORE_URL'),
    mongoUri: environment.optional('MONGODB_URI'),
    redisUrl: environment.optional('REDIS_URL'),
  };
  environment.done();
  return configuration;
}
