import { existsSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { readSource, root } from './source-tree';

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly build?: { readonly dockerfile: string };
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(readSource('docker-compose.yml').text, { merge: true }) as Compose;
const dockerfile = readSource('infra/docker/Dockerfile').text;

const services = Object.entries(compose.services);
const isApp = ([, { profiles }]: (typeof services)[number]): boolean => profiles?.includes('apps') ?? false;
const apps = services.filter(isApp);
const servers = services.filter((service) => !isApp(service));

const service = (name: string): Service => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

/** `host:container` alone would listen on every interface (Docker docs, "ports"). */
const loopbackPort = /^127\.0\.0\.1:\d+:\d+$/;
/** A tag that names one release: its major and minor alone move under a running system. */
const pinnedTag = /:\d+\.\d+\.\d+(-[a-z0-9-]+)?$/;

it('names the three servers, and the two processes behind a profile', () => {
  expect(servers.map(([name]) => name).sort()).toEqual(['eventstore', 'mongodb', 'redis']);
  expect(apps.map(([name]) => name).sort()).toEqual(['api', 'worker']);
});

describe.each(servers)('the server %s', (_name, { image, healthcheck, volumes = [], ports = [] }) => {
  it('is one release for ever', () => {
    expect(image).toMatch(pinnedTag);
  });

  it('says when it is ready', () => {
    expect(healthcheck?.test?.length).toBeGreaterThan(1);
  });

  it('keeps its data in a declared volume', () => {
    expect(volumes.length).toBeGreaterThan(0);
    const declared = Object.keys(compose.volumes);
    for (const volume of volumes) expect(declared).toContain(volume.split(':')[0]);
  });

  it('listens on the loopback interface only, as it asks for no password', () => {
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(loopbackPort);
  });
});

it('runs EventStoreDB insecure in so many words, and none of its projections', () => {
  expect(service('eventstore').environment).toMatchObject({
    EVENTSTORE_INSECURE: 'true',
    EVENTSTORE_RUN_PROJECTIONS: 'None',
  });
});

it('founds the MongoDB replica set that transactions need', () => {
  const { command = [], healthcheck } = service('mongodb');
  const [, set = ''] = /--replSet (\S+)/.exec(command.join(' ')) ?? [];
  expect(set).not.toBe('');
  expect(healthcheck?.test?.join(' ')).toContain(`rs.initiate({ _id: '${set}'`);
  expect(service('api').environment?.MONGODB_URI).toContain(`replicaSet=${set}`);
});

it('keeps every key in Redis, and keeps it across a restart', () => {
  const command = service('redis').command?.join(' ') ?? '';
  expect(command).toContain('--maxmemory-policy noeviction');
  expect(command).toContain('--appendonly yes');
});

describe.each(apps)(
  'the process %s',
  (name, { build, command, environment = {}, depends_on = {}, ports = [] }) => {
    it('runs its own compiled program from the one image', () => {
      expect(command).toEqual([`dist/apps/${name}/src/main.js`]);
      expect(build?.dockerfile).toBe('infra/docker/Dockerfile');
    });

    it('waits for the servers that it is told of', () => {
      const told = ['EVENTSTORE_URL', 'MONGODB_URI', 'REDIS_URL'].map(
        (key) => new URL(environment[key] ?? '').hostname,
      );
      expect([...told].sort()).toEqual(servers.map(([server]) => server).sort());
      for (const server of told) expect(depends_on[server]?.condition).toBe('service_healthy');
    });

    it('listens on the loopback interface only', () => {
      for (const port of ports) expect(port).toMatch(loopbackPort);
    });
  },
);

describe('the image', () => {
  const last = (instruction: string): string | undefined =>
    [...dockerfile.matchAll(new RegExp(`^${instruction} (.*)$`, 'gm'))].at(-1)?.[1];

  it('starts from one release of Node in every stage', () => {
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base = '']) => base);
    expect(new Set(bases).size).toBe(1);
    for (const base of bases) expect(base).toMatch(pinnedTag);
  });

  it('runs without rights', () => {
    expect(last('USER')).toBe('node');
  });

  it('copies only what is in the tree', () => {
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, words = '']) =>
      words.split(' ').slice(0, -1),
    );
    const missing = copied.filter((source) => !existsSync(path.join(root, source)));
    expect(missing).toEqual([]);
  });
});
