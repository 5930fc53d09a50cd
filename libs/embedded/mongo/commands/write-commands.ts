import { badValue, Code, CommandError, notBuilt } from '../errors';
import type { Engine } from '../engine';
import { compileProjection, project } from '../query/projection';
import { execute } from '../query/execute';
import type { Query } from '../query/query';
import { compileUpdate, Update } from '../query/update';
import { StoredDocument } from '../query/path';
import type { Collection } from '../storage/catalog';
import type { View } from '../storage/view';
import { EncodableDocument } from '../values/encode';
import { Type, Value } from '../values/value';
import { Command, queryOf, Reply, rulesFor } from './command';
import { expectType, Request, Statement } from './request';
import { deleteOne, findForChange, insertOne, updateOne, upsert } from './writes';

/** MongoDB's `maxWriteBatchSize`. */
export const MAX_BATCH = 100_000;

function statementsOf(request: Request, name: string): readonly Value[] {
  const statements = request.list(name) ?? [];
  if (statements.length === 0 || statements.length > MAX_BATCH) {
    throw new CommandError(
      Code.InvalidLength,
      `Write batch sizes must be between 1 and ${MAX_BATCH}. Got ${statements.length} operations.`,
    );
  }
  return statements;
}

const orderedIn = (request: Request): boolean =>
  request.get('ordered') === undefined || request.boolean('ordered');

/** Inside a transaction the first failing statement ends everything, so it is not collected but thrown. */
function runStatements(
  engine: Engine,
  view: View,
  count: number,
  ordered: boolean,
  run: (index: number) => void,
): EncodableDocument[] {
  const errors: EncodableDocument[] = [];
  for (let index = 0; index < count; index++) {
    try {
      run(index);
    } catch (error) {
      if (!(error instanceof CommandError) || view !== engine.view) throw error;
      const { code, codeName, message, details } = error;
      errors.push({ index, code, codeName, errmsg: message, ...(details as EncodableDocument) });
      if (ordered) break;
    }
  }
  return errors;
}

const withErrors = (reply: Reply, errors: readonly EncodableDocument[]): Reply =>
  errors.length === 0 ? reply : { ...reply, writeErrors: errors };

export const insert: Command = {
  kind: 'write',
  used: ['insert', 'documents', 'ordered'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const documents = statementsOf(request, 'documents').map((one) => expectType(one, Type.object));
    const ordered = orderedIn(request);
    engine.audit.recordUse('insert', request.string('insert') ?? '', '');
    return {
      creates: namespace,
      run: (view) => {
        const collection = engine.collection(namespace);
        let n = 0;
        const errors = runStatements(engine, view, documents.length, ordered, (index) => {
          const document = documents[index];
          if (document) insertOne(view, collection, document);
          n++;
        });
        return withErrors({ n }, errors);
      },
    };
  },
};

interface UpdateStatement {
  readonly query: Query;
  readonly update: Update;
  readonly multi: boolean;
  readonly upsert: boolean;
}

function compileUpdateStatement(source: Value): UpdateStatement {
  const statement = new Statement(source, {
    used: ['q', 'u', 'multi', 'upsert', 'hint'],
    refused: ['arrayFilters', 'collation', 'c', 'upsertSupplied'],
  });
  const update = statement.get('u');
  if (update === undefined) throw badValue("BSON field 'update.updates.u' is missing but a required field");
  statement.requiredObject('q');
  const multi = statement.boolean('multi');
  const compiled = compileUpdate(update);
  if (multi && compiled.kind === 'replace') {
    throw new CommandError(Code.FailedToParse, 'multi update is not supported for replacement-style update');
  }
  return {
    query: queryOf(statement, { filter: 'q' }, { limit: multi ? 0 : 1 }),
    update: compiled,
    multi,
    upsert: statement.boolean('upsert'),
  };
}

const usesOf = ({ update, upsert: up }: { readonly update: Update; readonly upsert: boolean }): string => {
  const names = update.kind === 'replace' ? ['replace'] : update.changes.map((change) => change.modifier);
  return [...new Set(names), ...(up ? ['upsert'] : [])].join(' ');
};

export const update: Command = {
  kind: 'write',
  used: ['update', 'updates', 'ordered'],
  refused: ['let'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const statements = statementsOf(request, 'updates').map(compileUpdateStatement);
    const ordered = orderedIn(request);
    const rules = rulesFor(engine, request);
    if (engine.audit.enabled) {
      for (const one of statements)
        engine.audit.recordUse('update', request.string('update') ?? '', usesOf(one));
    }
    const run = (view: View): Reply => {
      const collection = engine.catalog.find(namespace);
      const counts = { n: 0, nModified: 0 };
      const upserted: EncodableDocument[] = [];
      if (collection === undefined) return counts;
      const errors = runStatements(engine, view, statements.length, ordered, (index) => {
        const statement = statements[index];
        if (statement === undefined) return;
        const found = findForChange(view, collection, statement.query, rules);
        for (const one of found) {
          const { modified } = updateOne(view, collection, one, statement.update);
          counts.n++;
          if (modified) counts.nModified++;
        }
        if (found.length > 0 || !statement.upsert) return;
        const after = insertMissing(engine, view, collection, statement);
        upserted.push({ index, _id: after.field('_id') });
        counts.n++;
      });
      return withErrors(upserted.length > 0 ? { ...counts, upserted } : counts, errors);
    };
    return statements.some((one) => one.upsert) ? { creates: namespace, run } : { run };
  },
};

function insertMissing(
  engine: Engine,
  view: View,
  collection: Collection,
  { query, update: change }: { readonly query: Query; readonly update: Update },
): StoredDocument {
  engine.failPoints.beforeUpsertInserts(collection, query.filter);
  return upsert(view, collection, query.filter, change);
}

export const remove: Command = {
  kind: 'write',
  used: ['delete', 'deletes', 'ordered'],
  refused: ['let'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const rules = rulesFor(engine, request);
    const ordered = orderedIn(request);
    const queries = statementsOf(request, 'deletes').map((source) => {
      const statement = new Statement(source, { used: ['q', 'limit', 'hint'], refused: ['collation'] });
      statement.requiredObject('q');
      const limit = statement.integer('limit');
      if (limit !== 0 && limit !== 1) {
        throw new CommandError(Code.FailedToParse, 'The limit field in delete objects must be 0 or 1');
      }
      return queryOf(statement, { filter: 'q' }, { limit });
    });
    return {
      run: (view) => {
        const collection = engine.catalog.find(namespace);
        let n = 0;
        if (collection === undefined) return { n };
        const errors = runStatements(engine, view, queries.length, ordered, (index) => {
          const query = queries[index];
          if (query === undefined) return;
          for (const found of findForChange(view, collection, query, rules)) {
            deleteOne(view, collection, found);
            n++;
          }
        });
        return withErrors({ n }, errors);
      },
    };
  },
};

export const findAndModify: Command = {
  kind: 'write',
  used: ['findAndModify', 'query', 'sort', 'remove', 'update', 'new', 'fields', 'upsert', 'hint'],
  refused: ['let', 'arrayFilters', 'collation'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const removes = request.boolean('remove');
    const source = request.get('update');
    if (removes === (source !== undefined)) {
      throw new CommandError(
        Code.FailedToParse,
        'Either an update or remove=true must be specified, not both',
      );
    }
    const inserts = request.boolean('upsert');
    if (removes && (inserts || request.boolean('new')))
      throw notBuilt('findAndModify remove with upsert or new');
    const change = source && compileUpdate(source);
    const query = queryOf(request, { filter: 'query', sort: 'sort' }, { limit: 1 });
    const projection = compileProjection(request.object('fields'));
    const wantsNew = request.boolean('new');
    const rules = rulesFor(engine, request);
    const shown = (document: StoredDocument | undefined): Buffer | null =>
      document === undefined ? null : project(projection, document);
    const run = (view: View): Reply => {
      const collection = engine.catalog.find(namespace);
      const [found] = collection ? execute(view, collection, query, rules) : [];
      if (collection && found && change === undefined) {
        deleteOne(view, collection, found);
        return { lastErrorObject: { n: 1 }, value: shown(found.document) };
      }
      if (collection && found && change) {
        const { after } = updateOne(view, collection, found, change);
        const value = shown(wantsNew ? after : found.document);
        return { lastErrorObject: { n: 1, updatedExisting: true }, value };
      }
      if (change === undefined) return { lastErrorObject: { n: 0 }, value: null };
      if (collection === undefined || !inserts) {
        return { lastErrorObject: { n: 0, updatedExisting: false }, value: null };
      }
      const after = insertMissing(engine, view, collection, { query, update: change });
      const outcome = { n: 1, updatedExisting: false, upserted: after.field('_id') };
      return { lastErrorObject: outcome, value: wantsNew ? shown(after) : null };
    };
    return inserts ? { creates: namespace, run } : { run };
  },
};
