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
