import { randomBytes } from 'node:crypto';
import { Code, CommandError } from '../errors';
import type { View } from '../storage/view';

/** MongoDB's `cursorTimeoutMillis`. */
export const CURSOR_TIMEOUT_MS = 10 * 60_000;
export const FIRST_BATCH = 101;
/** A batch ends before it would make a reply larger than a document may be. */
const MAX_BATCH_BYTES = 16 * 2 ** 20;

export interface Cursor {
  readonly namespace: string;
  /** The view it reads; a cursor of a transaction is of no use outside. */
  readonly view: View;
  readonly rows: Iterator<Buffer, unknown>;
  /** A row that was read and did not fit any more. */
  pending: Buffer | undefined;
  usedAtMs: number;
}

export interface Batch {
  readonly rows: Buffer[];
  readonly done: boolean;
}

export class Cursors {
  private readonly open = new Map<bigint, Cursor>();

  constructor(private readonly nowMs: () => number) {}

  get size(): number {
    return this.open.size;
  }

  start(namespace: string, view: View, rows: Iterator<Buffer, unknown>): Cursor {
    return { namespace, view, rows, pending: undefined, usedAtMs: this.nowMs() };
  }

  keep(cursor: Cursor): bigint {
    // 53 bits, and never 0, which means "no more rows"
    const id = BigInt(randomBytes(6).readUIntBE(0, 6) + 1);
    this.open.set(id, cursor);
    return id;
  }

  /** @throws CommandError 43 for an unknown id, and for one of another namespace or transaction. */
  find(id: bigint, namespace: string, view: View): Cursor {
    const cursor = this.open.get(id);
    if (cursor?.namespace !== namespace || cursor.view !== view) {
      throw new CommandError(Code.CursorNotFound, `cursor id ${id.toString()} not found`);
    }
    cursor.usedAtMs = this.nowMs();
    return cursor;
  }

  close(id: bigint): boolean {
    return this.open.delete(id);
  }

  reap(): void {
    const oldest = this.nowMs() - CURSOR_TIMEOUT_MS;
    for (const [id, cursor] of this.open) if (cursor.usedAtMs < oldest) this.open.delete(id);
  }
}

/** @param size rows at most; 0 = as many as fit. */
export function nextBatch(cursor: Cursor, size: number): Batch {
  const rows: Buffer[] = [];
  let bytes = 0;
  while (size === 0 || rows.length < size) {
    const row = cursor.pending ?? nextRow(cursor);
    cursor.pending = undefined;
    if (row === undefined) return { rows, done: true };
    bytes += row.length;
    if (bytes > MAX_BATCH_BYTES && rows.length > 0) {
      cursor.pending = row;
      break;
    }
    rows.push(row);
  }
  return { rows, done: false };
}

function nextRow(cursor: Cursor): Buffer | undefined {
  const next = cursor.rows.next();
  return next.done === true ? undefined : next.value;
}
