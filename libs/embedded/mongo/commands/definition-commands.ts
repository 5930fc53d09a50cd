import { badValue, Code, CommandError, notBuilt } from '../errors';
import type { Engine } from '../engine';
import { compileFilter, matches } from '../query/filter';
import { hasPosition, StoredDocument } from '../query/path';
import { Collection, describeIndex, Index, IndexSpec, isIdIndex, makeIndex } from '../storage/catalog';
import { dropCollection, dropIndex, fillIndex } from '../storage/definitions';
import { encode, EncodableDocument } from '../values/encode';
import { equal } from '../values/compare';
import { documentValue, fieldsOf, isNumber, numberOf, stringOf, Type, Value } from '../values/value';
import { Command } from './command';
import { Request, Statement } from './request';

/** MongoDB's limit of indexes in one collection. */
export const MAX_INDEXES = 64;

function existing(engine: Engine, namespace: string): Collection {
  const collection = engine.catalog.find(namespace);
  if (collection === undefined)
    throw new CommandError(Code.NamespaceNotFound, `ns does not exist: ${namespace}`);
  return collection;
}

export const create: Command = {
  kind: 'admin',
  used: ['create'],
  refused: (
    'capped size max timeseries expireAfterSeconds viewOn pipeline collation clusteredIndex validator ' +
    'validationLevel validationAction changeStreamPreAndPostImages encryptedFields storageEngine indexOptionDefaults'
  ).split(' '),
  prepare: (engine, request) => {
    const { namespace } = request;
    return {
      run: async () => {
        if (engine.catalog.find(namespace)) {
          throw new CommandError(Code.NamespaceExists, `Collection ${namespace} already exists.`);
        }
        await engine.ensureCollection(namespace);
        return {};
      },
    };
  },
};

function compileIndex(source: Value): IndexSpec {
  const statement = new Statement(source, {
    used: ['key', 'name', 'unique', 'sparse', 'partialFilterExpression', 'v', 'background', 'ns'],
    refused: [
      'hidden',
      'expireAfterSeconds',
      'collation',
      'weights',
      'default_language',
      'wildcardProjection',
    ],
  });
  const key = statement.requiredObject('key');
  const fields = fieldsOf(key);
  if (fields.length === 0)
    throw new CommandError(Code.CannotCreateIndex, 'Index keys cannot be an empty field.');
  for (const field of fields) {
    if (field.type === Type.string) throw notBuilt(`${stringOf(field)} index`);
    const direction = isNumber(field) ? numberOf(field) : 0;
    if (direction !== 1 && direction !== -1) {
      throw new CommandError(Code.CannotCreateIndex, 'Values in the index key pattern must be 1 or -1');
    }
    if (field.name.includes('$') || hasPosition(field.name)) throw notBuilt(`index on ${field.name}`);
  }
  const partial = statement.object('partialFilterExpression');
  if (partial) compileFilter(partial);
  return {
    name: statement.string('name') ?? fields.map((field) => `${field.name}_${numberOf(field)}`).join('_'),
    key,
    unique: statement.boolean('unique'),
    sparse: statement.boolean('sparse'),
    partial,
  };
}

function sameOptions(index: Index, spec: IndexSpec): boolean {
  const unique = isIdIndex(index) || index.unique === spec.unique;
  const left = index.partialSource;
  const partial = left && spec.partial ? equal(left, spec.partial) : left === spec.partial;
  return unique && partial && index.sparse === spec.sparse;
}

/** @returns true when the index is there already, exactly as asked. */
function isPresent(collection: Collection, spec: IndexSpec): boolean {
  for (const index of collection.indexes) {
    const sameKey = equal(index.keyPattern, spec.key);
    if (sameKey && sameOptions(index, spec) && (index.name === spec.name || isIdIndex(index))) return true;
    if (sameKey && !(index.partialSource ?? spec.partial)) {
      throw new CommandError(
        Code.IndexOptionsConflict,
        `Index already exists with a different name or options: ${index.name}`,
      );
    }
    if (index.name === spec.name) {
      throw new CommandError(
        Code.IndexKeySpecsConflict,
        `An existing index has the same name as the requested index: ${spec.name}`,
      );
    }
  }
  return false;
}

export const createIndexes: Command = {
  kind: 'admin',
  used: ['createIndexes', 'indexes'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const specs = (request.list('indexes') ?? []).map(compileIndex);
    if (specs.length === 0) throw badValue('Must specify at least one index to create');
    return {
      run: async () => {
        const createdCollectionAutomatically = await engine.ensureCollection(namespace);
        return engine.queue.submitAlone<EncodableDocument>(() => {
          const before = existing(engine, namespace);
          const missing = specs.filter((spec) => !isPresent(before, spec));
          const counts = {
            numIndexesBefore: before.indexes.length,
            numIndexesAfter: before.indexes.length + missing.length,
            createdCollectionAutomatically,
          };
          if (counts.numIndexesAfter > MAX_INDEXES) {
            throw new CommandError(Code.CannotCreateIndex, `too many indexes, the limit is ${MAX_INDEXES}`);
          }
          if (missing.length === 0) return { result: { ...counts, note: 'all indexes already exist' } };
          const born = engine.transactions.nextChange();
          const added = missing.map((spec) => makeIndex(engine.catalog.nextId(), spec, born));
          for (const index of added) fillIndex(engine, before, index);
          const apply = engine.catalog.save({ ...before, indexes: [...before.indexes, ...added] });
          return { result: counts, apply };
        });
      },
    };
  },
};

export const dropIndexes: Command = {
  kind: 'admin',
  used: ['dropIndexes', 'index'],
  prepare: (engine, request) => {
    const { namespace } = request;
    const target = request.get('index');
    if (target === undefined || (target.type !== Type.string && target.type !== Type.object)) {
      throw notBuilt('dropIndexes by anything but a name, a key or *');
    }
    return {
      run: () =>
        engine.queue.submitAlone<EncodableDocument>(() => {
          const before = existing(engine, namespace);
          const all = target.type === Type.string && stringOf(target) === '*';
          const chosen = before.indexes.filter((index) =>
            all
              ? !isIdIndex(index)
              : target.type === Type.string
                ? index.name === stringOf(target)
                : equal(index.keyPattern, target),
          );
          if (chosen.some(isIdIndex)) throw new CommandError(Code.InvalidOptions, 'cannot drop _id index');
          if (chosen.length === 0 && !all) {
            throw new CommandError(Code.IndexNotFound, `index not found in ${namespace}`);
          }
          for (const index of chosen) dropIndex(engine, index);
          const indexes = before.indexes.filter((index) => !chosen.includes(index));
          const apply = engine.catalog.save({ ...before, indexes });
          return { result: { nIndexesWas: before.indexes.length }, apply };
        }),
    };
  },
};

const oneBatch = (ns: string, firstBatch: readonly EncodableDocument[]): EncodableDocument => ({
  cursor: { id: 0n, ns, firstBatch },
});

export const listIndexes: Command = {
  kind: 'admin',
  used: ['listIndexes', 'cursor'],
  prepare: (engine, request) => {
    const { namespace } = request;
    return { run: () => oneBatch(namespace, existing(engine, namespace).indexes.map(describeIndex)) };
  },
};

export const listCollections: Command = {
  kind: 'admin',
  used: ['listCollections', 'filter', 'nameOnly', 'cursor', 'authorizedCollections'],
  prepare: (engine, request) => {
    const wanted = filterIn(request);
    const describe = (collection: Collection): EncodableDocument => ({
      name: collection.name,
      type: 'collection',
      options: {},
      info: { readOnly: false, uuid: collection.uuid },
      idIndex: collection.indexes.slice(0, 1).map(describeIndex)[0],
    });
    return {
      run: () =>
        oneBatch(
          `${request.database}.$cmd.listCollections`,
          engine.catalog
            .list()
            .filter((collection) => collection.database === request.database)
            .map(describe)
            .filter(wanted),
        ),
    };
  },
};

export const listDatabases: Command = {
  kind: 'admin',
  used: ['listDatabases', 'filter', 'nameOnly', 'authorizedDatabases'],
  prepare: (engine, request) => {
    const wanted = filterIn(request);
    return {
      run: () => {
        const names = new Set(engine.catalog.list().map((collection) => collection.database));
        const databases = [...names].map((name) => ({ name, sizeOnDisk: 0, empty: false })).filter(wanted);
        return { databases, totalSize: 0 };
      },
    };
  },
};

function filterIn(request: Request): (row: EncodableDocument) => boolean {
  const source = request.object('filter');
  const filter = source && compileFilter(source);
  return (row) =>
    filter === undefined || matches(filter, new StoredDocument(documentValue(encode(row)).bytes));
}

export const drop: Command = {
  kind: 'admin',
  used: ['drop'],
  prepare: (engine, request) => {
    const { namespace } = request;
    return {
      run: () =>
        engine.queue.submitAlone<EncodableDocument>(() => {
          const collection = engine.catalog.find(namespace);
          if (collection === undefined) return { result: {} };
          const apply = dropCollection(engine, collection);
          return { result: { ns: namespace, nIndexesWas: collection.indexes.length }, apply };
        }),
    };
  },
};

export const dropDatabase: Command = {
  kind: 'admin',
  used: ['dropDatabase'],
  prepare: (engine, { database }) => ({
    run: () =>
      engine.queue.submitAlone<EncodableDocument>(() => {
        const collections = engine.catalog.list().filter((collection) => collection.database === database);
        const applied = collections.map((collection) => dropCollection(engine, collection));
        const apply = (): void => {
          for (const one of applied) one();
        };
        return { result: collections.length > 0 ? { dropped: database } : {}, apply };
      }),
  }),
};
