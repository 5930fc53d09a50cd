import { AppendRefused } from './failures';
import { MAX_EVENTS_PER_APPEND } from './limits';

/** An append of nothing is answered wrongly by the client (revision 0 for a stream that does not exist): refuse it here. */
export function assertAppendable(stream: string, expected: bigint | 'no_stream', count: number): void {
  if (stream === '' || stream.startsWith('$')) throw new AppendRefused(stream, 'not an application stream');
  if (count === 0) throw new AppendRefused(stream, 'nothing to append');
  if (count > MAX_EVENTS_PER_APPEND) {
    throw new AppendRefused(stream, `${count} events, at most ${MAX_EVENTS_PER_APPEND}`);
  }
  if (expected !== 'no_stream' && expected < 0n)
    throw new AppendRefused(stream, 'negative expected revision');
}

/** An empty list matches nothing on the server and an empty prefix matches system streams: both are mistakes. */
export function assertPrefixes(prefixes: readonly string[]): void {
  if (prefixes.length === 0) throw new RangeError('at least one stream prefix is needed');
  for (const prefix of prefixes) {
    if (prefix === '' || prefix.startsWith('$')) throw new RangeError(`not a stream prefix: "${prefix}"`);
  }
}

export function assertCount(name: string, value: number, max: number): void {
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new RangeError(`${name} must be an integer from 1 to ${max}, got ${value}`);
  }
}
