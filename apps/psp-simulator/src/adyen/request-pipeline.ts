import { losesAnswer, strikesInFront, type Struck } from '../fault-effects';
import { parseFault, type Fault } from '../faults';
import type { RawHeaders, Reply, Request } from '../http-listener';
import { fingerprintOf } from '../idempotency-store';
import type { InProgress } from '../in-progress';
import {
  BUSY,
  errorBody,
  invalid,
  isApiError,
  KEY_REUSED,
  keyInProgress,
  SERVER_ERROR,
  TOO_MANY,
  UNAUTHORIZED,
  UNKNOWN_ROUTE,
  UNPARSABLE,
  WRONG_ACCOUNT,
  type ApiError,
} from './api-error';
import { KEY_MAX_LENGTH, type StoredAnswer } from './idempotency';
import { isObject, type JsonObject, type Work } from './operation';
import { routeOf, type Route } from './routes';
import type { AdyenSimulation } from './simulation';

/** What differs between accounts, and between what is known of Adyen. */
export interface Account {
  readonly merchantAccount: string;
  readonly resultsAfterMs: number;
  /** Of the answer to a key that is being worked on: 409 in the present docs, 422 in older ones. */
  readonly inFlightStatus: 409 | 422;
  /** What a key gets that comes with another request: an error, or the answer of the first one. */
  readonly reusedKey: 'refuse' | 'replay';
  /**
   * What `500_after_commit` leaves under the key. Adyen does not document it: the 500, which then hides the result for as
   * long as the key lives, or the result, when the 500 came from something in front of the API.
   */
  readonly keyAfter500: 'error' | 'result';
  origin: string;
}

const SERVER_ERROR_ANSWER: StoredAnswer = { status: SERVER_ERROR.status, body: errorBody(SERVER_ERROR) };

interface Exchange {
  readonly request: Request;
  readonly reply: Reply;
  readonly key: string | null;
  readonly fault: Fault | undefined;
  readonly readAt: number;
}

/** From a parsed HTTP request to its answer: access, route, faults, idempotency, execution. The order is the contract. */
export class RequestPipeline {
  constructor(
    private readonly sim: AdyenSimulation,
    private readonly account: Account,
    private readonly inProgress: InProgress,
    private readonly refuseFor: (ms: number) => void,
  ) {}

  handle(request: Request, reply: Reply): void {
    const header = request.headers['idempotency-key'];
    const key = typeof header === 'string' ? header : null;
    const bare: Exchange = { request, reply, key, fault: undefined, readAt: performance.now() };
    const apiKey = request.headers['x-api-key'];
    const route = routeOf(request.method, request.path);
    const body = parsed(request.body);
    if (typeof apiKey !== 'string' || apiKey === '') this.refuse(bare, UNAUTHORIZED);
    else if (route === undefined) this.refuse(bare, UNKNOWN_ROUTE);
    else if (body === undefined) this.refuse(bare, UNPARSABLE);
    else if (!this.isOurs(route, body)) {
      this.refuse(bare, WRONG_ACCOUNT);
    } else if (key !== null && (key === '' || key.length > KEY_MAX_LENGTH)) {
      this.refuse(bare, invalid('702', `Idempotency keys have 1 to ${KEY_MAX_LENGTH} characters.`));
    } else if (!this.sim.rateLimit.admits(route.operation.faultOp)) {
      this.refuse(bare, TOO_MANY);
    } else {
      const fault = this.chooseFault(request, route);
      if (fault === 'unknown') this.refuse(bare, invalid('702', 'Unknown simulator fault.'));
      else this.admit({ ...bare, fault }, route, body);
    }
  }

  /** What belongs to a payment by what it carries names no account. */
  private isOurs({ operation }: Route, { merchantAccount }: JsonObject): boolean {
    return merchantAccount === undefined
      ? operation.faultOp === 'details'
      : merchantAccount === this.account.merchantAccount;
  }

  private chooseFault(request: Request, route: Route): Fault | 'unknown' | undefined {
    const header = request.headers['x-sim-fault'];
    if (typeof header === 'string') return parseFault(header) ?? 'unknown';
    return this.sim.faults.draw(route.operation.faultOp);
  }

  private admit(exchange: Exchange, route: Route, body: JsonObject): void {
    const isStruck = strikesInFront(this.struck(exchange), {
      errors: {
        '429': TOO_MANY,
        '429_lock_timeout': BUSY,
        '409': keyInProgress(this.account.inFlightStatus),
        '500_not_executed': SERVER_ERROR,
      },
      refuse: (error) => {
        this.refuse(exchange, error);
      },
      refuseFor: this.refuseFor,
    });
    if (isStruck) return;
    this.write(exchange, route, body);
  }

  private struck({ fault, reply }: Exchange): Struck {
    return { fault, reply, faults: this.sim.faults };
  }

  private write(exchange: Exchange, route: Route, body: JsonObject): void {
    const { key, request } = exchange;
    const keys = this.sim.keys[route.region];
    const fingerprint = key === null ? 0 : fingerprintOf(request.method, request.path, request.body);
    if (key !== null) {
      const state = keys.begin(key, fingerprint, this.sim.clock.nowMs());
      const stored = state.kind === 'replay' ? state.record : this.reused(route, key, state.kind);
      if (stored !== undefined) {
        this.replay(exchange, stored.answer);
        return;
      }
      if (state.kind !== 'new') {
        const inFlight = keyInProgress(this.account.inFlightStatus);
        this.refuse(exchange, state.kind === 'in_progress' ? inFlight : KEY_REUSED);
        return;
      }
    }
    const work = route.operation.prepare(body, route.pspReference);
    if (isApiError(work)) {
      if (key !== null) keys.abandon(key);
      this.refuse(exchange, work);
      return;
    }
    this.inProgress.after(this.delayMs(exchange.fault), () => {
      this.execute(exchange, route, work, fingerprint);
    });
  }

  /** The answer of the first request to a key that comes with another one, where the account is set to that. */
  private reused(route: Route, key: string, state: string) {
    if (state !== 'other_params' || this.account.reusedKey !== 'replay') return undefined;
    return this.sim.keys[route.region].live(this.sim.clock.nowMs()).find((record) => record.key === key);
  }

  private replay(exchange: Exchange, answer: StoredAnswer): void {
    this.inProgress.after(this.delayMs(exchange.fault), () => {
      this.sim.settled(() => {
        this.answer(exchange, answer);
      });
    });
  }

  private execute(exchange: Exchange, { region }: Route, work: Work, fingerprint: number): void {
    const { sim } = this;
    const { key, fault } = exchange;
    const nowMs = sim.clock.nowMs();
    const { payments, references } = sim;
    const outcome =
      fault?.kind === '500_stored_not_executed'
        ? SERVER_ERROR
        : work({ ...this.account, payments, references, nowMs, key });
    const lied = fault?.kind === '500_after_commit' || fault?.kind === '500_stored_not_executed';
    if (lied) sim.faults.injected(fault.kind);
    if (isApiError(outcome) && !lied) {
      if (key !== null) sim.keys[region].abandon(key);
      this.refuse(exchange, outcome);
      return;
    }
    const done = isApiError(outcome)
      ? { payment: null, news: [] }
      : { payment: outcome.changed, news: outcome.news };
    const result: StoredAnswer = isApiError(outcome)
      ? SERVER_ERROR_ANSWER
      : { status: outcome.status, body: JSON.stringify(outcome.body) };
    const answer = lied ? SERVER_ERROR_ANSWER : result;
    const stored = this.account.keyAfter500 === 'error' ? answer : result;
    const kept = key === null ? null : { region, record: { key, fingerprint, atMs: nowMs, answer: stored } };
    sim.commit({ ...done, kept }, () => {
      this.answer(exchange, answer);
    });
  }

  private delayMs(fault: Fault | undefined): number {
    if (fault?.kind !== 'slow') return this.sim.latency.nextMs();
    this.sim.faults.injected('slow');
    return fault.ms;
  }

  /** The last stop: here the answer of what was executed may still be lost. */
  private answer(exchange: Exchange, { status, body }: StoredAnswer): void {
    const { reply, key, readAt } = exchange;
    if (this.inProgress.dead || losesAnswer(this.struck(exchange))) return;
    reply.send(status, headersFor(exchange), body);
    if (key !== null) this.sim.timings.add(key, performance.now() - readAt);
  }

  private refuse(exchange: Exchange, error: ApiError): void {
    const headers = headersFor(exchange);
    if (error.transient === true) headers.push('transient-error', 'true');
    exchange.reply.send(error.status, headers, errorBody(error));
  }
}

/** The echo says that the request was taken as an idempotent one (Adyen docs, "API idempotency"). */
function headersFor({ key }: Exchange): RawHeaders {
  const headers = ['Content-Type', 'application/json;charset=utf-8'];
  if (key !== null) headers.push('Idempotency-Key', key);
  return headers;
}

function parsed(body: string): JsonObject | undefined {
  try {
    const json: unknown = JSON.parse(body);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}
