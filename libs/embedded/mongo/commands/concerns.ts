import { badValue, Code, notBuilt } from '../errors';
import { fieldNamed, fieldsOf, isNumber, numberOf, stringOf, Type, Value } from '../values/value';
import type { Reply } from './command';
import { Request, Statement } from './request';

const LEVELS = ['local', 'available', 'majority', 'linearizable'];

/** One node with one commit at a time: every level but a snapshot of the past reads the latest. */
export function checkReadConcern(request: Request, inTransaction = false): void {
  const source = request.object('readConcern');
  if (source === undefined) return;
  const concern = new Statement(source, { used: ['level', 'afterClusterTime'], refused: ['atClusterTime'] });
  const level = concern.string('level') ?? 'local';
  if (LEVELS.includes(level) || (level === 'snapshot' && inTransaction)) return;
  throw level === 'snapshot'
    ? notBuilt('snapshot reads outside transactions')
    : badValue(`read concern ${level}`);
}

/** The write is applied in any case; a concern that one node cannot meet is reported beside the result. */
export function writeConcernReply(request: Request): Reply {
  const source = request.object('writeConcern');
  const w = source && fieldNamed(fieldsOf(source), 'w');
  if (w === undefined) return {};
  if (isNumber(w))
    return numberOf(w) <= 1
      ? {}
      : concernError(Code.UnsatisfiableWriteConcern, 'Not enough data-bearing nodes');
  if (w.type === Type.string && stringOf(w) === 'majority') return {};
  return concernError(Code.UnknownReplWriteConcern, `No write concern mode named '${nameOf(w)}' found`);
}

const nameOf = (w: Value): string => (w.type === Type.string ? stringOf(w) : 'of an unknown type');

const concernError = (code: number, errmsg: string): Reply => ({ writeConcernError: { code, errmsg } });
