import { invalidRequest, isApiError, noSuchObject, type ApiError } from './api-error';
import { noSuchIntent } from './confirm-intent';
import type { FormObject } from './form';
import type { IntentStore, ListQuery } from './intent-store';
import { expandProblem } from './operation';
import { Params } from './params';
import { intentJson, type View } from './views';

export const LIST_DEFAULT_LIMIT = 10;
export const LIST_MAX_LIMIT = 100;

const RETRIEVE_KNOWN = new Set(['client_secret', 'expand']);
const LIST_KNOWN = new Set(['created', 'customer', 'ending_before', 'expand', 'limit', 'starting_after']);

export interface Reading {
  readonly intents: IntentStore;
  readonly view: View;
  readonly nowMs: number;
  /** Lists show nothing created within this long: an API that lags behind its own writes. */
  readonly staleMs: number;
}

/** `GET /v1/payment_intents/:id` */
export function retrieveIntent(id: string, query: FormObject, reading: Reading): object {
  const params = new Params(query, RETRIEVE_KNOWN);
  const expand = params.texts('expand');
  const problem = params.problem ?? unexpandable(expand);
  if (problem !== undefined) return problem;
  const intent = reading.intents.get(id, reading.nowMs);
  return intent === undefined ? noSuchIntent(id) : intentJson(intent, expand, reading.view);
}

/** `GET /v1/payment_intents` */
export function listIntents(query: FormObject, reading: Reading): object {
  const parsed = parseList(query, reading);
  if (isApiError(parsed)) return parsed;
  const page = reading.intents.list(parsed.query, reading.nowMs);
  if (page === undefined) {
    const param = parsed.query.startingAfter === undefined ? 'ending_before' : 'starting_after';
    return noSuchObject(
      'payment_intent',
      parsed.query.startingAfter ?? parsed.query.endingBefore ?? '',
      400,
      param,
    );
  }
  return {
    object: 'list',
    data: page.data.map((intent) => intentJson(intent, parsed.expand, reading.view)),
    has_more: page.hasMore,
    url: '/v1/payment_intents',
  };
}

function parseList(
  query: FormObject,
  reading: Reading,
): { query: ListQuery; expand: readonly string[] } | ApiError {
  const params = new Params(query, LIST_KNOWN);
  const limit = params.positiveInt('limit') ?? LIST_DEFAULT_LIMIT;
  const startingAfter = params.text('starting_after') ?? undefined;
  const endingBefore = params.text('ending_before') ?? undefined;
  const paths = params.texts('expand');
  const expand = paths.filter((path) => path.startsWith('data.')).map((path) => path.slice(5));
  const customer = params.text('customer') ?? undefined;
  const created = createdBounds(params);
  const problem = params.problem ?? unexpandable(paths.length === expand.length ? expand : paths);
  if (problem !== undefined) return problem;
  if (limit > LIST_MAX_LIMIT) {
    return invalidRequest(`Invalid integer: ${limit}`, 'parameter_invalid_integer', 'limit');
  }
  if (startingAfter !== undefined && endingBefore !== undefined) {
    return invalidRequest(
      'You cannot parameterize both starting_after and ending_before.',
      undefined,
      'ending_before',
    );
  }
  return {
    expand,
    query: {
      limit,
      customer,
      startingAfter,
      endingBefore,
      fromMs: created.from * 1000,
      beforeMs: Math.min(
        (created.to + 1) * 1000,
        reading.staleMs === 0 ? Infinity : reading.nowMs - reading.staleMs,
      ),
    },
  };
}

function createdBounds(params: Params): { from: number; to: number } {
  const whole = params.raw('created');
  let from = -Infinity;
  let to = Infinity;
  const entries =
    typeof whole === 'object' ? Object.entries(whole) : whole === undefined ? [] : [['eq', whole] as const];
  for (const [bound, value] of entries) {
    const at = typeof value === 'string' && /^\d{1,12}$/.test(value) ? Number(value) : undefined;
    if (at === undefined) params.wrong('Invalid timestamp', 'parameter_invalid_integer', `created[${bound}]`);
    else if (bound === 'gte') from = Math.max(from, at);
    else if (bound === 'gt') from = Math.max(from, at + 1);
    else if (bound === 'lte') to = Math.min(to, at);
    else if (bound === 'lt') to = Math.min(to, at - 1);
    else if (bound === 'eq') from = to = at;
    else
      params.wrong(`Received unknown parameter: created[${bound}]`, 'parameter_unknown', `created[${bound}]`);
  }
  return { from, to };
}

function unexpandable(paths: readonly string[]): ApiError | undefined {
  const unknown = expandProblem(paths);
  return unknown === undefined
    ? undefined
    : invalidRequest(`This property cannot be expanded (${unknown}).`, undefined, 'expand');
}
