import { describeEventLog } from '../contract/eventstore/event-log.contract';
import { overGrpc } from '../contract/eventstore/over-grpc';
import { describeContainers } from './describe-containers';
import { CONTAINER_TIMEOUT_MS, type ContainerServer, startEventStoreContainer } from './servers';

describeContainers('a real EventStoreDB', () => {
  let server: ContainerServer;
  beforeAll(async () => {
    server = await startEventStoreContainer();
  }, CONTAINER_TIMEOUT_MS);
  afterAll(() => server.stop(), CONTAINER_TIMEOUT_MS);

  describeEventLog('EventStoreDB in a container', () =>
    Promise.resolve(overGrpc(server.url, () => Promise.resolve())),
  );
});
