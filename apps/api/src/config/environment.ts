import { readFileSync } from 'node:fs';
import { PSP_NAMES, type PspName, type RoutingRule } from '@tender/domain';
import { CLOSE_WITHIN_MS, Environment } from '@tender/nest';
import type { ApiKeyEntry, Scope } from '../access/api-keys';
import { demoKeyEntry, SCOPES } from '../access/api-keys';
import type { KeyLimitsOptions } from '../access/key-limits';
import {
  DEFAULT_DRAIN_TIMEOUT_MS,
  DEFAULT_MAX_AMOUNT_MINOR,
  DEFAULT_REQUESTS_IN_FLIGHT,
  DEFAULT_REQUESTS_PER_SECOND,
  MIN_AMOUNT_MINOR,
} from './limits';
import { readRoutingRules } from './routing-rules';

export interface ApiConfig {
  readonly host: string;
  readonly port: number;
  readonly eventStoreUrl: string;
  readonly mongoUri: string;
  readonly allowEmbedded: boolean;
  readonly keys: readonly ApiKeyEntry[];
  readonly keyLimits: KeyLimitsOptions;
  readonly maxAmountMinor: number;
  /** The PSPs that the workers have accounts with. */
  readonly psps: readonly PspName[];
  readonly webhooks: WebhookConfig;
  /** Null: buyers come back to the merchant's own address, and the merchant hands in what they bring. */
  readonly buyerReturn: BuyerReturnConfig | null;
  /** The first that applies decides; without one, the default order. */
  readonly routing: readonly RoutingRule[];
  readonly drainTimeoutMs: number;
}

/** A PSP without secrets is not listened to. Several of one kind are for their rotation. */
export interface WebhookConfig {
  /** Whole, with their `whsec_`. */
  readonly stripeSecrets: readonly string[];
  readonly adyen: AdyenWebhookConfig | null;
}

export interface AdyenWebhookConfig {
  /** Hexadecimal. */
  readonly hmacKeys: readonly string[];
  readonly merchantAccount: string;
  readonly basicAuth: { readonly username: string; readonly password: string } | null;
}

export interface BuyerReturnConfig {
  /** Where browsers reach this API; no slash at its end. */
  readonly publicUrl: string;
  readonly secret: string;
}

const MAX_RATE = 1_000_000;

/**
 * `PORT`, `HOST` · `EVENTSTORE_URL`, `MONGODB_URI` · `ALLOW_EMBEDDED` · `TENDER_API_KEYS`: a JSON list of keys, or the
 * path of a file with one · `TENDER_EMBEDDED`: the demo key is valid · `TENDER_MAX_AMOUNT_MINOR`,
 * `TENDER_PSPS`: names divided by commas · `TENDER_ROUTING`: a JSON list of rules, or the path of a file with one ·
 * `TENDER_KEY_REQUESTS_PER_SECOND`, `TENDER_KEY_REQUESTS_IN_FLIGHT`, `DRAIN_TIMEOUT_MS` · `STRIPE_WEBHOOK_SECRETS`,
 * `ADYEN_HMAC_KEYS`: divided by commas, `ADYEN_MERCHANT_ACCOUNT`, `ADYEN_WEBHOOK_USERNAME`, `ADYEN_WEBHOOK_PASSWORD` ·
 * `TENDER_PUBLIC_URL`, `TENDER_RETURN_SECRET`.
 *
 * @throws ConfigurationError naming everything that is wrong
 */
export function readApiConfig(
  variables: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): ApiConfig {
  const environment = new Environment(variables);
  const psps = readPsps(environment);
  const config: ApiConfig = {
    host: environment.text('HOST', '127.0.0.1'),
    port: environment.port('PORT', 3000),
    eventStoreUrl: environment.url('EVENTSTORE_URL', [
      'esdb',
      'esdb+discover',
      'kurrentdb',
      'kurrentdb+discover',
    ]),
    mongoUri: environment.url('MONGODB_URI', ['mongodb', 'mongodb+srv']),
    allowEmbedded: environment.flag('ALLOW_EMBEDDED'),
    keys: readKeys(environment, readFile),
    keyLimits: {
      requestsPerSecond: environment.integer('TENDER_KEY_REQUESTS_PER_SECOND', {
        min: 1,
        max: MAX_RATE,
        fallback: DEFAULT_REQUESTS_PER_SECOND,
      }),
      requestsInFlight: environment.integer('TENDER_KEY_REQUESTS_IN_FLIGHT', {
        min: 1,
        max: MAX_RATE,
        fallback: DEFAULT_REQUESTS_IN_FLIGHT,
      }),
    },
    maxAmountMinor: environment.integer('TENDER_MAX_AMOUNT_MINOR', {
      min: MIN_AMOUNT_MINOR,
      max: Number.MAX_SAFE_INTEGER,
      fallback: DEFAULT_MAX_AMOUNT_MINOR,
    }),
    psps,
    routing: readRouting(environment, psps, readFile),
    webhooks: { stripeSecrets: readStripeSecrets(environment), adyen: readAdyenWebhooks(environment) },
    buyerReturn: readBuyerReturn(environment),
    drainTimeoutMs: environment.integer('DRAIN_TIMEOUT_MS', {
      min: 0,
      max: CLOSE_WITHIN_MS,
      fallback: DEFAULT_DRAIN_TIMEOUT_MS,
    }),
  };
  environment.done();
  return config;
}

function readPsps(environment: Environment): readonly PspName[] {
  const names = environment.text('TENDER_PSPS', 'stripe').split(',');
  const known = PSP_NAMES.filter((psp) => names.includes(psp));
  if (known.length < names.length)
    environment.problem(`TENDER_PSPS must list, once each: ${PSP_NAMES.join(', ')}`);
  return known;
}

/** Long enough that nobody finds one by trying. */
const MIN_SECRET_CHARACTERS = 32;
const STRIPE_SECRET = /^whsec_[\x21-\x2b\x2d-\x7e]{8,}$/;
/** 256 bits, as Adyen's Customer Area makes them. */
const ADYEN_HMAC_KEY = /^[0-9a-f]{64}$/i;

const listed = (value: string | undefined): readonly string[] =>
  value === undefined ? [] : value.split(',').map((one) => one.trim());

function readStripeSecrets(environment: Environment): readonly string[] {
  const secrets = listed(environment.optional('STRIPE_WEBHOOK_SECRETS'));
  if (!secrets.every((secret) => STRIPE_SECRET.test(secret)))
    environment.problem('STRIPE_WEBHOOK_SECRETS must be secrets of the form whsec_…, divided by commas');
  return secrets;
}

function readAdyenWebhooks(environment: Environment): AdyenWebhookConfig | null {
  const hmacKeys = listed(environment.optional('ADYEN_HMAC_KEYS'));
  const username = environment.optional('ADYEN_WEBHOOK_USERNAME');
  const password = environment.optional('ADYEN_WEBHOOK_PASSWORD');
  if (!hmacKeys.every((key) => ADYEN_HMAC_KEY.test(key)))
    environment.problem('ADYEN_HMAC_KEYS must be keys of 64 hexadecimal digits, divided by commas');
  if ((username === undefined) !== (password === undefined))
    environment.problem('ADYEN_WEBHOOK_USERNAME and ADYEN_WEBHOOK_PASSWORD go together');
  if (hmacKeys.length === 0) return null;
  const basicAuth = username === undefined || password === undefined ? null : { username, password };
  return { hmacKeys, merchantAccount: environment.text('ADYEN_MERCHANT_ACCOUNT'), basicAuth };
}

function readBuyerReturn(environment: Environment): BuyerReturnConfig | null {
  const secret = environment.optional('TENDER_RETURN_SECRET');
  if (environment.optional('TENDER_PUBLIC_URL') === undefined) {
    if (secret !== undefined)
      environment.problem('TENDER_RETURN_SECRET goes together with TENDER_PUBLIC_URL');
    return null;
  }
  const publicUrl = environment.url('TENDER_PUBLIC_URL', ['https', 'http']).replace(/\/+$/, '');
  if (secret === undefined || secret.length < MIN_SECRET_CHARACTERS)
    environment.problem(
      `TENDER_RETURN_SECRET must have at least ${MIN_SECRET_CHARACTERS} characters, the same on every API process`,
    );
  return { publicUrl, secret: secret ?? '' };
}

function readRouting(
  environment: Environment,
  psps: readonly PspName[],
  readFile: (path: string) => string,
): readonly RoutingRule[] {
  const source = environment.optional('TENDER_ROUTING');
  if (source === undefined) return [];
  try {
    const listed: unknown = JSON.parse(source.trimStart().startsWith('[') ? source : readFile(source));
    const { rules, problems } = readRoutingRules(listed, psps);
    for (const problem of problems) environment.problem(`TENDER_ROUTING ${problem}`);
    return rules;
  } catch (error) {
    environment.problem(
      `TENDER_ROUTING must be a JSON list of rules, or the path of a file with one (${(error as Error).message})`,
    );
    return [];
  }
}

function readKeys(environment: Environment, readFile: (path: string) => string): readonly ApiKeyEntry[] {
  const demo = environment.flag('TENDER_EMBEDDED') ? [demoKeyEntry()] : [];
  const source = environment.optional('TENDER_API_KEYS');
  if (source === undefined) {
    if (demo.length === 0)
      environment.problem('TENDER_API_KEYS must be set: without a key nobody can ask for anything');
    return demo;
  }
  try {
    const listed: unknown = JSON.parse(source.trimStart().startsWith('[') ? source : readFile(source));
    if (!Array.isArray(listed)) throw new Error('it is not a list');
    return [...demo, ...listed.map(keyEntry)];
  } catch (error) {
    // a JSON error quotes its text, and hashes of keys have no place in a log
    const why =
      error instanceof KeyEntryError || (error as { code?: string }).code === 'ENOENT'
        ? ` (${(error as Error).message})`
        : '';
    environment.problem(`TENDER_API_KEYS must be a JSON list of keys, or the path of a file with one${why}`);
    return demo;
  }
}

class KeyEntryError extends Error {}

const SHA256 = /^[0-9a-f]{64}$/i;
const NAME = /^[\w.-]{1,64}$/;

function keyEntry(entry: unknown, index: number): ApiKeyEntry {
  const { id, merchant, scopes, sha256 } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  const wrong = (what: string): KeyEntryError => new KeyEntryError(`key ${index}: ${what}`);
  if (typeof id !== 'string' || !NAME.test(id)) throw wrong('id must be 1 to 64 of A-Z a-z 0-9 _ . -');
  if (typeof merchant !== 'string' || !NAME.test(merchant))
    throw wrong('merchant must be 1 to 64 of A-Z a-z 0-9 _ . -');
  if (typeof sha256 !== 'string' || !SHA256.test(sha256)) throw wrong('sha256 must be 64 hex digits');
  if (!Array.isArray(scopes) || !scopes.every(isScope))
    throw wrong(`scopes must be a list of: ${SCOPES.join(', ')}`);
  return { id, merchant, scopes, sha256: sha256.toLowerCase() };
}

const isScope = (scope: unknown): scope is Scope => SCOPES.some((known) => known === scope);
