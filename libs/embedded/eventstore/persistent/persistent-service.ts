import { Metadata, Server, ServerUnaryCall } from '@grpc/grpc-js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import {
  CreateReq,
  CreateResp,
  DeleteReq,
  DeleteResp,
  GetInfoReq,
  GetInfoResp,
  ListReq,
  ListResp,
  ReplayParkedReq,
  ReplayParkedResp,
  UpdateReq,
  UpdateResp,
} from '@eventstore/db-client/generated/persistent_pb.js';
import { Empty } from '@eventstore/db-client/generated/shared_pb.js';
import { ANY } from '../log/expected-revision';
import { ADMINS, OPERATORS } from '../rpc/access-control';
import { accessDenied, groupDoesNotExist, groupFailed, invalidArgument } from '../rpc/failures';
import { ServerContext, unary } from '../rpc/server-context';
import { infoOf } from './group-info';
import { definitionOf, nameOf, sourceOf } from './group-requests';
import { ALL_STREAM, CONFIG_STREAM } from './group-settings';
import { PersistentGroups } from './groups';
import { readGroup } from './read-group';

export function addPersistentService(server: Server, context: ServerContext, groups: PersistentGroups): void {
  const read = {
    ...PersistentSubscriptionsService.read,
    responseSerialize: (bytes: Buffer): Buffer => bytes,
  };
  server.addService(
    { ...PersistentSubscriptionsService, read },
    {
      read: readGroup(context, groups),
      ...changingMethods(context, groups),
      ...askingMethods(context, groups),
    },
  );
}

/** For administrators and operators. */
function changingMethods(context: ServerContext, groups: PersistentGroups) {
  const { log } = context;
  return {
    create: unary(async (call: ServerUnaryCall<CreateReq, CreateResp>) => {
      requireOperator(context, call.metadata);
      await groups.create(definitionOf(call.request.getOptions()));
      return new CreateResp();
    }),
    update: unary(async (call: ServerUnaryCall<UpdateReq, UpdateResp>) => {
      requireOperator(context, call.metadata);
      await groups.update(definitionOf(call.request.getOptions()));
      return new UpdateResp();
    }),
    delete: unary(async (call: ServerUnaryCall<DeleteReq, DeleteResp>) => {
      requireOperator(context, call.metadata);
      const options = required(call.request.getOptions());
      await groups.delete(sourceOf(options), options.getGroupName());
      return new DeleteResp();
    }),
    replayParked: unary(async (call: ServerUnaryCall<ReplayParkedReq, ReplayParkedResp>) => {
      requireOperator(context, call.metadata);
      const options = required(call.request.getOptions());
      const group = groups.get(sourceOf(options), options.getGroupName());
      const stopAt = options.hasStopAt() ? Number(options.getStopAt()) : Infinity;
      if (stopAt < 0) {
        throw groupFailed(sourceOf(options), options.getGroupName(), 'Cannot stop at a negative event.');
      }
      await group.replayParked(stopAt);
      return new ReplayParkedResp();
    }),
    restartSubsystem: unary(async (call: ServerUnaryCall<Empty, Empty>) => {
      requireOperator(context, call.metadata);
      // whatever is being written to checkpoints and parked streams is to be seen by the new groups
      await log.append(CONFIG_STREAM, ANY, []);
      groups.restart();
      return new Empty();
    }),
  };
}

/** For everyone who is logged in. */
function askingMethods(context: ServerContext, groups: PersistentGroups) {
  return {
    getInfo: unary((call: ServerUnaryCall<GetInfoReq, GetInfoResp>) => {
      requireLogin(context, call.metadata);
      const options = required(call.request.getOptions());
      const group = groups.get(sourceOf(options), options.getGroupName());
      return new GetInfoResp().setSubscriptionInfo(infoOf(group, context.now()));
    }),
    list: unary((call: ServerUnaryCall<ListReq, ListResp>) => {
      requireLogin(context, call.metadata);
      const stream = listedStream(required(call.request.getOptions()));
      const found = groups.list(stream);
      if (stream !== undefined && found.length === 0) throw groupDoesNotExist(stream, '');
      return new ListResp().setSubscriptionsList(found.map((group) => infoOf(group, context.now())));
    }),
  };
}

function listedStream(options: ListReq.Options): string | undefined {
  const one = options.getListForStream();
  if (one === undefined) return undefined;
  return one.hasAll() ? ALL_STREAM : nameOf(one.getStream());
}

function required<Options>(options: Options | undefined): Options {
  if (options === undefined) throw invalidArgument('The request needs options.');
  return options;
}

function requireOperator(context: ServerContext, metadata: Metadata): void {
  const { roles } = context.access.principal(metadata);
  if (!roles.includes(ADMINS) && !roles.includes(OPERATORS)) throw accessDenied();
}

function requireLogin(context: ServerContext, metadata: Metadata): void {
  if (context.access.principal(metadata).login === undefined) throw accessDenied();
}
