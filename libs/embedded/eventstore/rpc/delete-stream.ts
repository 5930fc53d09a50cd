import { ServerUnaryCall } from '@grpc/grpc-js';
import {
  DeleteReq,
  DeleteResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import { ExpectedRevisionMessage, expectedRevision } from './append';
import { accessDenied, invalidArgument, streamDeleted, unavailable, wrongExpectedVersion } from './failures';
import { authorize, injectedRefusal, requireStreamName, ServerContext, unary } from './server-context';

interface DeleteOptions extends ExpectedRevisionMessage {
  getStreamIdentifier(): StreamIdentifier | undefined;
}

/** Hides what is there; the stream can be recreated and goes on behind its last revision. */
export function softDelete(context: ServerContext) {
  return unary(async (call: ServerUnaryCall<DeleteReq, DeleteResp>) => {
    const position = await remove(context, call, 'soft-delete', call.request.getOptions());
    return new DeleteResp().setPosition(
      new DeleteResp.Position().setCommitPosition(position).setPreparePosition(position),
    );
  });
}

/** Ends a stream for ever: every later read or write of it is refused. */
export function tombstone(context: ServerContext) {
  return unary(async (call: ServerUnaryCall<TombstoneReq, TombstoneResp>) => {
    const position = await remove(context, call, 'tombstone', call.request.getOptions());
    return new TombstoneResp().setPosition(
      new TombstoneResp.Position().setCommitPosition(position).setPreparePosition(position),
    );
  });
}

async function remove(
  context: ServerContext,
  call: { readonly metadata: ServerUnaryCall<unknown, unknown>['metadata'] },
  kind: 'soft-delete' | 'tombstone',
  options: DeleteOptions | undefined,
): Promise<string> {
  if (options === undefined) throw invalidArgument('A delete needs options.');
  const refusal = injectedRefusal(context);
  if (refusal !== undefined) throw refusal;
  const stream = requireStreamName(options.getStreamIdentifier()?.getStreamName_asU8());
  if (stream === '$all') throw accessDenied();
  authorize(context, call.metadata, stream, 'delete');
  const expected = expectedRevision(options);
  const outcome = await context.log.write({ kind, stream, expected, events: [] });
  switch (outcome.kind) {
    case 'written':
      return String(outcome.position);
    case 'wrong-expected-version':
      throw wrongExpectedVersion(stream, expected, outcome.current);
    case 'stream-deleted':
      throw streamDeleted(stream);
    case 'unavailable':
      throw unavailable();
  }
}
