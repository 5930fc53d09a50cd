import { CommandError, notBuilt } from '../errors';
import { compare } from '../values/compare';
import { keyOfParts } from '../values/key';
import { fieldsOf, isNumber, NULL, numberOf, Type, Value } from '../values/value';
import { expand } from './expand';
import { StoredDocument } from './path';

export interface SortField {
  readonly path: string;
  readonly descending: boolean;
}

const BAD_SORT_DIRECTION = 15975;

export function compileSort(source: Value | undefined): readonly SortField[] {
  if (source === undefined) return [];
  return fieldsOf(source).map((field) => {
    if (field.type === Type.object) throw notBuilt('$meta in a sort');
    if (field.name === '$natural') throw notBuilt('sort by $natural');
    const direction = isNumber(field) ? numberOf(field) : 0;
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(
        BAD_SORT_DIRECTION,
        '$sort key ordering must be 1 (ascending) or -1 (descending)',
      );
    }
    return { path: field.name, descending: direction === -1 };
  });
}

/** Bytes that sort as the documents do. Of an array the smallest element counts, descending the largest. */
export function sortKey(document: StoredDocument, sort: readonly SortField[]): Buffer {
  return keyOfParts(
    0,
    sort.map(({ path, descending }) => extremeOf(document, path, descending)),
    sort.map(({ descending }) => descending),
  );
}

function extremeOf(document: StoredDocument, path: string, largest: boolean): Value {
  const candidates = expand(document, [path]).rows.map((row) => row[0] ?? NULL);
  return candidates.reduce((best, next) => (compare(next, best) > 0 === largest ? next : best));
}
