import { losesAnswer, strikesInFront, type Struck } from '../fault-effects';
import type { Fault } from '../faults';
import { parseFault } from '../faults';
import type { RawHeaders, Reply, Request } from '../http-listener';
import { fingerprintOf } from '../idempotency-store';
import type { InProgress } from '../in-progress';
import { renderAnswer, type StoredAnswer } from './answer';
import {
  EDGE_ERROR,
  invalidRequest,
  isApiError,
  keyInUse,
  keyUsedWithOtherParams,
  LOCK_TIMEOUT,
  RATE_LIMITED,
  SERVER_ERROR,
  unauthorized,
  unknownRoute,
  type ApiError,
} from './api-error';
import { API_VERSION } from './event-json';
import { parseForm, type FormObject } from './form';
import { KEY_MAX_LENGTH, type KeyRecord } from './idempotency-store';
import { refused, type Work } from './operation';
import { FAULT_METADATA } from './params';
import { routeOf, type ReadRoute, type Route, type WriteRoute } from './routes';
import type { StripeSimulation } from './simulation';

const API_KEY = /^Bearer (?:sk|rk)_\w+$/;
/** `curl -u sk_test_…:` sends the key as a user name. */
const BASIC_KEY = /^(?:sk|rk)_\w+:$/;

/** A fault asked for in metadata strikes once a key, or the same bytes sent again could never get through. */
const STRUCK_KEYS_MAX = 100_000;

/** What one request carries through the pipeline. */
interface Exchange {
  readonly request: Request;
  readonly reply: Reply;
  readonly requestId: string;
  readonly key: string | null;
  readonly fault: Fault | undefined;
  /** `performance.now()` when all of it was read. */
  readonly readAt: number;
}

/** From a parsed HTTP request to its answer: access, route, faults, idempotency, execution. The order is the contract. */
export class RequestPipeline {
  private readonly struckKeys = new Set<string>();

  constructor(
    private readonly sim: StripeSimulation,
    private readonly inProgress: InProgress,
    private readonly refuseFor: (ms: number) => void,
  ) {}

  handle(request: Request, reply: Reply): void {
    const requestId = this.sim.ids.next('req');
    const key = request.method === 'POST' ? (request.headers['idempotency-key'] ?? null) : null;
    const readAt = performance.now();
    const bare: Exchange = { request, reply, requestId, key: singleKey(key), fault: undefined, readAt };
    const { authorization } = request.headers;
    if (authorization === undefined || !isKnownKey(authorization)) {
      this.refuse(bare, unauthorized(authorization));
      return;
    }
    const route = routeOf(request.method, request.path);
    const form = parseForm(route?.kind === 'write' ? request.body : request.query);
    if (route === undefined) this.refuse(bare, unknownRoute(request.method, request.path));
    else if (form === undefined) this.refuse(bare, invalidRequest('Invalid form encoding.'));
    else if (bare.key !== null && (bare.key === '' || bare.key.length > KEY_MAX_LENGTH)) {
      this.refuse(bare, invalidRequest(`Idempotency keys have 1 to ${KEY_MAX_LENGTH} characters.`));
    } else if (!this.sim.rateLimit.admits(faultOp(route, form))) {
      this.refuse(bare, RATE_LIMITED);
    } else {
      const fault = this.chooseFault(request, route, form, bare.key);
      if (fault === 'unknown') this.refuse(bare, invalidRequest('Unknown simulator fault.'));
      else this.admit({ ...bare, fault }, route, form);
    }
  }

  private chooseFault(
    request: Request,
    route: Route,
    form: FormObject,
    key: string | null,
  ): Fault | 'unknown' | undefined {
    const header = request.headers['x-sim-fault'];
    if (typeof header === 'string') return parseFault(header) ?? 'unknown';
    const metadata = form.metadata;
    const wanted = typeof metadata === 'object' ? metadata[FAULT_METADATA] : undefined;
    if (typeof wanted === 'string' && !this.struckKeys.has(key ?? '')) {
      if (key !== null) {
        if (this.struckKeys.size >= STRUCK_KEYS_MAX) this.struckKeys.clear();
        this.struckKeys.add(key);
      }
      return parseFault(wanted) ?? 'unknown';
    }
    return this.sim.faults.draw(faultOp(route, form));
  }

  private admit(exchange: Exchange, route: Route, form: FormObject): void {
    const isStruck = strikesInFront(this.struck(exchange), {
      errors: {
        '429': RATE_LIMITED,
        '429_lock_timeout': LOCK_TIMEOUT,
        '409': keyInUse(exchange.key ?? ''),
        '500_not_executed': EDGE_ERROR,
      },
      refuse: (error) => {
        this.refuse(exchange, error);
      },
      refuseFor: this.refuseFor,
    });
    if (isStruck) return;
    if (route.kind === 'write') this.write(exchange, route, form);
    else this.read(exchange, route, form);
  }

  private struck({ fault, reply }: Exchange): Struck {
    return { fault, reply, faults: this.sim.faults };
  }

  private read(exchange: Exchange, route: ReadRoute, query: FormObject): void {
    const { fault } = exchange;
    if (fault?.kind === '500_after_commit' || fault?.kind === '500_stored_not_executed') {
      this.sim.faults.injected(fault.kind);
      this.refuse(exchange, EDGE_ERROR);
      return;
    }
    this.inProgress.after(this.delayMs(fault), () => {
      let staleMs = 0;
      if (fault?.kind === 'stale' && route.kind === 'list') {
        this.sim.faults.injected('stale');
        staleMs = fault.ms;
      }
      this.sim.passTime();
      const { intents, refunds, events, view, clock } = this.sim;
      const result = route.answer(query, { intents, refunds, events, view, nowMs: clock.nowMs(), staleMs });
      this.sim.settled(() => {
        if (isApiError(result)) this.refuse(exchange, result);
        else this.answer(exchange, 200, JSON.stringify(result), this.headers(exchange));
      });
    });
  }

  private write(exchange: Exchange, route: WriteRoute, form: FormObject): void {
    const { key, request } = exchange;
    const fingerprint = key === null ? 0 : fingerprintOf(request.method, request.path, request.body);
    if (key !== null) {
      const state = this.sim.keys.begin(key, fingerprint, this.sim.clock.nowMs());
      if (state.kind === 'replay') {
        this.replay(exchange, state.record);
        return;
      }
      if (state.kind !== 'new') {
        this.refuse(exchange, state.kind === 'in_progress' ? keyInUse(key) : keyUsedWithOtherParams(key));
        return;
      }
    }
    const work = route.operation.prepare(form, route.id);
    if (isApiError(work)) {
      if (key !== null) this.sim.keys.abandon(key);
      this.refuse(exchange, work);
      return;
    }
    this.inProgress.after(this.delayMs(exchange.fault), () => {
      this.execute(exchange, work, fingerprint);
    });
  }

  private replay(exchange: Exchange, record: KeyRecord): void {
    this.inProgress.after(this.delayMs(exchange.fault), () => {
      this.sim.settled(() => {
        const headers = this.headers(
          exchange,
          record.answer.error?.shouldRetry ?? shouldRetry(record.answer),
        );
        headers.push('Idempotent-Replayed', 'true', 'Original-Request', record.answer.requestId);
        this.answer(exchange, record.answer.status, renderAnswer(record.answer, this.sim.view), headers);
      });
    });
  }

  private execute(exchange: Exchange, work: Work, fingerprint: number): void {
    const { sim } = this;
    const { key, requestId, fault } = exchange;
    sim.passTime();
    const nowMs = sim.clock.nowMs();
    const { intents, refunds, ids, resultsAfterMs } = sim;
    const outcome =
      fault?.kind === '500_stored_not_executed'
        ? refused(SERVER_ERROR, null)
        : work.execute({ intents, refunds, ids, nowMs, key, resultsAfterMs });
    const lied = fault?.kind === '500_after_commit' || fault?.kind === '500_stored_not_executed';
    if (lied) sim.faults.injected(fault.kind);
    const answer: StoredAnswer = lied
      ? { status: 500, requestId, intent: null, error: SERVER_ERROR, expand: [] }
      : {
          status: outcome.status,
          requestId,
          intent: outcome.intent,
          error: outcome.error,
          expand: work.expand,
          ...(outcome.refundId !== null && { refundId: outcome.refundId }),
        };
    const kept = key === null ? null : { key, fingerprint, atMs: nowMs, answer };
    sim.commit({ intent: outcome.changed, kept, cause: { requestId, key } }, () => {
      const headers = this.headers(exchange, shouldRetry(answer));
      if (key !== null) headers.push('Original-Request', requestId);
      this.answer(exchange, answer.status, renderAnswer(answer, this.sim.view), headers);
    });
  }

  private delayMs(fault: Fault | undefined): number {
    if (fault?.kind !== 'slow') return this.sim.latency.nextMs();
    this.sim.faults.injected('slow');
    return fault.ms;
  }

  /** The last stop: here the answer of what was executed may still be lost. */
  private answer(exchange: Exchange, status: number, body: string, headers: RawHeaders): void {
    const { reply, key, readAt } = exchange;
    if (this.inProgress.dead || losesAnswer(this.struck(exchange))) return;
    reply.send(status, headers, body);
    if (key !== null) this.sim.timings.add(key, performance.now() - readAt);
  }

  private refuse(exchange: Exchange, error: ApiError): void {
    const answer: StoredAnswer = {
      status: error.status,
      requestId: exchange.requestId,
      intent: null,
      error,
      expand: [],
    };
    exchange.reply.send(
      error.status,
      this.headers(exchange, error.shouldRetry),
      renderAnswer(answer, this.sim.view),
    );
  }

  private headers(exchange: Exchange, retry?: boolean): RawHeaders {
    const version = exchange.request.headers['stripe-version'];
    const headers = [
      'Content-Type',
      'application/json',
      'Request-Id',
      exchange.requestId,
      'Stripe-Version',
      typeof version === 'string' ? version : API_VERSION,
    ];
    if (exchange.key !== null) headers.push('Idempotency-Key', exchange.key);
    if (retry !== undefined) headers.push('Stripe-Should-Retry', String(retry));
    return headers;
  }
}

function shouldRetry(answer: StoredAnswer): boolean | undefined {
  return answer.status === 402 ? false : answer.error?.shouldRetry;
}

function singleKey(header: string | string[] | null): string | null {
  return Array.isArray(header) ? header.join(', ') : header;
}

function isKnownKey(authorization: string): boolean {
  if (API_KEY.test(authorization)) return true;
  if (!authorization.startsWith('Basic ')) return false;
  return BASIC_KEY.test(Buffer.from(authorization.slice(6), 'base64').toString('latin1'));
}

function faultOp(route: Route, form: FormObject): string {
  return route.kind === 'write' ? route.operation.faultOp(form) : route.faultOp;
}
