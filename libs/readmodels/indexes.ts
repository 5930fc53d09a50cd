import type { Collection, Document, IndexDescription } from 'mongodb';
import { MongoServerError } from 'mongodb';

/** Named, because in a bulk the name inside the message is all that tells which unique index refused a write. */
export interface NamedIndex {
  readonly name: string;
  readonly key: Readonly<Record<string, 1 | -1>>;
  readonly unique?: true;
  readonly sparse?: true;
}

/**
 * Creates what is missing. A migration step: on a filled collection it takes its time, and a changed definition
 * under an old name is refused by the server (85, 86) rather than rebuilt behind our back.
 */
export async function ensureIndexes<Stored extends Document>(
  collection: Collection<Stored>,
  indexes: readonly NamedIndex[],
): Promise<void> {
  await collection.createIndexes(
    indexes.map((index): IndexDescription => ({ ...index, key: { ...index.key } })),
  );
}

/** The names of those that are not there: what a starting process checks instead of creating anything. */
export async function missingIndexes<Stored extends Document>(
  collection: Collection<Stored>,
  indexes: readonly NamedIndex[],
): Promise<readonly string[]> {
  const present = new Set(await indexNames(collection));
  return indexes.map(({ name }) => name).filter((name) => !present.has(name));
}

const NAMESPACE_NOT_FOUND = 26;

async function indexNames<Stored extends Document>(
  collection: Collection<Stored>,
): Promise<readonly string[]> {
  try {
    const found = await collection.listIndexes().toArray();
    return found.map(({ name }: { name?: unknown }) => String(name));
  } catch (failure) {
    if (failure instanceof MongoServerError && failure.code === NAMESPACE_NOT_FOUND) return [];
    throw failure;
  }
}
