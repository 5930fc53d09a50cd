/** One line of a story: who did what, and everything that was different afterwards. */
export interface Happening {
  readonly who: string;
  readonly what: string;
  /** Status codes with how often each was answered, of a delivery. */
  readonly answers: ReadonlyMap<number, number>;
  /** New events by stream, in order. */
  readonly recorded: readonly { readonly stream: string; readonly events: readonly string[] }[];
  /** What came of the notices that were read, in the words of `NoticeResult`. */
  readonly results: readonly string[];
  /** What is different about payment and refund. */
  readonly changes: readonly string[];
  /** Counters that rose, gauges that moved, warnings that were logged. */
  readonly seen: readonly string[];
}

/** The fields of an event that say why. */
const TELLING = ['as', 'because', 'setAsideAs', 'why', 'stage'] as const;

export function eventText(type: string, data: unknown): string {
  const fields = data as Readonly<Record<string, unknown>>;
  const words = TELLING.flatMap((name) => (typeof fields[name] === 'string' ? [fields[name]] : []));
  return words.length === 0 ? `\`${type}\`` : `\`${type}\` (${words.join(', ')})`;
}

const WATCHED =
  /^(tender_(?:webhooks_total|notices_total|notices_parked|worker_problems_total)(?:\{[^}]*\})?) (\S+)$/gm;

/** The samples of a metrics page that stories are told by. */
export const samplesIn = (text: string): Map<string, number> =>
  new Map([...text.matchAll(WATCHED)].map(([, name = '', value]) => [name, Number(value)]));

/** Without the PSP's name, which the story tells, and with the values of the other labels only. */
export function sampleText(sample: string, before: number, after: number): readonly string[] {
  if (before === after) return [];
  const name = /^\w+/.exec(sample)?.[0] ?? sample;
  if (!name.endsWith('_total')) return [`\`${name}\` ${after}`];
  const labels = [...sample.matchAll(/(\w+)="([^"]+)"/g)].filter(([, label]) => label !== 'psp');
  const times = after - before === 1 ? '' : ` × ${after - before}`;
  return [`\`${name}\` ${labels.map(([, , value]) => value).join(', ')}${times}`];
}

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly why?: string;
  readonly what?: string;
}

/** pino's number. */
const WARN = 40;

/** What a line of a log says, if somebody is meant to see it. */
export function warningIn(line: string): readonly string[] {
  const { level, msg, why, what } = JSON.parse(line) as LogLine;
  const more = why ?? what;
  return level < WARN ? [] : [more === undefined ? msg : `${msg}, ${more}`];
}
