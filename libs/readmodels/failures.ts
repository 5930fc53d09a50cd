import { MongoError } from 'mongodb';

/** An event came before an earlier one of its stream. Going on would lose the one between: the projector stops. */
export class ProjectionGap extends Error {
  override readonly name = 'ProjectionGap';

  /** @param stored the revision that the document stands at; -1 when there is none */
  constructor(
    readonly stream: string,
    readonly stored: bigint,
    readonly received: bigint,
  ) {
    super(
      `${stream}: revision ${received.toString()} came while the read model stands at ${stored.toString()}`,
    );
  }
}

/** A page cursor that we never issued. A caller's mistake, not ours. */
export class InvalidCursor extends Error {
  override readonly name = 'InvalidCursor';

  constructor() {
    super('not a cursor of this list');
  }
}

/** A stored document that this release did not write and cannot read: rebuild the read model. */
export class MalformedDocument extends Error {
  override readonly name = 'MalformedDocument';

  constructor(
    readonly place: string,
    readonly why: string,
  ) {
    super(`${place}: ${why}`);
  }
}

/** Others kept writing the same document: more projectors at work than a lease should let in. */
export class WriteContended extends Error {
  override readonly name = 'WriteContended';

  constructor(readonly document: string) {
    super(`${document} was written by somebody else each time that we read it`);
  }
}

/** What a transaction of the ledger found is not what its checkpoint says: a bug, never to be written over. */
export class LedgerConflict extends Error {
  override readonly name = 'LedgerConflict';
}

/** Nobody has ever projected these books: they are not empty, they are not there. */
export class LedgerNotPrepared extends Error {
  override readonly name = 'LedgerNotPrepared';

  constructor(readonly version: string) {
    super(`the books of ledger ${version} were never prepared`);
  }
}

/** Somebody has stopped the ledger's projector, as a checker does that found another result. An operator clears it. */
export class LedgerHalted extends Error {
  override readonly name = 'LedgerHalted';

  constructor(readonly reason: string) {
    super(`the ledger is halted: ${reason}`);
  }
}

/** Another version of the ledger is the live one now; whoever projects has to go on from that one's checkpoint. */
export class LedgerSwitched extends Error {
  override readonly name = 'LedgerSwitched';

  constructor(readonly live: string) {
    super(`the live ledger is ${live} now`);
  }
}

/** The books cannot answer this: no answer is right, and an empty one would be a wrong one. */
export class LedgerCannotAnswer extends Error {
  override readonly name = 'LedgerCannotAnswer';

  constructor(
    /** Which part of the question it is about. */
    readonly field: 'asOf' | 'currency' | 'fromSeq' | 'toSeq' | 'cursor',
    /** Completes a sentence that begins with the field. */
    readonly why: string,
  ) {
    super(`${field} ${why}`);
  }
}

/** The store did not do what it was asked: it may later. Every other failure stays as it is however often one tries. */
export const isReadStoreFailure = (failure: unknown): boolean => failure instanceof MongoError;
