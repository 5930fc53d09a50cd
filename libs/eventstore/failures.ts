/** The log cannot answer now; the same read may succeed later. */
export class EventLogUnavailable extends Error {
  override readonly name = 'EventLogUnavailable';

  constructor(operation: string, reason: string, options?: ErrorOptions) {
    super(`${operation}: ${reason}`, options);
  }
}

/** The server ended the subscription; resume from the position of the last batch. */
export class SubscriptionDropped extends Error {
  override readonly name = 'SubscriptionDropped';

  constructor(reason: string, options?: ErrorOptions) {
    super(`subscription dropped: ${reason}`, options);
  }
}

/** A definite no that no retry will change: too large, deleted stream, access denied. Nothing was stored. */
export class AppendRefused extends Error {
  override readonly name = 'AppendRefused';

  constructor(
    readonly stream: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`append to ${stream} refused: ${reason}`, options);
  }
}

export class StreamTooLong extends Error {
  override readonly name = 'StreamTooLong';

  constructor(
    readonly stream: string,
    readonly maxEvents: number,
  ) {
    super(`stream ${stream} has more than ${maxEvents} events`);
  }
}

/** Stops the reader on purpose: skipping an event that this version does not know would lose money silently. */
export class UnknownEventType extends Error {
  override readonly name = 'UnknownEventType';

  constructor(
    readonly type: string,
    where: string,
  ) {
    super(`event type ${type} is not in the catalog (${where})`);
  }
}

/** An event was written by a newer version of the program than this one. */
export class UnknownSchemaVersion extends Error {
  override readonly name = 'UnknownSchemaVersion';

  constructor(
    readonly type: string,
    readonly version: number,
    known: number,
    where: string,
  ) {
    super(`${type} has schema version ${version}, this program knows up to ${known} (${where})`);
  }
}

/** A stored event does not have the form that this codec writes. */
export class MalformedEvent extends Error {
  override readonly name = 'MalformedEvent';

  constructor(where: string, what: string) {
    super(`${what} (${where})`);
  }
}

/** A value that would not come back from JSON as it went in. */
export class UnencodableValue extends Error {
  override readonly name = 'UnencodableValue';

  constructor(path: string, what: string) {
    super(`${path}: ${what}`);
  }
}
