import * as https from 'node:https';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import type { WholeReply } from './one-shot-request';
import { OneShotSender } from './one-shot-request';
import { SendWindows } from './send-windows';
import { TEST_ONLY_CERTIFICATE, TEST_ONLY_KEY } from './test-certificate.fixture';

const WINDOW_MS = 500;

let now: number;
let windows: SendWindows;
let sender: OneShotSender;
let server: https.Server;
let seen: number;

beforeEach(async () => {
  now = 1_000;
  seen = 0;
  windows = new SendWindows([() => now]);
  sender = new OneShotSender('https', windows);
  // the certificate vouches for itself: for this sender alone, and production has no such choice
  (Reflect.get(sender, 'agent') as https.Agent).options.ca = TEST_ONLY_CERTIFICATE;
  server = https.createServer({ key: TEST_ONLY_KEY, cert: TEST_ONLY_CERTIFICATE }, (request, response) => {
    seen += 1;
    request.resume().on('end', () => response.end('{}'));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
});

afterEach(async () => {
  sender.close();
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const send = (key: string, to: net.Server = server, timeoutMs = 2_000): Promise<WholeReply> => {
  const { port } = to.address() as AddressInfo;
  const close = windows.opened(key, WINDOW_MS);
  return sender
    .send({
      ...{ host: '127.0.0.1', port, path: '/', method: 'POST', idempotencyKey: key },
      ...{ headers: { 'content-length': 2 }, body: '{}', timeoutMs },
    })
    .finally(close);
};

/** The client's half of the connection is open by then, and has said hello; the server's answer is on its way. */
const duringTheHandshake = (happens: () => void): void => {
  server.once('keylog', happens);
};

describe('over TLS a request is looked at once more when the handshake is over', () => {
  it.each([
    ['in time', WINDOW_MS, { status: 200 }, 1],
    ['too late', WINDOW_MS + 1, { kind: 'too_late' }, 0],
  ])('%s', async (_name, heldUpForMs, ends, arrived) => {
    duringTheHandshake(() => {
      now += heldUpForMs;
    });
    const end: unknown = await send('key').catch((failure: unknown) => failure);
    expect(end).toMatchObject(ends);
    expect(seen).toBe(arrived);
  });

  it('and does not leave on a connection of before, either', async () => {
    await send('before');
    const late = send('late');
    now += WINDOW_MS + 1;
    await expect(late).rejects.toMatchObject({ kind: 'too_late' });
    expect(seen).toBe(1);
  });

  it('has not left while the handshake does not end', async () => {
    const held: net.Socket[] = [];
    const silent = net.createServer((socket) => held.push(socket.resume().on('error', () => undefined)));
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    const end: unknown = await send('key', silent, 200).catch((failure: unknown) => failure);
    for (const socket of held) socket.destroy();
    await new Promise((closed) => silent.close(closed));
    expect(end).toMatchObject({ kind: 'never_opened' });
  });
});
