import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Long, serialize } from 'bson';
import { insertOne, deleteOne, updateOne } from '../commands/writes';
import { Engine } from '../engine';
import { CommandError } from '../errors';
import { mulberry32, pick } from '../generators';
import { Catalog, Collection, IndexSpec, isIdIndex, makeIndex } from '../storage/catalog';
import { fillIndex } from '../storage/definitions';
import { walk } from '../storage/environment';
import { entriesOf } from '../storage/index-entries';
import { StoredDocument } from './path';
import { documentValue, Value } from '../values/value';
import { execute, planQuery } from './execute';
import type { Query } from './query';
import { compileFilter } from './filter';
import { compileSort, sortKey } from './order';
import { compileUpdate } from './update';

const DOCUMENTS = 120;
const QUERIES = 700;
const WRITES = 60;
const SEEDS = [11, 12, 13];
const EVERYTHING = { low: Buffer.alloc(4), high: Buffer.alloc(5, 0xff), exact: false };
const RULES = { command: 'find', strictCollscan: 0, deadlineMs: undefined };

const bson = (plain: object): Value => documentValue(Buffer.from(serialize(plain)));

const spec = (name: string, key: object, more: Partial<IndexSpec> = {}): IndexSpec => ({
  name,
  key: bson(key),
  unique: false,
  sparse: false,
  partial: undefined,
  ...more,
});

const INDEXES = [
  spec('a', { a: 1 }),
  spec('b_desc_a', { b: -1, a: 1 }),
  spec('array', { tags: 1, a: -1 }),
  spec('nested', { 'list.x': 1, 'list.y': 1 }),
  spec('sparse', { s: 1 }, { sparse: true }),
  spec('sparse_two', { s: -1, b: 1 }, { sparse: true }),
  spec('unique', { u: 1 }, { unique: true }),
  spec('unique_two', { a: 1, u: -1 }, { unique: true }),
  spec('partial', { p: 1 }, { partial: bson({ p: { $exists: true } }) }),
];

type Random = () => number;

const scalar = (random: Random): unknown =>
  pick(random, [
    null,
    0,
    1,
    2,
    2.5,
    Long.fromBigInt(2n ** 53n + 1n),
    Long.fromBigInt(2n ** 53n),
    'x',
    'y',
    true,
  ]);

function randomDocument(random: Random, id: number): Record<string, unknown> {
  const document: Record<string, unknown> = { _id: id, u: id % 3 === 0 ? `u${id}` : id };
  for (const field of ['a', 'b', 's', 'p']) if (random() < 0.7) document[field] = scalar(random);
  if (random() < 0.6) document.tags = Array.from({ length: Math.floor(random() * 4) }, () => scalar(random));
  const item = (): object => ({ x: scalar(random), y: scalar(random) });
  if (random() < 0.5) document.list = random() < 0.3 ? item() : Array.from({ length: 2 }, item);
  return document;
}

const PATHS = ['a', 'b', 's', 'p', 'u', 'tags', 'list.x', 'list.y', '_id'];

function randomCondition(random: Random): unknown {
  const value = (): unknown => scalar(random);
  switch (Math.floor(random() * 8)) {
    case 0:
      return { $gt: value() };
    case 1:
      return { $gte: value(), $lt: value() };
    case 2:
      return { $lte: value(), $gt: value() };
    case 3:
      return { $in: [value(), value()] };
    case 4:
      return pick(random, [{ $exists: true }, { $exists: false }, { $ne: value() }, { $nin: [value()] }]);
    default:
      return value();
  }
}

function randomFilter(random: Random, depth = 0): Record<string, unknown> {
  const filter: Record<string, unknown> = {};
  const count = Math.floor(random() * 3);
  for (let i = 0; i < count; i++) filter[pick(random, PATHS)] = randomCondition(random);
  if (depth === 0 && random() < 0.2) filter.$or = [randomFilter(random, 1), randomFilter(random, 1)];
  return filter;
}

function randomSort(random: Random): Record<string, number> {
  const sort: Record<string, number> = {};
  const count = Math.floor(random() * 3);
  for (let i = 0; i < count; i++) sort[pick(random, PATHS)] = random() < 0.5 ? 1 : -1;
  return sort;
}

describe('planner', () => {
  let directory: string;
  let engine: Engine;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'mongo-plan-'));
    engine = new Engine({
      directory,
      durable: false,
      strictCollscan: 0,
      auditFile: undefined,
      failPoints: false,
      transactionLifetimeMs: 60_000,
      onStorageFailure: (error) => {
        throw error;
      },
    });
  });

  afterEach(async () => {
    await engine.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  const indexed = (namespace: string): Collection => {
    const plain = engine.catalog.newCollection(namespace);
    const added = INDEXES.map((one) => makeIndex(engine.catalog.nextId(), one, 0));
    const collection = { ...plain, indexes: [...plain.indexes, ...added] };
    for (const index of added) fillIndex(engine, collection, index);
    engine.catalog.save(collection)();
    return collection;
  };

  const queryOf = (filter: object, sort: object, skip = 0, limit = 0): Query => ({
    filter: compileFilter(bson(filter)),
    sort: compileSort(bson(sort)),
    hint: undefined,
    skip,
    limit,
  });

  const find = (collection: Collection, query: Query): StoredDocument[] =>
    [...execute(engine.view, collection, query, { ...RULES, audit: engine.audit })].map(
      (found) => found.document,
    );

  /** The oracle: the same collection as if it had no index. */
  const withoutIndexes = (collection: Collection): Collection => ({ ...collection, indexes: [] });

  const rowsOf = (
    collection: Collection,
    filter: object,
    sort: object,
  ): { ids: string[]; keys: string[] } => {
    const query = queryOf(filter, sort);
    const found = find(collection, query);
    return {
      ids: found.map((document) => document.bytes.toString('hex')).sort(),
      keys:
        query.sort.length === 0 ? [] : found.map((document) => sortKey(document, query.sort).toString('hex')),
    };
  };

  it.each(SEEDS)('finds with indexes what a scan finds, in the same order (seed %i)', (seed) => {
    const random = mulberry32(seed);
    engine.environment.commit(() => {
      const collection = indexed('t.c');
      for (let id = 0; id < DOCUMENTS; id++)
        insertOne(engine.view, collection, bson(randomDocument(random, id)));
    });
    const collection = engine.collection('t.c');
    for (let i = 0; i < QUERIES; i++) {
      const filter = randomFilter(random);
      const sort = randomSort(random);
      const expected = rowsOf(withoutIndexes(collection), filter, sort);
      expect({ filter, sort, ...rowsOf(collection, filter, sort) }).toEqual({ filter, sort, ...expected });
    }
  });

  it('sorts descending when a unique index is fixed in full, and by a sparse index alone', () => {
    engine.environment.commit(() => {
      const collection = indexed('t.c');
      for (let id = 0; id < 20; id++) {
        const s = id % 2 === 0 ? { s: id } : {};
        insertOne(engine.view, collection, bson({ _id: id, a: id % 4, u: id, ...s }));
      }
    });
    const collection = engine.collection('t.c');
    const cases = [
      [{ a: 1, u: 5 }, { u: -1 }],
      [{ a: 1, u: 5 }, { a: -1 }],
      [{ u: 5 }, { u: -1 }],
      [{ _id: 3 }, { _id: -1 }],
      [{ a: 1 }, { u: 1 }],
      [{ a: 1 }, { u: -1 }],
      [{}, { s: 1 }],
      [{}, { s: -1 }],
      [{ s: null }, { s: 1 }],
      [{ _id: { $lt: 7, $gte: 2 } }, { _id: -1 }],
    ] as const;
    for (const [filter, sort] of cases) {
      const expected = rowsOf(withoutIndexes(collection), filter, sort);
      expect(expected.ids.length).toBeGreaterThan(0);
      expect({ filter, ...rowsOf(collection, filter, sort) }).toEqual({ filter, ...expected });
    }
  });

  it('reads by one element of an array in the order of a field beside it, and never in the order of the array', () => {
    const lines = spec('lines', { 'lines.of': 1, at: -1 });
    engine.environment.commit(() => {
      const plain = engine.catalog.newCollection('t.c');
      const index = makeIndex(engine.catalog.nextId(), lines, 0);
      engine.catalog.save({ ...plain, indexes: [...plain.indexes, index] })();
      for (let at = 0; at < 20; at++) {
        const of = [{ of: `k${at % 3}` }, { of: 'k0' }, { of: `k${at % 2}` }];
        insertOne(engine.view, engine.collection('t.c'), bson({ _id: at, at, lines: of }));
      }
    });
    const collection = engine.collection('t.c');
    const cases = [
      [{ 'lines.of': 'k1' }, { at: 1 }, true],
      [{ 'lines.of': 'k0', at: { $gt: 3, $lte: 12 } }, { at: -1 }, true],
      [{ 'lines.of': 'k0' }, { 'lines.of': 1, at: 1 }, false],
      [{}, { 'lines.of': -1 }, false],
    ] as const;
    for (const [filter, sort, sorted] of cases) {
      const query = queryOf(filter, sort);
      const expected = rowsOf(withoutIndexes(collection), filter, sort);
      expect({ filter, ...rowsOf(collection, filter, sort) }).toEqual({ filter, ...expected });
      expect(planQuery(engine.view, collection, query).sorted).toBe(sorted);
      expect(find(collection, query)).toHaveLength(new Set(expected.ids).size);
    }
  });

  it.each(SEEDS)('keeps the indexes equal to a rebuild through random writes (seed %i)', (seed) => {
    const random = mulberry32(seed);
    engine.environment.commit(() => indexed('t.c'));
    const collection = engine.collection('t.c');
    for (let i = 0; i < WRITES; i++) {
      engine.environment.commit(() => {
        for (let j = 0; j < 5; j++) writeSomething(random, collection);
      });
    }
    expect(storedEntries(engine)).toEqual(rebuiltEntries(engine, collection));
  });

  const writeSomething = (random: Random, collection: Collection): void => {
    const id = Math.floor(random() * 40);
    const [found] = [
      ...execute(engine.view, collection, queryOf({ _id: id }, {}), { ...RULES, audit: engine.audit }),
    ];
    try {
      if (found === undefined) insertOne(engine.view, collection, bson(randomDocument(random, id)));
      else if (random() < 0.3) deleteOne(engine.view, collection, found);
      else updateOne(engine.view, collection, found, compileUpdate(bson(randomUpdate(random))));
    } catch (error) {
      // a refused statement must have left nothing behind, which is what this test is about
      if (!(error instanceof CommandError)) throw error;
    }
  };

  const randomUpdate = (random: Random): object => {
    const path = pick(random, ['a', 'b', 's', 'p', 'u', 'tags', 'list']);
    return pick(random, [
      { $set: { [path]: scalar(random) } },
      { $unset: { [path]: '' } },
      { $push: { tags: scalar(random) } },
    ]);
  };
});

const storedEntries = (engine: Engine): string[] =>
  [...walk(engine.environment.idx, EVERYTHING, false)].map(
    ({ key, value }) => `${key.toString('hex')} ${value.toString('hex')}`,
  );

function rebuiltEntries(engine: Engine, collection: Collection): string[] {
  const lines: string[] = [];
  for (const { key, value } of walk(engine.environment.docs, EVERYTHING, false)) {
    for (const index of collection.indexes) {
      if (isIdIndex(index)) continue;
      for (const entry of entriesOf(index, new StoredDocument(value), key).entries) {
        lines.push(`${entry.key.toString('hex')} ${key.toString('hex')}`);
      }
    }
  }
  return lines.sort();
}

describe('catalogue', () => {
  it('comes back from disk knowing the paths on which there were arrays', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'mongo-catalog-'));
    const options = {
      directory,
      durable: false,
      strictCollscan: 0,
      auditFile: undefined,
      failPoints: false,
      transactionLifetimeMs: 60_000,
      onStorageFailure: (error: unknown) => {
        throw error;
      },
    };
    const first = new Engine(options);
    first.environment.commit(() => {
      const plain = first.catalog.newCollection('t.c');
      const index = makeIndex(first.catalog.nextId(), spec('tags_a', { tags: 1, a: 1 }), 0);
      const collection = { ...plain, indexes: [...plain.indexes, index] };
      first.catalog.save(collection)();
      insertOne(first.view, collection, bson({ _id: 1, tags: [1, 2] }));
    });
    await first.stop();
    const second = new Engine(options);
    const flags = new Catalog(second.environment)
      .find('t.c')
      ?.indexes.map(({ name, arrays }) => [name, [...arrays]]);
    await second.stop();
    rmSync(directory, { recursive: true, force: true });
    expect(flags).toEqual([
      ['_id_', []],
      ['tags_a', ['tags']],
    ]);
  });
});
