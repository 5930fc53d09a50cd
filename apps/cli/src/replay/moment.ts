import { comparePositions, type Position, type RecordedEvent } from '@tender/eventstore';
import { CliFailure, EXIT } from '../exit-codes';

/** A moment that a story can be cut at, that moment included. */
export type Moment =
  | { readonly kind: 'time'; readonly atMs: number }
  | { readonly kind: 'position'; readonly position: Position }
  | { readonly kind: 'revision'; readonly revision: bigint };

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/i;
const POSITION = /^(\d{1,19})\/(\d{1,19})$/;
const REVISION = /^\d{1,15}$/;

/**
 * An RFC 3339 time, in ms.
 *
 * @throws CliFailure `usage`
 */
export function timeFrom(option: string, text: string): number {
  const atMs = msOf(text);
  if (!Number.isNaN(atMs)) return atMs;
  throw new CliFailure(
    EXIT.usage,
    `${option} "${text.slice(0, 80)}" is no time: give RFC 3339 (2026-01-31T12:00:00Z).`,
  );
}

const msOf = (text: string): number => (TIME.test(text) ? Date.parse(text) : Number.NaN);

/** @throws CliFailure `usage` */
export function momentFrom(text: string): Moment {
  const [, commit, prepare] = POSITION.exec(text) ?? [];
  if (commit !== undefined && prepare !== undefined) {
    return { kind: 'position', position: { commit: BigInt(commit), prepare: BigInt(prepare) } };
  }
  if (REVISION.test(text)) return { kind: 'revision', revision: BigInt(text) };
  const atMs = msOf(text);
  if (!Number.isNaN(atMs)) return { kind: 'time', atMs };
  throw new CliFailure(
    EXIT.usage,
    `--to "${text.slice(0, 80)}" is no moment: give an RFC 3339 time (2026-01-31T12:00:00Z), a position (1234/1234), or a revision (3).`,
  );
}

/** Whether the event had happened by then. Times are those that the recording process wrote into the event. */
export function isBy(moment: Moment, event: RecordedEvent): boolean {
  switch (moment.kind) {
    case 'time':
      return Date.parse(event.metadata.recordedAt) <= moment.atMs;
    case 'position':
      return comparePositions(event.position, moment.position) <= 0;
    case 'revision':
      return event.revision <= moment.revision;
  }
}
