import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { MongoDBContainer } from '@testcontainers/mongodb';
import { RedisContainer } from '@testcontainers/redis';
import { GenericContainer, Wait } from 'testcontainers';
import { parse } from 'yaml';

/** An image may have to be fetched first, ms. */
export const CONTAINER_TIMEOUT_MS = 300_000;

/** A server in a container of its own, empty. */
export interface ContainerServer {
  readonly url: string;
  stop(): Promise<void>;
}

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The servers that developers run and tests prove are the same: one file names their versions. */
function service(name: 'eventstore' | 'mongodb' | 'redis'): Service {
  const file = resolve(__dirname, '../../docker-compose.yml');
  const { services } = parse(readFileSync(file, 'utf8')) as { services: Readonly<Record<string, Service>> };
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
}

const EVENTSTORE_PORT = 2113;
/** The node answers 204 once it serves reads and writes. */
const NO_CONTENT = 204;

export async function startEventStoreContainer(): Promise<ContainerServer> {
  const { image, environment = {} } = service('eventstore');
  const container = await new GenericContainer(image)
    .withPlatform('linux/amd64')
    .withEnvironment(environment)
    .withExposedPorts(EVENTSTORE_PORT)
    .withWaitStrategy(Wait.forHttp('/health/live', EVENTSTORE_PORT).forStatusCode(NO_CONTENT))
    .withStartupTimeout(CONTAINER_TIMEOUT_MS)
    .start();
  return {
    url: `esdb://${container.getHost()}:${container.getMappedPort(EVENTSTORE_PORT)}?tls=false`,
    stop: async () => {
      await container.stop();
    },
  };
}

/** A replica set of one member, as transactions need a set. */
export async function startMongoContainer(): Promise<ContainerServer> {
  const container = await new MongoDBContainer(service('mongodb').image)
    .withStartupTimeout(CONTAINER_TIMEOUT_MS)
    .start();
  const url = new URL(container.getConnectionString());
  // the member calls itself by a name that is known inside of its container only
  url.searchParams.set('directConnection', 'true');
  return {
    url: url.toString(),
    stop: async () => {
      await container.stop();
    },
  };
}

export async function startRedisContainer(): Promise<ContainerServer> {
  const container = await new RedisContainer(service('redis').image)
    .withStartupTimeout(CONTAINER_TIMEOUT_MS)
    .start();
  return {
    url: container.getConnectionUrl(),
    stop: async () => {
      await container.stop();
    },
  };
}
