/**
 * `<category>-<id>`: the server's own convention (`$by_category` cuts at the first dash), so a category has no dash and an id
 * may have some.
 */
const CATEGORY = /^[A-Za-z][A-Za-z0-9]*$/;

/** EventStoreDB takes longer names; stores that index by name (LMDB keys: 1,978 bytes) do not. */
export const MAX_STREAM_NAME_BYTES = 500;

export function streamName(category: string, id: string): string {
  if (!CATEGORY.test(category)) throw new RangeError(`not a stream category: "${category}"`);
  if (id === '') throw new RangeError(`a stream of ${category} needs an id`);
  const name = `${category}-${id}`;
  if (Buffer.byteLength(name) > MAX_STREAM_NAME_BYTES) {
    throw new RangeError(`stream name over ${MAX_STREAM_NAME_BYTES} bytes: ${name.slice(0, 80)}…`);
  }
  return name;
}

export const categoryOf = (stream: string): string => stream.slice(0, dashOf(stream));

export const idOf = (stream: string): string => stream.slice(dashOf(stream) + 1);

/** What a subscription to every stream of a category filters by. */
export function categoryPrefix(category: string): string {
  if (!CATEGORY.test(category)) throw new RangeError(`not a stream category: "${category}"`);
  return `${category}-`;
}

function dashOf(stream: string): number {
  const dash = stream.indexOf('-');
  if (dash < 1 || dash === stream.length - 1) throw new RangeError(`not a stream name: "${stream}"`);
  return dash;
}
