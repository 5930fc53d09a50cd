import type { Engine } from '../engine';
import type { ReadRules } from '../query/execute';
import type { Query } from '../query/query';
import { compileFilter } from '../query/filter';
import { compileSort } from '../query/order';
import type { View } from '../storage/view';
import { EncodableDocument } from '../values/encode';
import { stringOf, Type, Value } from '../values/value';
import { badValue } from '../errors';
import type { Accepted, Request } from './request';

export type Reply = EncodableDocument;

/** A command after all its parts were compiled; nothing was read yet. */
export interface Prepared {
  /** Writes may have to create their collection, in a commit of its own, before they run. */
  readonly creates?: string;
  readonly run: (view: View) => Reply | Promise<Reply>;
}

export interface Command extends Accepted {
  /**
   * `read` runs at once, `write` as a job of the group commit, `admin` by itself (it may wait and never joins a
   * transaction).
   */
  readonly kind: 'read' | 'write' | 'admin';
  readonly acceptsAnyField?: true;
  readonly prepare: (engine: Engine, request: Request) => Prepared;
}

export function rulesFor(engine: Engine, request: Request): ReadRules {
  const maxTimeMs = request.integer('maxTimeMS') ?? 0;
  return {
    command: request.name,
    audit: engine.audit,
    strictCollscan: engine.options.strictCollscan,
    deadlineMs: maxTimeMs > 0 ? performance.now() + maxTimeMs : undefined,
  };
}

export function hintOf(hint: Value | undefined): Value | string | undefined {
  if (hint === undefined || hint.type === Type.object) return hint;
  if (hint.type === Type.string) return stringOf(hint);
  throw badValue('hint must be an index name or a key pattern');
}

const EMPTY_FILTER = { conditions: [], alternatives: [] };

export function queryOf(
  request: Request,
  names: { filter: string; sort?: string },
  bounds: { skip?: number; limit?: number } = {},
): Query {
  const filter = request.object(names.filter);
  return {
    filter: filter === undefined ? EMPTY_FILTER : compileFilter(filter),
    sort: compileSort(names.sort === undefined ? undefined : request.object(names.sort)),
    hint: hintOf(request.get('hint')),
    skip: bounds.skip ?? 0,
    limit: bounds.limit ?? 0,
  };
}
