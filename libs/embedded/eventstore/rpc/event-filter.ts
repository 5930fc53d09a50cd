import { LogRecord } from '../log/record';
import { invalidArgument } from './failures';

/** Decides on one event of `$all`. */
export type EventFilter = (record: LogRecord) => boolean;

/** The filter messages of reads and of persistent subscriptions are two types of one shape. */
export interface FilterMessage {
  getStreamIdentifier(): ExpressionMessage | undefined;
  getEventType(): ExpressionMessage | undefined;
  hasMax(): boolean;
  getMax(): number;
  getCheckpointintervalmultiplier(): number;
}

interface ExpressionMessage {
  getRegex(): string;
  getPrefixList(): string[];
}

/** EventStoreDB's window when a filtered subscription names none. */
const DEFAULT_WINDOW = 32;

/** What a persistent subscription to `$all` keeps about itself must not come back through `$all`. */
const GROUP_STREAM = /^\$persistentsubscription-\$all::.*-(?:checkpoint|parked)$/s;

/** Applies to every read of `$all`. */
export function isVisibleInAll(record: LogRecord): boolean {
  const { stream } = record;
  // '$': other names cannot be hidden, and most names are others
  if (stream.charCodeAt(0) !== 0x24) return true;
  return stream !== '$epoch-information' && !GROUP_STREAM.test(stream);
}

/** A filter as it can be stored with a persistent subscription. */
export interface ExpressionFilter {
  readonly on: 'stream' | 'type';
  /** Wins over the prefixes when not empty. */
  readonly regex: string;
  readonly prefixes: readonly string[];
}

export function expressionOf(message: FilterMessage): ExpressionFilter {
  const byStream = message.getStreamIdentifier();
  const expression = byStream ?? message.getEventType();
  if (expression === undefined) throw invalidArgument('A filter needs a stream or an event type expression.');
  return {
    on: byStream === undefined ? 'type' : 'stream',
    regex: expression.getRegex(),
    prefixes: expression.getPrefixList(),
  };
}

export function toEventFilter(expression: ExpressionFilter): EventFilter {
  const matches = matcher(expression);
  return expression.on === 'type' ? (record) => matches(record.type) : (record) => matches(record.stream);
}

/** Events considered between two checkpoints of a filtered subscription. */
export function checkpointInterval(message: FilterMessage): number {
  const window = message.hasMax() ? message.getMax() : DEFAULT_WINDOW;
  const interval = window * message.getCheckpointintervalmultiplier();
  if (interval <= 0) throw invalidArgument('The checkpoint interval of a filter must be positive.');
  return interval;
}

/** An empty prefix list matches nothing. */
function matcher({ regex, prefixes }: ExpressionFilter): (text: string) => boolean {
  if (regex !== '') {
    const pattern = compile(regex);
    return (text) => pattern.test(text);
  }
  const [only] = prefixes;
  if (only !== undefined && prefixes.length === 1) return (text) => text.startsWith(only);
  return (text) => prefixes.some((prefix) => text.startsWith(prefix));
}

function compile(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw invalidArgument(`The regular expression ${source} of the filter is not valid.`);
  }
}
