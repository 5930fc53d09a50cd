/** MongoDB's numbers for the failures that this server can answer; the driver and our services classify by them. */
export const Code = {
  InternalError: 8,
  BadValue: 2,
  FailedToParse: 9,
  TypeMismatch: 14,
  Overflow: 15,
  InvalidLength: 16,
  NamespaceNotFound: 26,
  IndexNotFound: 27,
  PathNotViable: 28,
  ConflictingUpdateOperators: 40,
  CursorNotFound: 43,
  NamespaceExists: 48,
  MaxTimeMSExpired: 50,
  DollarPrefixedFieldName: 52,
  EmptyFieldName: 56,
  CommandNotFound: 59,
  ImmutableField: 66,
  CannotCreateIndex: 67,
  InvalidOptions: 72,
  InvalidNamespace: 73,
  UnknownReplWriteConcern: 79,
  IndexOptionsConflict: 85,
  IndexKeySpecsConflict: 86,
  UnsatisfiableWriteConcern: 100,
  WriteConflict: 112,
  CannotIndexParallelArrays: 171,
  ConflictingOperationInProgress: 117,
  TransactionTooOld: 225,
  NotImplemented: 238,
  NoSuchTransaction: 251,
  OperationNotSupportedInTransaction: 263,
  NoQueryExecutionPlans: 291,
  QueryExceededMemoryLimit: 292,
  BSONObjectTooLarge: 10334,
  DuplicateKey: 11000,
  OutOfDiskSpace: 14031,
  KeyTooLong: 17280,
  UnknownField: 40415,
  UnknownStage: 40324,
} as const;

const nameOfCode = new Map<number, string>(Object.entries(Code).map(([name, code]) => [code, name]));

/** A failure the client is told about; everything else that is thrown is a bug of this server. */
export class CommandError extends Error {
  readonly codeName: string;

  constructor(
    readonly code: number,
    message: string,
    /** Further reply fields, such as `keyPattern` of a duplicate key. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.codeName = nameOfCode.get(code) ?? `Location${code}`;
  }
}

/** What MongoDB has and this server does not: the list is closed on purpose, so a new use shows up at once. */
export const notBuilt = (what: string): CommandError =>
  new CommandError(Code.NotImplemented, `embedded-mongo: ${what} is not built`);

export const badValue = (message: string): CommandError => new CommandError(Code.BadValue, message);

/** The disk refused a write: memory and disk may disagree from here on, so the process has to end. */
export class StorageFailure extends Error {}

/** A client spoke something that is not the protocol; the socket is closed without an answer. */
export class ProtocolFailure extends Error {}
