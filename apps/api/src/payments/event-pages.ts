import type { Position, RecordedEvent } from '@tender/eventstore';
import { comparePositions } from '@tender/eventstore';
import { validationFailed } from '../http/dto-rules';

export interface EventPageQuery {
  readonly limit: number;
  /** The last event of the page before, by its place in the log; undefined for the first page. */
  readonly after: Position | undefined;
}

export interface EventPage {
  readonly items: readonly RecordedEvent[];
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/**
 * A page is cut by place in the log and not by number: what is recorded meanwhile comes after every page.
 *
 * @param events in the order of the log
 */
export function eventPageOf(events: readonly RecordedEvent[], { limit, after }: EventPageQuery): EventPage {
  const rest =
    after === undefined ? events : events.filter(({ position }) => comparePositions(position, after) > 0);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rest.length > limit && last !== undefined ? cursorOf(last.position) : undefined };
}

/** Versioned, and opaque to callers, who would otherwise build their own. */
const FORMAT = /^e1:(\d{1,20}):(\d{1,20})$/;

const cursorOf = ({ commit, prepare }: Position): string =>
  Buffer.from(`e1:${commit}:${prepare}`).toString('base64url');

/** @throws Problem `validation_failed` for a text that is no cursor of ours */
export function placeFrom(cursor: string): Position {
  const [, commit, prepare] = FORMAT.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (commit !== undefined && prepare !== undefined) {
    const place = { commit: BigInt(commit), prepare: BigInt(prepare) };
    // base64 readers skip what they do not know: only the text that we issued is a cursor
    if (cursorOf(place) === cursor) return place;
  }
  throw validationFailed([{ field: 'cursor', message: 'is not a cursor of this list' }]);
}
