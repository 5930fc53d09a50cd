/**
 * One line of what really happened at the PSP, whatever the client was told. Auditors compare it with the books.
 * Amounts are ISO 4217 minor units even where the PSP counts otherwise.
 */
export interface TruthRow {
  /** The PSP's own id of the payment. */
  readonly reference: string;
  /** The id that the client sent along (`att_…`), if any. */
  readonly our_reference: string | null;
  readonly idempotency_key: string | null;
  readonly kind: 'charge' | 'capture' | 'void' | 'refund' | 'dispute' | 'payout';
  readonly amount: number;
  readonly currency: string;
  readonly status: 'pending' | 'requires_action' | 'requires_capture' | 'succeeded' | 'failed' | 'canceled';
  /** RFC 3339, by the simulator's clock. */
  readonly at: string;
}

const ROWS_PER_CHUNK = 500;

/** A JSON array in pieces: a long run has millions of rows and must not be held twice. */
export function* rowsAsJson(rows: Iterable<object>): Generator<string> {
  let chunk: string[] = [];
  let separator = '[';
  for (const row of rows) {
    chunk.push(JSON.stringify(row));
    if (chunk.length === ROWS_PER_CHUNK) {
      yield separator + chunk.join(',');
      separator = ',';
      chunk = [];
    }
  }
  yield (chunk.length > 0 || separator === '[' ? separator : '') + chunk.join(',') + ']';
}
