import { badValue, Code, CommandError, notBuilt } from '../errors';
import type { Engine } from '../engine';
import { execute, planQuery, ReadRules } from '../query/execute';
import type { Query } from '../query/query';
import { compileProjection, project } from '../query/projection';
import { describePlan } from '../query/explain';
import { compileStages, runPipeline } from '../query/pipeline';
import type { View } from '../storage/view';
import { nextBatch, FIRST_BATCH } from '../sessions/cursors';
import { fieldsOf, Type, Value } from '../values/value';
import { Command, hintOf, queryOf, Reply, rulesFor } from './command';
import { assertAccepted, Request, Statement } from './request';

const NEGATIVE_SKIP = 51024;

function cursorReply(
  engine: Engine,
  view: View,
  namespace: string,
  rows: Iterator<Buffer, unknown>,
  batchSize: number,
  single: boolean,
): Reply {
  const cursor = engine.cursors.start(namespace, view, rows);
  // batchSize 0 asks for a cursor and no rows yet
  const { rows: firstBatch, done } =
    batchSize === 0 ? { rows: [], done: false } : nextBatch(cursor, batchSize);
  const id = done || single ? 0n : engine.cursors.keep(cursor);
  return { cursor: { firstBatch, id, ns: namespace } };
}

function batchSizeIn(request: Request, fallback: number): number {
  const size = request.integer('batchSize') ?? fallback;
  if (size < 0) throw badValue('batchSize must be non-negative');
  return size;
}

function countIn(request: Request, name: 'skip' | 'limit'): number {
  const count = request.integer(name) ?? 0;
  if (name === 'skip' && count < 0) {
    throw new CommandError(NEGATIVE_SKIP, `BSON field 'skip' value must be >= 0, actual value '${count}'`);
  }
  return count;
}

const FIND_FIELDS = {
  used: ['find', 'filter', 'sort', 'projection', 'limit', 'skip', 'batchSize', 'singleBatch', 'hint'],
  refused: [
    'collation',
    'min',
    'max',
    'returnKey',
    'showRecordId',
    'tailable',
    'awaitData',
    'let',
    'oplogReplay',
  ],
};

function* projected(
  view: View,
  engine: Engine,
  namespace: string,
  query: Query,
  rules: ReadRules,
  projection: ReturnType<typeof compileProjection>,
): Generator<Buffer> {
  const collection = engine.catalog.find(namespace);
  if (collection === undefined) return;
  for (const { document } of execute(view, collection, query, rules)) yield project(projection, document);
}

export const find: Command = {
  kind: 'read',
  ...FIND_FIELDS,
  prepare: (engine, request) => {
    const { namespace } = request;
    const limit = countIn(request, 'limit');
    const query = queryOf(
      request,
      { filter: 'filter', sort: 'sort' },
      { skip: countIn(request, 'skip'), limit: Math.abs(limit) },
    );
    const projection = compileProjection(request.object('projection'));
    const single = request.boolean('singleBatch') || limit < 0;
    const batchSize = batchSizeIn(request, limit === 0 ? FIRST_BATCH : Math.abs(limit));
    const rules = rulesFor(engine, request);
    return {
      run: (view) => {
        const rows = projected(view, engine, namespace, query, rules, projection);
        return cursorReply(engine, view, namespace, rows, batchSize, single);
      },
    };
  },
};

export const getMore: Command = {
  kind: 'read',
  used: ['getMore', 'collection', 'batchSize'],
  prepare: (engine, request) => {
    const id = cursorId(request.fields[0]);
    const namespace = `${request.database}.${request.string('collection') ?? ''}`;
    const size = batchSizeIn(request, 0);
    return {
      run: (view) => {
        const cursor = engine.cursors.find(id, namespace, view);
        const { rows, done } = nextBatch(cursor, size);
        if (done) engine.cursors.close(id);
        return { cursor: { nextBatch: rows, id: done ? 0n : id, ns: namespace } };
      },
    };
  },
};

function cursorId(field: Value | undefined): bigint {
  if (field?.type !== Type.int64) throw new CommandError(Code.TypeMismatch, 'a cursor id must be an int64');
  return field.bytes.readBigInt64LE(field.from);
}

export const killCursors: Command = {
  kind: 'read',
  used: ['killCursors', 'cursors'],
  prepare: (engine, request) => {
    const ids = (request.list('cursors') ?? []).map(cursorId);
    return {
      run: () => {
        const killed = ids.filter((id) => engine.cursors.close(id));
        const cursorsNotFound = ids.filter((id) => !killed.includes(id));
        return { cursorsKilled: killed, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] };
      },
    };
  },
};

export const count: Command = {
  kind: 'read',
  used: ['count', 'query', 'limit', 'skip', 'hint', 'fields'],
  refused: ['collation'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const bounds = { skip: countIn(request, 'skip'), limit: Math.abs(countIn(request, 'limit')) };
    const query = queryOf(request, { filter: 'query' }, bounds);
    const rules = rulesFor(engine, request);
    return {
      run: (view) => {
        const collection = engine.catalog.find(namespace);
        let n = 0;
        for (const _ of collection ? execute(view, collection, query, rules) : []) n++;
        return { n };
      },
    };
  },
};

export const aggregate: Command = {
  kind: 'read',
  used: ['aggregate', 'pipeline', 'cursor', 'hint'],
  refused: ['explain', 'collation', 'let'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const cursor = request.get('cursor');
    if (cursor === undefined) {
      throw new CommandError(Code.FailedToParse, "The 'cursor' option is required, except for explain");
    }
    const options = new Statement(cursor, { used: ['batchSize'] });
    const batchSize = batchSizeIn(options, FIRST_BATCH);
    const pipeline = compileStages(request.list('pipeline') ?? [], hintOf(request.get('hint')));
    const rules = rulesFor(engine, request);
    engine.audit.recordUse('aggregate', request.string('aggregate') ?? '', pipeline.shape);
    return {
      run: (view) => {
        const collection = engine.catalog.find(namespace);
        const rows = runPipeline(pipeline, view, collection, rules);
        return cursorReply(engine, view, namespace, rows, batchSize, false);
      },
    };
  },
};

export const explain: Command = {
  kind: 'read',
  used: ['explain', 'verbosity'],
  prepare: (engine, request) => {
    const [inner] = request.fields;
    const fields = inner?.type === Type.object ? fieldsOf(inner) : [];
    if (fields[0]?.name !== 'find') throw notBuilt(`explain of ${fields[0]?.name ?? 'nothing'}`);
    if (request.get('verbosity') !== undefined && request.string('verbosity') !== 'queryPlanner') {
      throw notBuilt('explain with execution statistics');
    }
    const explained = new Request(fields, new Map(), request.database);
    assertAccepted(explained.fields, FIND_FIELDS);
    const { namespace } = explained;
    const query = queryOf(explained, { filter: 'filter', sort: 'sort' });
    return {
      run: (view) => {
        const collection = engine.catalog.find(namespace);
        const plan = collection && planQuery(view, collection, query);
        return {
          explainVersion: '1',
          queryPlanner: { namespace, winningPlan: describePlan(plan, query) },
          serverInfo: { version: engine.version },
        };
      },
    };
  },
};
