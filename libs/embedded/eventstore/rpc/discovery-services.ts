import { randomUUID } from 'node:crypto';
import { Server, ServiceDefinition } from '@grpc/grpc-js';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb.js';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb.js';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { ServerContext, unary } from './server-context';

/** The server whose behaviour this one follows; clients choose features by it. */
export const COMPATIBLE_VERSION = '24.10.0';

const FEATURES: Readonly<Record<string, readonly string[]>> = {
  '/event_store.client.streams.Streams/Read': ['position', 'events'],
  '/event_store.client.streams.Streams/BatchAppend': ['deadline_duration'],
};
const GROUP_FEATURES = ['stream', 'all'];
const TICKS_PER_MS = 10_000n;

/** Without this list the official client falls back to slow appends and to HTTP. */
export function addServerFeatures(server: Server): void {
  const supported = new SupportedMethods().setEventStoreServerVersion(COMPATIBLE_VERSION);
  for (const method of methods(StreamsService, () => [])) supported.addMethods(method);
  for (const method of methods(PersistentSubscriptionsService, () => GROUP_FEATURES))
    supported.addMethods(method);
  server.addService(ServerFeaturesService, { getSupportedMethods: unary(() => supported) });
}

function methods(service: ServiceDefinition, features: () => readonly string[]): SupportedMethod[] {
  return Object.values(service).map(({ path }) => {
    const [, serviceName = '', methodName = ''] = path.toLowerCase().split('/');
    return new SupportedMethod()
      .setServiceName(serviceName)
      .setMethodName(methodName)
      .setFeaturesList([...(FEATURES[path] ?? features())]);
  });
}

/** A cluster of one, always leading: connection strings written for a cluster work unchanged. */
export function addGossip(server: Server, context: ServerContext): void {
  const instanceId = randomUUID();
  const readMembers = unary(() => {
    const { host, port } = context.address();
    const member = new MemberInfo()
      .setInstanceId(new UUID().setString(instanceId))
      .setTimeStamp(String(BigInt(context.now()) * TICKS_PER_MS))
      .setState(MemberInfo.VNodeState.LEADER)
      .setIsAlive(true)
      .setHttpEndPoint(new EndPoint().setAddress(host).setPort(port));
    return new ClusterInfo().setMembersList([member]);
  });
  server.addService(GossipService, { read: readMembers });
}
