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
    why: string,
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
