/**
 * Passes a filter on if it says what it seems to say. With `undefined` in it a condition either vanishes and matches
 * everything (`ignoreUndefined`) or matches the documents that lack the field; nobody ever means either.
 * @throws TypeError naming the path
 */
export function definedFilter<Filter extends object>(filter: Filter): Filter {
  assertDefined(filter, '');
  return filter;
}

function assertDefined(value: unknown, path: string): void {
  if (value === undefined) throw new TypeError(`undefined in a filter at "${path}"`);
  if (typeof value !== 'object' || value === null || value instanceof Date) return;
  for (const [key, inner] of Object.entries(value))
    assertDefined(inner, path === '' ? key : `${path}.${key}`);
}
