import { InvalidCursor } from '../failures';

/** The last entry of a page, and the moment that the list is of. */
export interface EntriesPlace {
  readonly asOfSeq: bigint;
  readonly seq: bigint;
  /** Of the journal's lines, from 0. */
  readonly line: number;
}

/** Versioned, as every cursor is: see `page-cursor`. int64 has 19 digits. */
const FORMAT = /^1:(\d{1,19}):(\d{1,19}):(\d{1,4})$/;
const MAX_INT64 = 2n ** 63n - 1n;

export const encodeEntriesCursor = ({ asOfSeq, seq, line }: EntriesPlace): string =>
  Buffer.from(`1:${asOfSeq}:${seq}:${line}`).toString('base64url');

/** @throws InvalidCursor */
export function decodeEntriesCursor(cursor: string): EntriesPlace {
  const match = FORMAT.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  const [, asOfSeq, seq, line] = match ?? [];
  if (asOfSeq === undefined || seq === undefined || line === undefined) throw new InvalidCursor();
  const place = { asOfSeq: BigInt(asOfSeq), seq: BigInt(seq), line: Number(line) };
  if (place.asOfSeq > MAX_INT64 || place.seq > place.asOfSeq) throw new InvalidCursor();
  if (encodeEntriesCursor(place) !== cursor) throw new InvalidCursor();
  return place;
}
