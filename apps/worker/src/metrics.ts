import type { PspGateway } from '@tender/domain';
import type { NoticeResult, ProcessState, Timers } from '@tender/engine';
import {
  PAYMENT_DOCUMENTS,
  REFUND_DOCUMENTS,
  type DocumentModel,
  type HeartbeatDetails,
  type JournalDocument,
  type LedgerHead,
} from '@tender/readmodels';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ProjectionForEver } from './project-for-ever';
import type { ParkedAges } from './parked-sweep';
import { ledgerMetrics, type LedgerReading } from './ledger-metrics';
import { verifierMetrics, type VerifierMetrics } from './verifier-metrics';
import { AGE_BANDS, OPEN_FLOW_KINDS, type OpenFlowAges } from './open-flow-ages';

export interface WorkerMetrics {
  readonly registry: Registry;
  /** The gateway with its calls counted and timed by outcome. */
  measured<Gateway extends PspGateway>(gateway: Gateway): Gateway;
  problem(what: string): void;
  /** What came of a PSP's notice. */
  notice(psp: string, result: NoticeResult): void;
  watch(parts: {
    readonly processes: Readonly<Record<'payments' | 'refunds' | 'webhooks', () => ProcessState>>;
    readonly projector: () => {
      readonly held: boolean;
      /** Undefined while another worker projects. */
      readonly projections: Readonly<Record<DocumentModel['name'], ProjectionForEver>> | undefined;
    };
    readonly timers: Timers;
  }): void;
  watchOpenFlows(ages: OpenFlowAges): void;
  /** Of the worker that sweeps; the others know of none. */
  watchParked(ages: ParkedAges, nowMs: () => number): void;
  /** Journals that were stored for good. */
  readonly posted: (journals: readonly JournalDocument[], head: LedgerHead) => void;
  readonly watchLedger: (read: LedgerReading) => void;
  readonly ledgerDetails: () => HeartbeatDetails;
  readonly verifier: VerifierMetrics;
}

export function createWorkerMetrics(): WorkerMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const calls = new Histogram({
    name: 'tender_psp_call_seconds',
    help: 'PSP calls by operation and outcome',
    labelNames: ['psp', 'operation', 'outcome'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  const problems = new Counter({
    name: 'tender_worker_problems_total',
    help: 'What had to be tried again or looked at by somebody',
    labelNames: ['what'],
    registers: [registry],
  });
  const notices = new Counter({
    name: 'tender_notices_total',
    help: 'Stored notices of PSPs by what came of them, with the reason where nothing did',
    labelNames: ['psp', 'result', 'reason'],
    registers: [registry],
  });
  const reasons = new BoundedLabels(MAX_NOTICE_REASONS);
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  };
  const timed = async <Outcome extends { readonly kind: string }>(
    labels: { psp: string; operation: string },
    call: Promise<Outcome>,
  ): Promise<Outcome> => {
    const startedAt = performance.now();
    const outcome = await call;
    calls.observe({ ...labels, outcome: outcome.kind }, (performance.now() - startedAt) / 1000);
    return outcome;
  };
  return {
    registry,
    measured: (gateway) => {
      const labels = (operation: string) => ({ psp: gateway.psp, operation });
      return {
        ...gateway,
        authorize: (request) => timed(labels('authorize'), gateway.authorize(request)),
        completeAction: (request) => timed(labels('completeAction'), gateway.completeAction(request)),
        capture: (request) => timed(labels('capture'), gateway.capture(request)),
        cancel: (request) => timed(labels('cancel'), gateway.cancel(request)),
        reverse: (request) => timed(labels('reverse'), gateway.reverse(request)),
        refund: (request) => timed(labels('refund'), gateway.refund(request)),
        lookup: (request) => timed(labels('lookup'), gateway.lookup(request)),
        lookupOperation: (request) => timed(labels('lookupOperation'), gateway.lookupOperation(request)),
        lookupRefund: (request) => timed(labels('lookupRefund'), gateway.lookupRefund(request)),
        identify: (request) => timed(labels('identify'), gateway.identify(request)),
      };
    },
    problem: (what) => {
      problems.inc({ what });
    },
    notice: (psp, result) => {
      const reason = 'because' in result ? reasons.labelOf(result.because) : '';
      notices.inc({ psp, result: result.what, reason });
    },
    watch({ processes, projector, timers }) {
      const { payments, refunds, webhooks } = processes;
      const all = (): readonly ProcessState[] => [payments(), refunds(), webhooks()];
      gauge(
        'tender_effects_in_flight',
        'Events whose effects are under way',
        () => payments().inFlight + refunds().inFlight,
      );
      gauge('tender_notices_in_flight', 'Notices that are being read', () => webhooks().inFlight);
      gauge('tender_process_connected', '1 while all groups give this worker events', () =>
        Number(all().every(({ connected }) => connected)),
      );
      gauge(
        'tender_events_parked',
        'Events that a group had laid aside; NaN while that is unknown. Each is an alert',
        () => all().reduce((sum, { parked }) => sum + (parked ?? Number.NaN), 0),
      );
      gauge('tender_projector_lease_held', '1 while this worker projects for all', () =>
        Number(projector().held),
      );
      watchProjections(registry, () => projector().projections);
      watchTimers(registry, timers);
    },
    watchOpenFlows(ages) {
      watchOpenFlows(registry, ages);
    },
    watchParked(ages, nowMs) {
      gauge('tender_notices_parked', 'Notices that wait for what they are about', () => ages.count);
      gauge(
        'tender_notices_parked_oldest_seconds',
        'Age of the oldest parked notice; 0 when none waits',
        () => ages.oldestAgeS(nowMs()),
      );
    },
    ...ledgerMetrics(registry),
    verifier: verifierMetrics(registry),
  };
}

/** Reasons name what a PSP sent, and a PSP may have many kinds of notices: the ones beyond are counted together. */
export const MAX_NOTICE_REASONS = 100;

/** Texts as labels, as many as a time series database can bear. */
export class BoundedLabels {
  private readonly known = new Set<string>();

  constructor(private readonly max: number) {}

  labelOf(text: string): string {
    if (this.known.size < this.max) this.known.add(text);
    return this.known.has(text) ? text : 'other';
  }
}

/** One of each model, also while another worker projects: an alert must see it rise. */
function watchProjections(
  registry: Registry,
  projections: () => Readonly<Record<DocumentModel['name'], ProjectionForEver>> | undefined,
): void {
  const gauge = (
    name: string,
    help: string,
    read: (state: ReturnType<ProjectionForEver['state']> | undefined) => number,
  ): void => {
    new Gauge({
      name,
      help,
      labelNames: ['model'],
      registers: [registry],
      collect() {
        for (const model of [PAYMENT_DOCUMENTS.name, REFUND_DOCUMENTS.name])
          this.set({ model }, read(projections()?.[model].state()));
      },
    });
  };
  gauge('tender_projection_live', '1 when the projection of this worker has caught up', (state) =>
    Number(state?.live ?? false),
  );
  gauge(
    'tender_projection_stopped',
    '1 while this worker projects for all and cannot: a hole in the documents. Rebuild them',
    (state) => Number(state?.stoppedBy !== undefined),
  );
  gauge(
    'tender_projected_events',
    'Events applied since this worker began to project',
    (state) => state?.applied ?? 0,
  );
}

/** A gauge for each kind and age, also where it is zero: an alert must see it fall. */
function watchOpenFlows(registry: Registry, ages: OpenFlowAges): void {
  new Gauge({
    name: 'tender_open_flows_due',
    help: 'Payments that somebody should have looked at, by what they wait for and for how long already',
    labelNames: ['kind', 'age'],
    registers: [registry],
    collect() {
      for (const kind of OPEN_FLOW_KINDS) {
        for (const { name: age } of AGE_BANDS) this.set({ kind, age }, ages.count(kind, age));
      }
    },
  });
}

/** A queue that cannot be asked has no number: its samples are missing instead of wrong. */
function watchTimers(registry: Registry, timers: Timers): void {
  new Gauge({
    name: 'tender_timers_pending',
    help: 'Wake-ups of payments that wait for evidence, by state; on a shared queue those of all processes',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      this.reset();
      const pending = await timers.pending().catch(() => undefined);
      for (const state of ['scheduled', 'due', 'running'] as const) {
        if (pending !== undefined) this.set({ state }, pending[state]);
      }
    },
  });
}
