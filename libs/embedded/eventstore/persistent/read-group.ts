import { ServerDuplexStream } from '@grpc/grpc-js';
import { ReadReq, ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import { groupFull, invalidArgument } from '../rpc/failures';
import { Outgoing } from '../rpc/outgoing';
import { uuidText } from '../rpc/proposed-event';
import { authorize, ServerContext } from '../rpc/server-context';
import { Consumer } from './consumer';
import { NackAction, PersistentGroup } from './group';
import { sourceOf } from './group-requests';
import { PersistentGroups } from './groups';

type ReadCall = ServerDuplexStream<ReadReq, Buffer>;

/** One consumer: options first, then acknowledgements, while events go the other way. */
export function readGroup(context: ServerContext, groups: PersistentGroups) {
  return (call: ReadCall): void => {
    const out = new Outgoing(call);
    context.calls.add(out);
    let member: { group: PersistentGroup; consumer: Consumer } | undefined;
    call.on('data', (request: ReadReq) => {
      try {
        const options = request.getOptions();
        if (options !== undefined) member ??= connect(context, groups, call, out, options);
        else if (member === undefined) throw invalidArgument('The first message must hold the options.');
        else settle(member.group, request);
      } catch (reason) {
        out.fail(reason);
      }
    });
    call.on('end', () => {
      out.end();
      leave();
    });
    out.onClose(leave);

    function leave(): void {
      if (member !== undefined) member.group.disconnect(member.consumer);
    }
  };
}

/** @throws RpcFailure */
function connect(
  context: ServerContext,
  groups: PersistentGroups,
  call: ReadCall,
  out: Outgoing,
  options: ReadReq.Options,
): { group: PersistentGroup; consumer: Consumer } {
  const stream = sourceOf(options);
  authorize(context, call.metadata, stream, 'read');
  const principal = context.access.principal(call.metadata);
  const group = groups.get(stream, options.getGroupName());
  if (group.isFull) throw groupFull(stream, options.getGroupName());
  out.write(confirmation(group.key));
  const [connectionName] = call.metadata.get('connection-name');
  const consumer = group.connect({
    from: call.getPeer(),
    user: principal.login ?? 'anonymous',
    connectionName: connectionName?.toString() ?? '',
    slots: options.getBufferSize(),
    send: (message) => {
      // the slots bound what a slow consumer can make the server hold
      out.write(message);
    },
    drop: (reason) => {
      out.fail(reason);
    },
  });
  return { group, consumer };
}

function confirmation(id: string): Buffer {
  const confirmed = new ReadResp.SubscriptionConfirmation().setSubscriptionId(id);
  return Buffer.from(new ReadResp().setSubscriptionConfirmation(confirmed).serializeBinary());
}

function settle(group: PersistentGroup, request: ReadReq): void {
  const ack = request.getAck();
  if (ack !== undefined) group.ack(ack.getIdsList().map(uuidText));
  const nack = request.getNack();
  if (nack !== undefined)
    group.nack(nack.getIdsList().map(uuidText), actionOf(nack.getAction()), nack.getReason());
}

/** `stop` removes the event like `skip` and does nothing more, as on EventStoreDB. */
function actionOf(action: ReadReq.Nack.Action): NackAction {
  switch (action) {
    case ReadReq.Nack.Action.PARK:
      return 'park';
    case ReadReq.Nack.Action.SKIP:
    case ReadReq.Nack.Action.STOP:
      return 'skip';
    case ReadReq.Nack.Action.UNKNOWN:
    case ReadReq.Nack.Action.RETRY:
      return 'retry';
  }
}
