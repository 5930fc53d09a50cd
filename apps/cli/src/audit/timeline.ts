import type { Journal, Payment } from '@tender/domain';
import { publicId } from '@tender/domain';
import type { RecordedEvent } from '@tender/eventstore';
import { amountText, evidenceOf, wordsOf, type StoryEvent } from './event-words';
import { journalLines } from './journal-text';
import type { NoticeEvidence } from './notices';

/** One event of a story as it is told. */
export interface Entry {
  readonly event: RecordedEvent;
  /** Since the event before, ms; undefined for the first. */
  readonly sinceMs: number | undefined;
  readonly what: string;
  readonly cause: Cause;
  readonly evidence: readonly string[];
  /** What it posts to the ledger. */
  readonly journals: readonly Journal[];
}

/** Why it was recorded: an event of this story, a PSP's notice, or a request from outside by its id. */
export type Cause =
  | { readonly kind: 'event'; readonly number: number; readonly type: string; readonly id: string }
  | { readonly kind: 'notice'; readonly notice: NoticeEvidence }
  | { readonly kind: 'request'; readonly id: string };

export function timelineOf(
  story: readonly RecordedEvent[],
  notices: ReadonlyMap<string, NoticeEvidence>,
  journals: ReadonlyMap<string, readonly Journal[]>,
): readonly Entry[] {
  const numbers = new Map(story.map(({ id }, index) => [id, index]));
  return story.map((event, index) => {
    const before = story[index - 1];
    // the codec lets only catalogued types through, and these streams hold those two kinds
    const told = event as unknown as StoryEvent;
    return {
      event,
      sinceMs: before === undefined ? undefined : timeOf(event) - timeOf(before),
      what: wordsOf(told),
      cause: causeOf(event, story, numbers, notices),
      evidence: evidenceOf(told),
      journals: journals.get(event.id) ?? [],
    };
  });
}

function causeOf(
  { metadata }: RecordedEvent,
  story: readonly RecordedEvent[],
  numbers: ReadonlyMap<string, number>,
  notices: ReadonlyMap<string, NoticeEvidence>,
): Cause {
  const id = metadata.causationId;
  const number = numbers.get(id);
  const event = number === undefined ? undefined : story[number];
  if (number !== undefined && event !== undefined) return { kind: 'event', number, type: event.type, id };
  const notice = notices.get(id);
  return notice === undefined ? { kind: 'request', id } : { kind: 'notice', notice };
}

const timeOf = ({ metadata }: RecordedEvent): number => Date.parse(metadata.recordedAt);

/** For a terminal: the payment in two lines, then each event with its place, its words and where it came from. */
export function timelineText(payment: Payment, entries: readonly Entry[]): string {
  const first = entries[0]?.event.metadata.recordedAt ?? '';
  return [
    `${publicId('pay', payment.id)}   ${amountText(payment)}   ${payment.status}   merchant ${payment.merchant}`,
    `${entries.length} events, times UTC, from ${first}`,
    '',
    ...entries.flatMap(entryLines),
  ].join('\n');
}

const INDENT = ' '.repeat(29);

function entryLines(entry: Entry, number: number): readonly string[] {
  const { event, sinceMs, what, evidence, journals } = entry;
  const { metadata, stream, revision, position } = event;
  const since = sinceMs === undefined ? '' : `+${durationText(sinceMs)}`;
  const clock = metadata.recordedAt.slice(11, 23);
  return [
    `${clock} ${since.padStart(9)} ${`#${number}`.padStart(4)}  ${event.type}: ${what}`,
    `${INDENT}by ${metadata.actor}, ${causeText(entry.cause)}`,
    ...evidence.map((line) => `${INDENT}${line}`),
    ...journals.flatMap(journalLines).map((line) => `${INDENT}${line}`),
    `${INDENT}${stream} @${revision}, position ${position.commit}/${position.prepare}`,
  ];
}

function causeText(cause: Cause): string {
  switch (cause.kind) {
    case 'event':
      return `because of #${cause.number} ${cause.type}`;
    case 'notice':
      return `because of ${cause.notice.psp}’s notice ${cause.notice.noticeId} (sha256 ${cause.notice.bodySha256.slice(0, 12)}…)`;
    case 'request':
      return `because of request ${cause.id}`;
  }
}

export function durationText(ms: number): string {
  if (ms < 10_000) return `${ms} ms`;
  if (ms < 600_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${(ms / 86_400_000).toFixed(1)} d`;
}
