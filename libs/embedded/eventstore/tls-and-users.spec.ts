import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  AccessDeniedError,
  Credentials,
  EventData,
  EventStoreDBClient,
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults,
} from '@eventstore/db-client';
import { ThrowawayServer } from './throwaway-server';

/** Self-signed, for localhost and 127.0.0.1: it protects nothing and exists for this test alone. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg5M3man2CqR6uPrQS
c+DM8ncw07mmQzIbBANhuoGdCnahRANCAAT6rkikMSAyvm2qUlYBACIC2iat79Vt
wV/DvY+g0ddT0EzwviYruHo1+WEtftUy3ONERhyOyZoUe2SkuTO8pdrt
-----END PRIVATE KEY-----`;
const CERT = `-----BEGIN CERTIFICATE-----
MIIBsTCCAVegAwIBAgIUUyNAsgpZo4xIJoqyh2CtLTicSeQwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUdGVuZGVyIHRlc3QgbG9vcGJhY2swIBcNMjYxMTIzMjMzNTA0
WhgPMjEyNjEwMzAyMzM1MDRaMB8xHTAbBgNVBAMMFHRlbmRlciB0ZXN0IGxvb3Bi
YWNrMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+q5IpDEgMr5tqlJWAQAiAtom
re/VbcFfw72PoNHXU9BM8L4mK7h6NflhLX7VMtzjREYcjsmaFHtkpLkzvKXa7aNv
MG0wHQYDVR0OBBYEFAQAR/k3IvXo+4DY6AOtB8yFS932MB8GA1UdIwQYMBaAFAQA
R/k3IvXo+4DY6AOtB8yFS932MA8GA1UdEwEB/wQFMAMBAf8wGgYDVR0RBBMwEYIJ
bG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0gAMEUCIQD9j8C1iVpmgn6jtjZV
Pnxg1jeDTBTS/6MDJgzCQ5dINAIgeCCg2Bykb3bbZCF5r6dJgBVnaxx+SmkUuXmY
RyCWhWE=
-----END CERTIFICATE-----`;

const ADMIN: Credentials = { username: 'admin', password: 'changeit' };
const OPS: Credentials = { username: 'ops', password: 'changeit' };
const CLERK: Credentials = { username: 'clerk', password: 's3cret' };

describe('users over TLS', () => {
  let server: ThrowawayServer;
  let client: EventStoreDBClient;
  let folder: string;
  const paid = (): EventData => jsonEvent({ type: 'Paid', data: {} });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tender-tls-'));
    const authority = join(folder, 'ca.pem');
    writeFileSync(authority, CERT);
    server = await ThrowawayServer.start({
      tls: { key: KEY, cert: CERT },
      users: [
        { login: 'admin', password: 'changeit', groups: ['$admins'] },
        { login: 'ops', password: 'changeit', groups: ['$ops'] },
        { login: 'clerk', password: 's3cret', groups: ['clerks'] },
      ],
    });
    client = EventStoreDBClient.connectionString(`${server.store.connectionString}&tlsCAFile=${authority}`);
  });

  afterAll(async () => {
    await client.dispose();
    await server.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function read(stream: string, credentials?: Credentials): Promise<number> {
    let count = 0;
    for await (const _event of client.readStream(stream, credentials === undefined ? {} : { credentials }))
      count += 1;
    return count;
  }

  it('let anyone use an ordinary stream, through either kind of append', async () => {
    await client.appendToStream('open', paid());
    await client.appendToStream('open', paid(), { credentials: CLERK });
    await expect(read('open')).resolves.toBe(2);
  });

  it('are refused with a wrong password', async () => {
    const credentials = { username: 'admin', password: 'guess' };
    await expect(client.appendToStream('open', paid(), { credentials })).rejects.toBeInstanceOf(
      AccessDeniedError,
    );
    await expect(read('open', credentials)).rejects.toBeInstanceOf(AccessDeniedError);
  });

  it("need to be administrators for what is the system's, $all included", async () => {
    await expect(read('$users')).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(read('$users', CLERK)).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(read('$users', ADMIN)).resolves.toBe(3);
    await expect(client.appendToStream('$system', paid())).rejects.toBeInstanceOf(AccessDeniedError);
    const everything = async (): Promise<void> => {
      for await (const _event of client.readAll({ maxCount: 1, credentials: CLERK }));
    };
    await expect(everything()).rejects.toBeInstanceOf(AccessDeniedError);
  });

  it('are held to the access list of a stream, key by key, except administrators', async () => {
    await client.appendToStream('guarded', paid(), { credentials: ADMIN });
    await client.setStreamMetadata(
      'guarded',
      { acl: { readRoles: ['clerks'], writeRoles: ['$admins'], metaReadRoles: ['$admins'] } },
      { credentials: ADMIN },
    );
    await expect(read('guarded')).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(read('guarded', CLERK)).resolves.toBe(1);
    await expect(read('guarded', ADMIN)).resolves.toBe(1);
    await expect(client.appendToStream('guarded', paid(), { credentials: CLERK })).rejects.toBeInstanceOf(
      AccessDeniedError,
    );
    await expect(client.appendToStream('guarded', paid())).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(client.getStreamMetadata('guarded', { credentials: CLERK })).rejects.toBeInstanceOf(
      AccessDeniedError,
    );
    // no list for deletes: the default for ordinary streams
    await expect(client.deleteStream('guarded', { credentials: CLERK })).resolves.toHaveProperty('position');
  });

  it('never delete a metadata stream, whoever they are', async () => {
    await expect(client.deleteStream('$$guarded', { credentials: ADMIN })).rejects.toBeInstanceOf(
      AccessDeniedError,
    );
  });

  it('manage persistent subscriptions as operators, look at them when logged in', async () => {
    const settings = persistentSubscriptionToStreamSettingsFromDefaults();
    const create = (credentials: Credentials): Promise<void> =>
      client.createPersistentSubscriptionToStream('open', 'workers', settings, { credentials });
    await expect(create(CLERK)).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(create(OPS)).resolves.toBeUndefined();
    const look = (options: { credentials?: Credentials }): Promise<unknown> =>
      client.getPersistentSubscriptionToStreamInfo('open', 'workers', options);
    await expect(look({})).rejects.toBeInstanceOf(AccessDeniedError);
    await expect(look({ credentials: CLERK })).resolves.toHaveProperty('groupName', 'workers');
  });
});
