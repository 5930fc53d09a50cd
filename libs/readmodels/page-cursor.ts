import { InvalidCursor } from './failures';

/** The last row of a page, by what the list is ordered by. */
export interface PagePlace {
  readonly createdAt: Date;
  readonly id: string;
}

/** Versioned, so that a list that is ordered differently one day refuses the cursors of today. */
const FORMAT = /^1:(\d{1,16}):([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** ECMA-262: a time value is at most this far from the epoch. */
const MAX_TIME_MS = 8.64e15;

/** Opaque to callers, who would otherwise build their own and depend on the order. */
export const encodeCursor = ({ createdAt, id }: PagePlace): string =>
  Buffer.from(`1:${createdAt.getTime()}:${id}`).toString('base64url');

/** @throws InvalidCursor */
export function decodeCursor(cursor: string): PagePlace {
  const match = FORMAT.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const [, createdAtMs, id] = match ?? [];
  if (createdAtMs === undefined || id === undefined) throw new InvalidCursor();
  const place = { createdAt: new Date(Number(createdAtMs)), id };
  if (Number(createdAtMs) > MAX_TIME_MS) throw new InvalidCursor();
  // base64 readers skip what they do not know: only the text that we issued is a cursor
  if (encodeCursor(place) !== cursor) throw new InvalidCursor();
  return place;
}
