import { Code, CommandError } from '../errors';
import { encode } from '../values/encode';
import { documentValue, fieldNamed, fieldsOf, Type, Value } from '../values/value';
import { Environment, put, remove, walk } from '../storage/environment';

/** MongoDB forgets a session, and with it the replies of its retryable writes, after 30 minutes. */
export const SESSION_TIMEOUT_MS = 30 * 60_000;

const keyOfSession = (session: string): Buffer => Buffer.from(`r:${session}`);

/** The last retryable write of each session, saved in the same commit as the write itself. */
export class RetriedWrites {
  constructor(private readonly environment: Environment) {}

  /**
   * @returns the reply of the same write done before, if there is one.
   * @throws CommandError 225 when the session has gone on to a later write.
   */
  replyFor(session: string, number: bigint): Buffer | undefined {
    const saved = this.environment.meta.get(keyOfSession(session));
    if (saved === undefined) return undefined;
    const fields = fieldsOf(documentValue(saved));
    const last = int64(fieldNamed(fields, 'txnNumber'));
    if (number < last) {
      throw new CommandError(
        Code.TransactionTooOld,
        `Retryable write with txnNumber ${number.toString()} is prohibited: a newer one, ${last.toString()}, has started`,
      );
    }
    const reply = fieldNamed(fields, 'reply');
    return number === last && reply ? reply.bytes.subarray(reply.from, reply.to) : undefined;
  }

  save(session: string, txnNumber: bigint, reply: Buffer, nowMs: number): void {
    put(this.environment.meta, keyOfSession(session), encode({ txnNumber, at: BigInt(nowMs), reply }));
  }

  /** To be run as a write job. */
  prune(nowMs: number): number {
    const all = { low: Buffer.from('r:'), high: Buffer.from('r;'), exact: false };
    const old: Buffer[] = [];
    for (const { key, value } of walk(this.environment.meta, all, false)) {
      const at = int64(fieldNamed(fieldsOf(documentValue(value)), 'at'));
      if (at + BigInt(SESSION_TIMEOUT_MS) < BigInt(nowMs)) old.push(key);
    }
    for (const key of old) remove(this.environment.meta, key);
    return old.length;
  }
}

function int64(value: Value | undefined): bigint {
  if (value?.type !== Type.int64) throw new Error('a saved write without its number');
  return value.bytes.readBigInt64LE(value.from);
}
