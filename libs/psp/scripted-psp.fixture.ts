import type { OperationOutcome, OperationRequest, PspGateway } from '@tender/domain';
import * as http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** A request as it came over the wire. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** Answers one request; the socket is there for scripts that break it. */
export type Script = (request: SeenRequest, response: http.ServerResponse, socket: Socket) => void;

export interface ScriptedPsp {
  readonly url: string;
  readonly seen: SeenRequest[];
  script: Script;
  stop(): Promise<void>;
}

/** A server that says what a spec tells it to, for replies that no well-behaved simulator gives. */
export async function startScriptedPsp(script: Script): Promise<ScriptedPsp> {
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => {
      body += chunk;
    });
    request.on('end', () => {
      const { method = '', url = '', headers, socket } = request;
      const one = { method, path: url, headers, body };
      scripted.seen.push(one);
      scripted.script(one, response, socket);
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const scripted: ScriptedPsp = {
    url: `http://127.0.0.1:${port}`,
    seen: [],
    script,
    stop: () =>
      new Promise((stopped) => {
        server.close(() => {
          stopped();
        });
        server.closeAllConnections();
      }),
  };
  return scripted;
}

export const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Script =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** Connections that end before their reply has. */
export const BROKEN_REPLIES: [string, Script][] = [
  ['reset before a reply', (_request, _response, socket) => socket.resetAndDestroy()],
  ['closed before a reply', (_request, _response, socket) => socket.destroy()],
  [
    'reset within the head',
    (_request, _response, socket) => {
      socket.write('HTTP/1.1 200 OK\r\nconte', () => socket.resetAndDestroy());
    },
  ],
  [
    'reset within the body',
    (_request, _response, socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{"id"', () => socket.resetAndDestroy());
    },
  ],
];

const DRIP_EVERY_MS = 20;

/** What only a deadline over the whole call ends. */
export const ENDLESS_REPLIES: [string, Script][] = [
  ['no reply', () => undefined],
  [
    'a reply that drips for ever',
    (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), DRIP_EVERY_MS);
      response.on('close', () => {
        clearInterval(drip);
      });
    },
  ],
];

export async function portNobodyListensOn(): Promise<number> {
  const psp = await startScriptedPsp(() => undefined);
  await psp.stop();
  return Number(new URL(psp.url).port);
}

export function operated(
  gateway: Pick<PspGateway, 'capture' | 'cancel' | 'reverse'>,
  request: OperationRequest,
): Promise<OperationOutcome> {
  switch (request.kind) {
    case 'capture':
      return gateway.capture(request);
    case 'cancel':
      return gateway.cancel(request);
    case 'reversal':
      return gateway.reverse(request);
  }
}

/** Both times the recorded bytes, under one key. */
export function expectSentTwice(
  { seen }: ScriptedPsp,
  { key, path, body }: { readonly key: string; readonly path: string; readonly body: string },
): void {
  const sent = seen.map(({ headers, ...one }) => [
    headers['idempotency-key'],
    one.method,
    one.path,
    one.body,
  ]);
  expect(sent).toEqual([
    [key, 'POST', path, body],
    [key, 'POST', path, body],
  ]);
}
