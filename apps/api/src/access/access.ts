import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { Problem } from '../http/problem';
import type { ApiKeys, Caller, Scope } from './api-keys';
import type { KeyLimits } from './key-limits';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must be allowed to do; without one the route is open to everybody. */
    scope?: Scope;
    /** Says that a route is open on purpose: those who use it have no key, and share one limit under this name. */
    openAs?: string;
    /** The body is handed over as it came: for signatures over bytes. */
    rawBody?: boolean;
    /** A browser may post a form here; nowhere else. */
    formBody?: boolean;
  }
  interface FastifyRequest {
    /** Set on every route that asks for a scope. */
    caller: Caller | undefined;
    /** Whose limits the request counts against until it ends. */
    countedAs: { readonly limits: KeyLimits; readonly name: string } | undefined;
    progress: 'answering' | 'abandoned' | 'ended';
  }
}

/** Every route under here asks for a scope or says that it is open; one that forgot to is closed. */
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
    private readonly openLimits: KeyLimits,
  ) {}

  admit(request: FastifyRequest): void {
    const { config, url } = request.routeOptions;
    if (config.scope === undefined) {
      if (config.openAs !== undefined) count(request, this.openLimits, config.openAs);
      else if (url?.startsWith(GUARDED_PREFIX) === true) throw new Error(`${url} names no scope`);
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
    count(request, this.limits, caller.keyId);
  }

  release(request: FastifyRequest): void {
    const counted = request.countedAs;
    request.countedAs = undefined;
    counted?.limits.release(counted.name);
  }
}

function count(request: FastifyRequest, limits: KeyLimits, name: string): void {
  const retryAfterS = limits.admit(name);
  if (retryAfterS !== undefined) {
    throw new Problem('rate_limited', { headers: { 'retry-after': String(retryAfterS) } });
  }
  request.countedAs = { limits, name };
}

/** The caller of a guarded route. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === undefined) throw new Error('a guarded route was reached without a caller');
  return request.caller;
}
