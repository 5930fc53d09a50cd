/** The number a client gave a retryable write, or the transaction a statement belongs to. */
export interface WriteNumber {
  readonly session: string;
  readonly number: bigint;
  readonly inTransaction: boolean;
  readonly starts: boolean;
}

/** Codes after which the driver may send the same write again (retryable writes specification). */
const RETRYABLE = new Set([6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436]);
/** Further codes after which a whole transaction may be run again. */
const TRANSIENT = new Set([24, 112, 246, 251, 267]);

export function labelsFor(
  code: number,
  command: string,
  state: WriteNumber | undefined,
): string[] | undefined {
  if (state === undefined) return undefined;
  const ends = command === 'commitTransaction' || command === 'abortTransaction';
  if (!state.inTransaction || ends) {
    if (RETRYABLE.has(code)) return ['RetryableWriteError'];
    return ends && TRANSIENT.has(code) ? ['TransientTransactionError'] : undefined;
  }
  return RETRYABLE.has(code) || TRANSIENT.has(code) ? ['TransientTransactionError'] : undefined;
}
