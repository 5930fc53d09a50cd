import { badValue, Code, CommandError, notBuilt } from '../errors';
import { fieldNamed, fieldsOf, isNumber, numberOf, stringOf, Type, Value } from '../values/value';

/** One command as it came: its fields, and the document sequences that stood beside the body. */
export class Request {
  readonly name: string;
  readonly database: string;

  constructor(
    readonly fields: readonly Value[],
    private readonly sequences: ReadonlyMap<string, readonly Value[]>,
    database?: string,
  ) {
    this.name = fields[0]?.name ?? '';
    this.database = database ?? this.string('$db') ?? '';
  }

  names(): string[] {
    return [...this.fields.map((field) => field.name), ...this.sequences.keys()];
  }

  /** A field that is there and not null. */
  get(name: string): Value | undefined {
    const field = fieldNamed(this.fields, name);
    return field?.type === Type.null ? undefined : field;
  }

  string(name: string): string | undefined {
    const field = this.get(name);
    return field && stringOf(expectType(field, Type.string));
  }

  object(name: string): Value | undefined {
    const field = this.get(name);
    return field && expectType(field, Type.object);
  }

  boolean(name: string): boolean {
    const field = this.get(name);
    return field !== undefined && booleanOf(field);
  }

  integer(name: string): number | undefined {
    const field = this.get(name);
    if (field === undefined) return undefined;
    const number = isNumber(field) ? numberOf(field) : Number.NaN;
    if (!Number.isSafeInteger(number)) throw wrongType(field);
    return number;
  }

  /** A list, be it a field of the body or a document sequence. */
  list(name: string): readonly Value[] | undefined {
    const sequence = this.sequences.get(name);
    if (sequence !== undefined) return sequence;
    const field = this.get(name);
    return field && fieldsOf(expectType(field, Type.array));
  }

  /** The collection that the command's own field names, with its database. */
  get namespace(): string {
    const collection = this.string(this.name) ?? '';
    const bad = collection === '' || /[$\0]/.test(collection) || collection.startsWith('system.');
    if (bad || this.database === '' || /[/\\. "$\0]/.test(this.database)) {
      throw new CommandError(
        Code.InvalidNamespace,
        `Invalid namespace specified '${this.database}.${collection}'`,
      );
    }
    return `${this.database}.${collection}`;
  }
}

const wrongType = (field: Value): CommandError =>
  new CommandError(
    Code.TypeMismatch,
    `BSON field '${field.name}' is of the wrong type 0x${field.type.toString(16)}`,
  );

export function expectType(field: Value, type: number): Value {
  if (field.type !== type) throw wrongType(field);
  return field;
}

export function booleanOf(field: Value): boolean {
  if (field.type === Type.bool) return field.bytes[field.from] === 1;
  if (isNumber(field)) return numberOf(field) !== 0;
  throw wrongType(field);
}

/** Fields that one thing takes, and those that MongoDB knows beside them. */
export interface Accepted {
  readonly used: readonly string[];
  /** Known to MongoDB; here only with a value that asks for nothing. */
  readonly refused?: readonly string[];
}

/**
 * Accepted everywhere and without effect: there is one node, every commit is durable, and every read is the latest.
 */
export const NEUTRAL = new Set([
  '$db',
  'lsid',
  'txnNumber',
  'startTransaction',
  'autocommit',
  '$clusterTime',
  '$readPreference',
  'readConcern',
  'writeConcern',
  'comment',
  'maxTimeMS',
  'apiVersion',
  'apiStrict',
  'apiDeprecationErrors',
  'allowDiskUse',
  'noCursorTimeout',
  'commitQuorum',
  'bypassDocumentValidation',
  'background',
]);

/** @throws CommandError 40415 for a field nobody knows, 238 for one that is known and not built. */
export function assertAccepted(fields: Iterable<Value>, accepted: Accepted, neutral = NEUTRAL): void {
  for (const field of fields) {
    if (accepted.used.includes(field.name) || neutral.has(field.name)) continue;
    if (accepted.refused?.includes(field.name) !== true) {
      throw new CommandError(Code.UnknownField, `BSON field '${field.name}' is an unknown field.`);
    }
    if (!asksForNothing(field)) throw notBuilt(`option ${field.name}`);
  }
}

function asksForNothing(field: Value): boolean {
  if (field.type === Type.null) return true;
  if (field.type === Type.bool) return field.bytes[field.from] === 0;
  const inner = field.type === Type.object || field.type === Type.array ? fieldsOf(field) : undefined;
  if (inner?.length === 0) return true;
  const [only, more] = inner ?? [];
  return (
    only?.name === 'locale' && more === undefined && only.type === Type.string && stringOf(only) === 'simple'
  );
}

/** Fields of one statement inside a command, such as one element of `updates`. */
export class Statement extends Request {
  constructor(source: Value, accepted: Accepted) {
    const fields = fieldsOf(expectType(source, Type.object));
    super(fields, new Map(), '');
    assertAccepted(fields, accepted, new Set());
  }

  requiredObject(name: string): Value {
    const field = this.get(name);
    if (field === undefined) throw badValue(`BSON field '${name}' is missing but a required field`);
    return expectType(field, Type.object);
  }
}
