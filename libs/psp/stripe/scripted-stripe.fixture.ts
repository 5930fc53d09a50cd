import type { AuthorizeRequest } from '@tender/domain';
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

export interface ScriptedStripe {
  readonly url: string;
  readonly seen: SeenRequest[];
  script: Script;
  stop(): Promise<void>;
}

/** A server that says what a spec tells it to, for replies that no well-behaved simulator gives. */
export async function startScriptedStripe(script: Script): Promise<ScriptedStripe> {
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
  const scripted: ScriptedStripe = {
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

export const REQUEST: AuthorizeRequest = {
  requestVersion: 1,
  attemptId: 'att_1',
  paymentId: 'pay_1',
  idempotencyKey: 'att_1-authorize-1',
  amountMinor: 1099n,
  currency: 'USD',
  token: 'pm_card_visa',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
};

/** When the intents of these specs were created: 2025-11-23T12:13:20Z. */
export const CREATED_S = 1_763_900_000;

/** The intent that a successful `REQUEST` gives, as Stripe writes it. */
export const intent = (changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  id: 'pi_1',
  object: 'payment_intent',
  amount: 1099,
  amount_capturable: 0,
  amount_received: 1099,
  created: CREATED_S,
  currency: 'usd',
  last_payment_error: null,
  latest_charge: {
    id: 'ch_1',
    object: 'charge',
    created: CREATED_S + 1,
    payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242' } },
  },
  metadata: { attempt: 'att_1', payment: 'pay_1' },
  next_action: null,
  status: 'succeeded',
  ...changes,
});
