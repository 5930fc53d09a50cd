import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A merchant's endpoint that says what it is told to. */
export class WebhookReceiver {
  status = 202;
  readonly received: Received[] = [];
  private readonly server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      this.received.push({ headers: request.headers, body });
      response.writeHead(this.status, { connection: 'close' });
      response.end();
    });
  });

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/webhooks`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  async until(count: number): Promise<void> {
    while (this.received.length < count) await new Promise((later) => setTimeout(later, 5));
  }
}
