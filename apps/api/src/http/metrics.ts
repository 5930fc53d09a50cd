import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds. The lower ones tell reads apart, the upper ones the waits that `Prefer: wait` allows. */
const DURATION_BUCKETS_S = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** The route of a request that no route matched: its path is the caller's and would be a label without bounds. */
export const UNMATCHED_ROUTE = 'unmatched';

/** What became of a notice, or of a whole delivery. */
export type WebhookResult =
  | 'stored'
  | 'duplicate'
  | 'unconfirmed'
  | 'forged'
  | 'unauthenticated'
  | 'not_ours'
  | 'unreadable';

/** What Prometheus is told. Labels are route templates, status codes and our own enums: bounded by the code. */
export class ApiMetrics {
  readonly registry = new Registry();
  private readonly duration = new Histogram({
    name: 'tender_http_request_duration_seconds',
    help: 'Time to answer, by route template and status',
    labelNames: ['method', 'route', 'status'] as const,
    buckets: DURATION_BUCKETS_S,
    registers: [this.registry],
  });
  private readonly inFlight = new Gauge({
    name: 'tender_http_requests_in_flight',
    help: 'Requests that have no answer yet',
    registers: [this.registry],
  });
  private readonly answers = new Counter({
    name: 'tender_payment_answers_total',
    help: 'Answers to POST /v1/payments, by the status in them and whether they repeat an earlier one',
    labelNames: ['status', 'replayed'] as const,
    registers: [this.registry],
  });
  private readonly webhooks = new Counter({
    name: 'tender_webhooks_total',
    help: 'Notices of PSPs that were stored or known before, and deliveries that were refused, by why',
    labelNames: ['psp', 'result'] as const,
    registers: [this.registry],
  });
  private readonly children = new Map<string, ReturnType<Histogram['labels']>>();

  constructor(options: { readonly process: boolean }) {
    if (options.process) collectDefaultMetrics({ register: this.registry });
  }

  began(): void {
    this.inFlight.inc();
  }

  ended(method: string, route: string, status: number, seconds: number): void {
    this.inFlight.dec();
    const key = `${method} ${route} ${status}`;
    let child = this.children.get(key);
    if (child === undefined) {
      child = this.duration.labels(method, route, String(status));
      this.children.set(key, child);
    }
    child.observe(seconds);
  }

  paymentAnswered(status: string, replayed: boolean): void {
    this.answers.labels(status, String(replayed)).inc();
  }

  webhook(psp: string, result: WebhookResult): void {
    this.webhooks.labels(psp, result).inc();
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
