import type { SimClock } from './clock';
import { CONNECT_OP, type FaultScript, type FaultScriptBody } from './fault-script';
import type { Fault } from './faults';
import type { Reply, Request } from './http-listener';
import { isLatencyShape, type Latency } from './latency';
import { isRateLimit, type RateLimit } from './rate-limit';
import type { Timings } from './timings';
import { rowsAsJson, type TruthRow } from './truth';

/** What `/_sim/…` steers; every simulated PSP has one on its own port. */
export interface Controlled {
  readonly faults: FaultScript;
  readonly latency: Latency;
  readonly rateLimit: RateLimit;
  readonly clock: SimClock;
  readonly timings: Timings;
  truth(): Iterable<TruthRow>;
  /** Calls `done` when what was said so far is durable. */
  settled(done: () => void): void;
  clockMoved(done: () => void): void;
  reset(): void;
}

const JSON_HEADERS = ['Content-Type', 'application/json'] as const;

function answer(reply: Reply, status: number, body: object): void {
  reply.send(status, [...JSON_HEADERS], JSON.stringify(body));
}

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = text === '' ? {} : JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)
      ? (parsed as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Answers a control request; false when the path is not one. */
export function handleControl(
  sim: Controlled,
  refuseFor: (ms: number) => void,
  request: Request,
  reply: Reply,
): boolean {
  switch (`${request.method} ${request.path}`) {
    case 'GET /_sim/truth':
      sim.settled(() => {
        reply.stream(200, [...JSON_HEADERS], rowsAsJson(sim.truth()));
      });
      return true;
    case 'GET /_sim/faults':
      answer(reply, 200, sim.faults.describe());
      return true;
    case 'GET /_sim/clock':
      answer(reply, 200, describeClock(sim.clock));
      return true;
    case 'GET /_sim/latency':
      answer(reply, 200, describeLatency(sim.latency));
      return true;
    case 'GET /_sim/rate_limit':
      answer(reply, 200, describeRateLimit(sim.rateLimit));
      return true;
    case 'GET /_sim/timings':
      reply.stream(200, [...JSON_HEADERS], rowsAsJson(sim.timings.all()));
      return true;
    case 'POST /_sim/reset':
      sim.reset();
      answer(reply, 200, { reset: true });
      return true;
    case 'PUT /_sim/faults':
    case 'PUT /_sim/latency':
    case 'PUT /_sim/rate_limit':
    case 'POST /_sim/clock': {
      const body = jsonObject(request.body);
      const problem =
        body === undefined
          ? 'the body is not a JSON object'
          : change(sim, refuseFor, request.path, body, reply);
      if (problem !== undefined) answer(reply, 400, { error: { message: problem } });
      return true;
    }
    default:
      return false;
  }
}

/** Applies and answers, or returns what is wrong. */
function change(
  sim: Controlled,
  refuseFor: (ms: number) => void,
  path: string,
  body: Record<string, unknown>,
  reply: Reply,
): string | undefined {
  if (path === '/_sim/clock') return moveClock(sim, body, reply);
  if (path === '/_sim/latency') {
    const shape = { medianMs: body.median_ms, p99Ms: body.p99_ms };
    if (!isLatencyShape(shape)) return 'needs median_ms and p99_ms with 0 <= median_ms <= p99_ms';
    sim.latency.configure(shape);
    answer(reply, 200, describeLatency(sim.latency));
    return undefined;
  }
  if (path === '/_sim/rate_limit') {
    const { rate_limit_per_second: limit } = body;
    if (!isRateLimit(limit)) return 'needs rate_limit_per_second: a whole number >= 1, or null';
    sim.rateLimit.perSecond = limit;
    answer(reply, 200, describeRateLimit(sim.rateLimit));
    return undefined;
  }
  if (!looksLikeScript(body)) return 'rates is an object, ops an array of names, next an array of objects';
  const problem = sim.faults.replace(body);
  if (problem !== undefined) return problem;
  for (let fault = plannedRefusal(sim); fault !== undefined; fault = plannedRefusal(sim)) {
    sim.faults.injected('refused');
    refuseFor(fault.ms);
  }
  answer(reply, 200, sim.faults.describe());
  return undefined;
}

function plannedRefusal(sim: Controlled): Fault | undefined {
  return sim.faults.takePlanned(CONNECT_OP);
}

function looksLikeScript(body: Record<string, unknown>): body is FaultScriptBody & Record<string, unknown> {
  const { rates = {}, ops = [], next = [] } = body;
  return (
    typeof rates === 'object' &&
    rates !== null &&
    Array.isArray(ops) &&
    ops.every((op) => typeof op === 'string') &&
    Array.isArray(next) &&
    next.every((entry) => {
      if (typeof entry !== 'object' || entry === null) return false;
      const { op, fault } = entry as Record<string, unknown>;
      return typeof op === 'string' && typeof fault === 'string';
    })
  );
}

function moveClock(sim: Controlled, body: Record<string, unknown>, reply: Reply): string | undefined {
  const { advance_ms: advanceMs, now } = body;
  if (typeof advanceMs === 'number' && Number.isFinite(advanceMs) && advanceMs >= 0 && now === undefined) {
    sim.clock.advance(advanceMs);
  } else if ((typeof now === 'string' || typeof now === 'number') && advanceMs === undefined) {
    const target = typeof now === 'number' ? now : Date.parse(now);
    if (!(target >= sim.clock.nowMs())) return 'the clock only moves forward';
    sim.clock.moveTo(target);
  } else {
    return 'needs advance_ms >= 0, or now as RFC 3339 or milliseconds since 1970';
  }
  sim.clockMoved(() => {
    answer(reply, 200, describeClock(sim.clock));
  });
  return undefined;
}

function describeLatency({ shape }: Latency): object {
  return { median_ms: shape.medianMs, p99_ms: shape.p99Ms };
}

function describeRateLimit({ perSecond, refused }: RateLimit): object {
  return { rate_limit_per_second: perSecond, refused };
}

function describeClock(clock: SimClock): object {
  const nowMs = clock.nowMs();
  return { now: new Date(nowMs).toISOString(), now_ms: nowMs, ahead_ms: clock.offsetMs };
}
