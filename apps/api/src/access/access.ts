import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem';
import type { ApiKeys, Caller, Scope } from './api-keys';
import type { KeyLimits } from './key-limits';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed to do; without one the route is open to everybody. */
    scope?: Scope;
    /** The body is handed over as it came: for signatures over bytes. */
    rawBody?: boolean;
  }
  interface FastifyRequest {
    /** Set on every route that asks for a scope. */
    caller: Caller | undefined;
    admitted: boolean;
    progress: 'answering' | 'abandoned' | 'ended';
  }
}

/** Every route under here asks for a scope; one that forgot to is closed. */
export const GUARDED_PREFIX = '/v1/';

/** Names the scope that a key needs for a route. */
export const Requires = (scope: Scope): MethodDecorator => RouteConfig({ scope });

/**
 * Decides before the body is read who may go on: unknown keys cost us no parsing. Works on the router's metadata
 * rather than as a Nest guard, which would run after the body is parsed.
 */
export class Access {
  constructor(
    private readonly keys: ApiKeys,
    private readonly limits: KeyLimits,
  ) {}

  admit(request: FastifyRequest): void {
    const { config, url } = request.routeOptions;
    if (config.scope === undefined) {
      if (url?.startsWith(GUARDED_PREFIX) === true) throw new Error(`${url} names no scope`);
      return;
    }
    const caller = this.keys.callerOf(request.headers.authorization);
    if (caller === undefined) {
      throw new Problem('unauthenticated', { headers: { 'www-authenticate': 'Bearer realm="tender"' } });
    }
    request.caller = caller;
    if (!caller.scopes.has(config.scope)) {
      throw new Problem('forbidden', { detail: `The API key lacks the scope ${config.scope}.` });
    }
    const retryAfterS = this.limits.admit(caller.keyId);
    if (retryAfterS !== undefined) {
      throw new Problem('rate_limited', { headers: { 'retry-after': String(retryAfterS) } });
    }
    request.admitted = true;
  }

  release(request: FastifyRequest): void {
    if (!request.admitted || request.caller === undefined) return;
    request.admitted = false;
    this.limits.release(request.caller.keyId);
  }
}

/** The caller of a guarded route. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('a guarded route was reached without a caller');
  return request.caller;
}
