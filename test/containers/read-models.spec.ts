import { openAt } from '../contract/readmodels/open-server';
import { describeReadModels } from '../contract/readmodels/read-models.contract';
import { describeContainers } from './describe-containers';
import { CONTAINER_TIMEOUT_MS, type ContainerServer, startMongoContainer } from './servers';

describeContainers('a real MongoDB', () => {
  let server: ContainerServer;
  beforeAll(async () => {
    server = await startMongoContainer();
  }, CONTAINER_TIMEOUT_MS);
  afterAll(() => server.stop(), CONTAINER_TIMEOUT_MS);

  describeReadModels(() => Promise.resolve(openAt(server.url)), false);
});
