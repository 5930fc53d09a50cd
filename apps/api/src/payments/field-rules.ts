import type { PspName } from '@tender/domain';
import { isCurrency, PSP_NAMES, pspOfToken } from '@tender/domain';
import {
  MAX_METADATA_KEY_CHARACTERS,
  MAX_METADATA_KEYS,
  MAX_METADATA_VALUE_CHARACTERS,
  MAX_RETURN_URL_CHARACTERS,
  MAX_STATEMENT_DESCRIPTOR_CHARACTERS,
  MAX_TOKEN_CHARACTERS,
} from '../config/limits';
import type { FieldError } from '../http/problem';
import { isPlainObject, textProblem } from './text-rules';

/**
 * What is wrong with a field, each place named by its dotted path from the body; empty when nothing is. One rule a
 * field, so that the answer names what is wrong inside of it, too.
 */
export type FieldRule = (value: unknown, field: string) => readonly FieldError[];

const NONE: readonly FieldError[] = [];

const wrong = (field: string, message: string): readonly FieldError[] => [{ field, message }];

const problemOrNone = (field: string, message: string | undefined): readonly FieldError[] =>
  message === undefined ? NONE : wrong(field, message);

export const text =
  (min: number, max: number): FieldRule =>
  (value, field) =>
    problemOrNone(field, textProblem(value, { min, max }));

/** A number in a query, as the text that it is sent as. */
export const pageSize =
  (max: number): FieldRule =>
  (value, field) =>
    typeof value === 'string' && /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= max
      ? NONE
      : wrong(field, `must be an integer from 1 to ${max}`);

export const currency: FieldRule = (value, field) =>
  typeof value === 'string' && isCurrency(value)
    ? NONE
    : wrong(field, 'must be an ISO 4217 currency code in upper case');

const isPspName = (value: unknown): value is PspName => PSP_NAMES.some((psp) => psp === value);
const PSP_LIST = PSP_NAMES.join(', ');

const TOKEN = /^[\x21-\x7e]+$/;

function tokenProblem(value: unknown): string | undefined {
  if (typeof value !== 'string' || !TOKEN.test(value) || value.length > MAX_TOKEN_CHARACTERS) {
    return `must be a token of 1 to ${MAX_TOKEN_CHARACTERS} visible ASCII characters`;
  }
  return undefined;
}

/** A bare token tells its PSP by its prefix; in an object each must carry its own PSP's. */
export const paymentMethod: FieldRule = (value, field) => {
  if (typeof value === 'string') {
    const problem = tokenProblem(value);
    if (problem !== undefined) return wrong(field, problem);
    return pspOfToken(value) === undefined
      ? wrong(field, `must begin with the prefix of one of: ${PSP_LIST}`)
      : NONE;
  }
  if (!isPlainObject(value)) return wrong(field, 'must be a token, or an object with one token a PSP');
  const names = Object.keys(value);
  if (names.length === 0) return wrong(field, 'must hold at least one token');
  return names.flatMap((psp) => {
    const place = `${field}.${psp}`;
    if (!isPspName(psp)) return wrong(place, `must be one of: ${PSP_LIST}`);
    const token = value[psp];
    const problem = tokenProblem(token);
    if (problem !== undefined) return wrong(place, problem);
    return pspOfToken(String(token)) === psp ? NONE : wrong(place, `is not a token of ${psp}`);
  });
};

/** Stripe's rule, the strictest: a letter, and none of these (Stripe docs, "Statement descriptors"). */
const FORBIDDEN_ON_STATEMENTS = /[<>\\'"*]/;
const LETTER = /\p{L}/u;

export const statementDescriptor: FieldRule = (value, field) => {
  const problem = textProblem(value, { min: 1, max: MAX_STATEMENT_DESCRIPTOR_CHARACTERS });
  if (problem !== undefined) return wrong(field, problem);
  if (FORBIDDEN_ON_STATEMENTS.test(String(value))) return wrong(field, `must not contain < > \\ ' " *`);
  return LETTER.test(String(value)) ? NONE : wrong(field, 'must contain a letter');
};

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Plain http only to the buyer's own machine, where merchants develop: anything else could be read on the way. */
export const returnUrl: FieldRule = (value, field) => {
  const problem = textProblem(value, { min: 1, max: MAX_RETURN_URL_CHARACTERS });
  if (problem !== undefined) return wrong(field, problem);
  const address = String(value);
  // the URL parser drops blanks and repairs much else: what we keep must be what we checked
  if (/\s/.test(address) || !URL.canParse(address)) return wrong(field, 'must be an absolute URL');
  const url = new URL(address);
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!safe) return wrong(field, 'must be https');
  return url.username === '' && url.password === '' ? NONE : wrong(field, 'must not contain credentials');
};

export const metadata: FieldRule = (value, field) => {
  if (!isPlainObject(value)) return wrong(field, 'must be an object of strings');
  const entries = Object.entries(value);
  if (entries.length > MAX_METADATA_KEYS) return wrong(field, `must have at most ${MAX_METADATA_KEYS} keys`);
  return entries.flatMap(([key, item]) => {
    const keyProblem = metadataKeyProblem(key);
    if (keyProblem !== undefined) return wrong(field, keyProblem);
    return problemOrNone(
      `${field}.${key}`,
      textProblem(item, { min: 0, max: MAX_METADATA_VALUE_CHARACTERS }),
    );
  });
};

function metadataKeyProblem(key: string): string | undefined {
  const problem = textProblem(key, { min: 1, max: MAX_METADATA_KEY_CHARACTERS });
  if (problem !== undefined) return `a key ${problem}`;
  return key === '__proto__' ? 'a key must not be __proto__' : undefined;
}

/** `{ "psp": … }` pins, `{ "order": […] }` prefers: one of the two. */
export const routingWish: FieldRule = (value, field) => {
  if (!isPlainObject(value)) return wrong(field, 'must be an object');
  const unknown = Object.keys(value).filter((key) => key !== 'psp' && key !== 'order');
  if (unknown.length > 0)
    return unknown.map((key) => ({ field: `${field}.${key}`, message: 'is not a known field' }));
  const { psp, order } = value;
  if ((psp === undefined) === (order === undefined)) return wrong(field, 'must have either psp or order');
  if (psp !== undefined) return isPspName(psp) ? NONE : wrong(`${field}.psp`, `must be one of: ${PSP_LIST}`);
  return pspOrder(order, `${field}.order`);
};

function pspOrder(order: unknown, field: string): readonly FieldError[] {
  if (!Array.isArray(order) || order.length === 0 || !order.every(isPspName)) {
    return wrong(field, `must be a list of: ${PSP_LIST}`);
  }
  return new Set(order).size === order.length ? NONE : wrong(field, 'must not name a PSP twice');
}
