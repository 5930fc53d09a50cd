import { invalidRequest, isApiError, noSuchObject, type ApiError } from './api-error';
import type { Page, PageQuery } from './creation-order';
import { expandProblem } from './operation';
import type { Params } from './params';

export const LIST_DEFAULT_LIMIT = 10;
export const LIST_MAX_LIMIT = 100;

/** What every list takes. */
export const LIST_PARAMS = ['created', 'ending_before', 'expand', 'limit', 'starting_after'] as const;

export interface ListParams {
  readonly query: PageQuery;
  readonly expand: readonly string[];
}

/** @param hiddenFromMs what was created at or after this is not shown */
export function readListParams(
  params: Params,
  expandable: readonly string[],
  hiddenFromMs: number,
): ListParams | ApiError {
  const limit = params.positiveInt('limit') ?? LIST_DEFAULT_LIMIT;
  const startingAfter = params.text('starting_after') ?? undefined;
  const endingBefore = params.text('ending_before') ?? undefined;
  const paths = params.texts('expand');
  const expand = paths.filter((path) => path.startsWith('data.')).map((path) => path.slice(5));
  const created = createdBounds(params);
  const problem = params.problem ?? unexpandable(paths.length === expand.length ? expand : paths, expandable);
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
  const beforeMs = Math.min((created.to + 1) * 1000, hiddenFromMs);
  return { expand, query: { limit, startingAfter, endingBefore, fromMs: created.from * 1000, beforeMs } };
}

/** The list as it is answered; a cursor that names nothing is the caller's mistake. */
export function listJson<T>(
  what: string,
  url: string,
  listed: ListParams | ApiError,
  page: (query: PageQuery) => Page<T> | undefined,
  json: (item: T, expand: readonly string[]) => object,
): object {
  if (isApiError(listed)) return listed;
  const { query, expand } = listed;
  const found = page(query);
  if (found === undefined) {
    const param = query.startingAfter === undefined ? 'ending_before' : 'starting_after';
    return noSuchObject(what, query.startingAfter ?? query.endingBefore ?? '', 400, param);
  }
  return { object: 'list', data: found.data.map((item) => json(item, expand)), has_more: found.hasMore, url };
}

export function unexpandable(paths: readonly string[], expandable: readonly string[]): ApiError | undefined {
  const unknown = expandProblem(paths, expandable);
  return unknown === undefined
    ? undefined
    : invalidRequest(`This property cannot be expanded (${unknown}).`, undefined, 'expand');
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
