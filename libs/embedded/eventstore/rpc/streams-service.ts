import { Server } from '@grpc/grpc-js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { append } from './append';
import { batchAppend } from './batch-append';
import { softDelete, tombstone } from './delete-stream';
import { read } from './read';
import { ServerContext } from './server-context';

const asIs = (bytes: Buffer): Buffer => bytes;

/** The hot messages cross the gRPC library as bytes: appends are decoded by hand, events were encoded when written. */
const STREAMS = {
  ...StreamsService,
  read: { ...StreamsService.read, responseSerialize: asIs },
  append: { ...StreamsService.append, requestDeserialize: asIs },
  batchAppend: { ...StreamsService.batchAppend, requestDeserialize: asIs, responseSerialize: asIs },
};

export function addStreamsService(server: Server, context: ServerContext): void {
  server.addService(STREAMS, {
    read: read(context),
    append: append(context),
    batchAppend: batchAppend(context),
    delete: softDelete(context),
    tombstone: tombstone(context),
  });
}
