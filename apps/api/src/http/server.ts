import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { Logger } from 'pino';
import { v7 as uuid7 } from 'uuid';
import type { Access } from '../access/access';
import { containsPan } from '../card-data/pan';
import { urlHoldsPan } from '../card-data/pan-guard';
import {
  KEEP_ALIVE_TIMEOUT_MS,
  MAX_BODY_BYTES,
  MAX_HEADER_BYTES,
  MAX_PATH_PARAMETER_CHARACTERS,
  MAX_WEBHOOK_BODY_BYTES,
  REQUEST_TIMEOUT_MS,
} from '../config/limits';
import { acceptForms } from './form-body';
import { acceptJsonOnly } from './json-body';
import type { ApiMetrics } from './metrics';
import { UNMATCHED_ROUTE } from './metrics';
import type { ProblemCode } from './problem';
import { Problem, PROBLEM_MEDIA_TYPE, problemJson, statusOf } from './problem';
import { problemOf, sendProblem } from './problem.filter';
import { DOCS_PATH, DOCS_SECURITY_HEADERS, SECURITY_HEADERS } from './security-headers';

export interface ServerParts {
  readonly access: Access;
  readonly metrics: ApiMetrics;
  readonly log: Logger;
}

/**
 * The Fastify instance below Nest. What must hold for every answer, also those given before any of our routes is
 * reached, is done here: the request id, security headers, the log line, and problem details.
 */
export function createServer(parts: ServerParts): FastifyInstance {
  const server = fastify({
    bodyLimit: MAX_BODY_BYTES,
    genReqId: () => uuid7(),
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
    // Fastify's own 503 is no problem document; while draining, the process decides what it still answers
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: MAX_PATH_PARAMETER_CHARACTERS },
    // a missing Host is refused below, as a problem document
    http: { maxHeaderSize: MAX_HEADER_BYTES, requireHostHeader: false },
    frameworkErrors: (error, request, reply) => {
      answerBelowRoutes(error, request, reply, parts);
    },
    clientErrorHandler: answerOnSocket,
  });
  server.decorateRequest('caller', undefined);
  server.decorateRequest('countedAs', undefined);
  server.decorateRequest('progress', 'answering');
  server.addHook('onRoute', (route) => {
    if (route.config?.rawBody === true) route.bodyLimit = MAX_WEBHOOK_BODY_BYTES;
  });
  acceptJsonOnly(server);
  acceptForms(server);
  server.addHook('onRequest', (request, reply, done) => {
    begin(request, reply, parts);
    done(refusalBeforeBody(request, parts.access));
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    if (request.progress === 'abandoned') end(request, reply, parts, CLIENT_CLOSED_REQUEST);
    done(null, payload);
  });
  server.addHook('onResponse', (request, reply, done) => {
    end(request, reply, parts, reply.statusCode);
    done();
  });
  return server;
}

/** nginx's status for a caller who left before the answer; nobody gets to see it but metrics and logs. */
const CLIENT_CLOSED_REQUEST = 499;

function begin(request: FastifyRequest, reply: FastifyReply, parts: ServerParts): void {
  parts.metrics.began();
  // Fastify has no hook for a caller who leaves while we work; the work counts as in flight until it is done
  reply.raw.once('close', () => {
    if (request.progress !== 'answering') return;
    request.progress = 'abandoned';
    if (reply.sent) end(request, reply, parts, CLIENT_CLOSED_REQUEST);
  });
  reply.header('request-id', request.id);
  reply.headers(
    request.routeOptions.url?.startsWith(DOCS_PATH) === true ? DOCS_SECURITY_HEADERS : SECURITY_HEADERS,
  );
}

/** Card numbers first: nothing that holds one is looked at any further. */
function refusalBeforeBody(request: FastifyRequest, access: Access): Error | undefined {
  try {
    const { host, 'idempotency-key': key } = request.headers;
    if (host === undefined && request.raw.httpVersion === '1.1') return new Problem('malformed_request');
    if (urlHoldsPan(request.raw.url ?? '') || (typeof key === 'string' && containsPan(key))) {
      return new Problem('card_data_forbidden');
    }
    access.admit(request);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const MS_PER_S = 1_000;

/** One line a request: never its path, its query, its headers or its body. */
function end(
  request: FastifyRequest,
  reply: FastifyReply,
  { access, metrics, log }: ServerParts,
  status: number,
): void {
  if (request.progress === 'ended') return;
  request.progress = 'ended';
  access.release(request);
  const route = request.routeOptions.url ?? UNMATCHED_ROUTE;
  const { method } = request;
  const ms = reply.elapsedTime;
  metrics.ended(method, route, status, ms / MS_PER_S);
  log.info(
    {
      method,
      route,
      status,
      ms: Math.round(ms * 10) / 10,
      request_id: request.id,
      key_id: request.caller?.keyId,
    },
    'request',
  );
}

/** The router refuses a malformed path before any hook runs. */
function answerBelowRoutes(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  { log }: ServerParts,
): void {
  const problem = problemOf(error);
  reply.headers({ ...SECURITY_HEADERS, 'request-id': request.id });
  sendProblem(reply, request.id, problem);
  log.info(
    {
      method: request.method,
      route: UNMATCHED_ROUTE,
      status: statusOf(problem.code),
      request_id: request.id,
    },
    'request',
  );
}

const PROBLEM_OF_CLIENT_ERROR: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** What arrived was not even HTTP: there is no request object, so the answer is written by hand. */
function answerOnSocket(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy();
    return;
  }
  const requestId = uuid7();
  const problem = new Problem(PROBLEM_OF_CLIENT_ERROR[error.code ?? ''] ?? 'malformed_request');
  const body = problemJson(problem, requestId);
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': PROBLEM_MEDIA_TYPE,
    'content-length': String(Buffer.byteLength(body)),
    'request-id': requestId,
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const status = statusOf(problem.code);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`);
}
