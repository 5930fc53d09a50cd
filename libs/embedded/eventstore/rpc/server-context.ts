import { Metadata, ServerErrorResponse, sendUnaryData, ServerUnaryCall } from '@grpc/grpc-js';
import { Faults } from '../faults';
import { EventLog } from '../log/event-log';
import { AccessControl, StreamAction } from './access-control';
import {
  accessDenied,
  asFailure,
  invalidArgument,
  notLeader,
  RpcFailure,
  timedOut,
  unavailable,
} from './failures';
import { OpenCalls } from './outgoing';

/** What every RPC works with. */
export interface ServerContext {
  readonly log: EventLog;
  readonly access: AccessControl;
  readonly calls: OpenCalls;
  readonly faults: Faults;
  readonly maxAppendBytes: number;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly caughtUpEpoch: () => number;
  readonly address: () => { readonly host: string; readonly port: number };
}

/** Throws the refusal a caller without the right gets. */
export function authorize(
  context: ServerContext,
  metadata: Metadata,
  stream: string,
  action: StreamAction,
): void {
  const principal = context.access.principal(metadata);
  if (!context.access.allows(principal, stream, action)) throw accessDenied();
}

/** `""` and `"$$"` name nothing; a name of `$all` is never a stream of its own. */
export function requireStreamName(bytes: Uint8Array | undefined): string {
  const stream =
    bytes === undefined ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
  if (stream === '' || stream === '$$') throw invalidArgument(`Invalid stream name '${stream}'.`);
  return stream;
}

/** The answer to a write while a test plays a server that cannot take one. */
export function injectedRefusal(context: ServerContext): RpcFailure | undefined {
  switch (context.faults.switches.refuseWrites) {
    case undefined:
      return undefined;
    case 'unavailable':
      return unavailable();
    case 'aborted':
      return timedOut();
    case 'not-leader': {
      const { host, port } = context.address();
      return notLeader(host, port);
    }
  }
}

/** A unary handler from a function that returns the reply or throws the refusal. */
export function unary<Request, Reply>(
  answer: (call: ServerUnaryCall<Request, Reply>) => Reply | Promise<Reply>,
): (call: ServerUnaryCall<Request, Reply>, callback: sendUnaryData<Reply>) => void {
  return (call, callback) => {
    const refuse = (reason: unknown): void => {
      const refusal: Partial<ServerErrorResponse> = asFailure(reason).toStatus();
      callback(refusal, null);
    };
    Promise.resolve(call)
      .then(answer)
      .then((reply) => {
        callback(null, reply);
      }, refuse);
  };
}
