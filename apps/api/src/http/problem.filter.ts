import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, HttpException } from '@nestjs/common';
import { EventLogUnavailable } from '@tender/eventstore';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { RETRY_AFTER_S } from '../config/limits';
import { describeFault } from './fault-description';
import type { ProblemCode } from './problem';
import { Problem, PROBLEM_MEDIA_TYPE, problemJson, statusOf } from './problem';

/** Fastify's own refusals, by their code; what is not listed follows its status. */
const PROBLEM_OF_FASTIFY_ERROR: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_body',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_body',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'path_too_long',
  FST_ERR_NOT_FOUND: 'not_found',
};

const PROBLEM_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'not_found',
  408: 'request_timeout',
  413: 'body_too_large',
  414: 'path_too_long',
  415: 'unsupported_media_type',
  429: 'rate_limited',
  431: 'headers_too_large',
};

const unavailable = (): Problem =>
  new Problem('unavailable', {
    detail: 'The event store does not answer at the moment. The same request may be sent again safely.',
    headers: { 'retry-after': String(RETRY_AFTER_S) },
  });

/** What a caller is told about an exception. Texts of foreign exceptions stay inside: they quote the request. */
export function problemOf(exception: unknown): Problem {
  if (exception instanceof Problem) return exception;
  if (exception instanceof EventLogUnavailable) return unavailable();
  const cause = exception instanceof HttpException ? (exception.cause ?? exception) : exception;
  const status = exception instanceof HttpException ? exception.getStatus() : statusCodeOf(cause);
  const code = PROBLEM_OF_FASTIFY_ERROR[codeOf(cause)] ?? PROBLEM_OF_STATUS[status];
  if (code !== undefined) return new Problem(code);
  return new Problem(status >= 400 && status < 500 ? 'malformed_request' : 'internal_error');
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

const statusCodeOf = (error: unknown): number =>
  error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : 500;

export function sendProblem(reply: FastifyReply, requestId: string, problem: Problem): void {
  if (reply.sent) return;
  void reply
    .code(statusOf(problem.code))
    .headers({ ...problem.details.headers, 'content-type': PROBLEM_MEDIA_TYPE })
    // as bytes: to a text Fastify would add a charset, which the media type has not
    .send(Buffer.from(problemJson(problem, requestId)));
}

/** The one place where an exception becomes an answer, for handlers, hooks, parsers and unknown routes alike. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly log: Logger) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const problem = problemOf(exception);
    if (statusOf(problem.code) >= 500) {
      this.log.error({ request_id: request.id, ...describeFault(exception) }, 'request failed');
    }
    sendProblem(http.getResponse<FastifyReply>(), request.id, problem);
  }
}
