import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** One thing that must hold for a process to be of use; the text says what is wrong. */
export type ReadinessCheck = () => string | undefined;

export interface OperationsServer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * `/health/live`, `/health/ready` and `/metrics` of a process that has no other HTTP face.
 */
export async function startOperationsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly registry: Registry;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
}): Promise<OperationsServer> {
  const server = createServer((request, response) => {
    const json = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    switch (request.url ?? '') {
      case '/health/live':
        json(200, { status: 'live' });
        return;
      case '/health/ready': {
        const problems = Object.entries(options.checks).flatMap(([name, check]) => {
          const problem = check();
          return problem === undefined ? [] : [{ check: name, problem }];
        });
        json(problems.length === 0 ? 200 : 503, {
          status: problems.length === 0 ? 'ready' : 'not_ready',
          problems,
        });
        return;
      }
      case '/metrics':
        options.registry.metrics().then(
          (text) => response.writeHead(200, { 'content-type': options.registry.contentType }).end(text),
          (error: unknown) => response.writeHead(500).end(String(error)),
        );
        return;
      default:
        json(404, { status: 'not_found' });
    }
  });
  await listen(server, options.port, options.host);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
