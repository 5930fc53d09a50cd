import type { PaymentState, PspGateway, PspName } from '@tender/domain';
import { paymentDecider } from '@tender/domain';
import {
  FoldedStreams,
  inProcessTimers,
  isRefundStream,
  PAYMENT_PREFIX,
  PaymentDriver,
  paymentStream,
  RefundDriver,
  refundStream,
  REFUND_PREFIX,
  runProcess,
  runProjection,
  schemaVersionOf,
  StreamCommands,
  timestampOf,
  WEBHOOK_PREFIX,
  webhookCommands,
  WebhookDriver,
  type NoticeReader,
  type Checkpoints,
  type RunningProcess,
  type RunningProjection,
} from '@tender/engine';
import type { RecordedEvent } from '@tender/eventstore';
import {
  protectGateway,
  SendWindows,
  type ProtectionLimits,
  type WindowedGateway,
} from '@tender/psp/resilience';
import { needsPerson, ProjectionGap } from '@tender/readmodels';
import { projectWhileHolding } from './leased-projection';
import type { PatchScene } from './patches';
import { noticeTranslator } from './post-office';
import { refundStreamsOf } from './refund-streams';
import { SETTLES_AFTER_MS } from './psp-wire';
import { SimLog, type SimProcess } from './sim-process';
import type { World } from './world';

/** As the worker sweeps; and once nothing fails any more and whatever sleeps has its timer, for days. */
const SWEEP_EVERY_MS = 30_000;
const SWEEP_EVERY_MS_WHEN_HEALED = 600_000;
/** Nothing is parked here, and a world may last for days. */
const LOOK_FOR_PARKED_EVERY_MS = 24 * 60 * 60_000;
/** Fewer than a world may have, so that folds are forgotten as they are in a process that runs for days. */
const STREAMS_KNOWN = 50;

export const PERMIT_WAIT_MS = 2_000;
const MANY_PERMITS: ProtectionLimits = { maxConcurrent: 250, maxWaiting: 200, maxWaitMs: PERMIT_WAIT_MS };
const FEW_PERMITS: ProtectionLimits = {
  maxConcurrent: 2,
  maxWaiting: 2,
  maxWaitMs: PERMIT_WAIT_MS,
  perSecond: 5,
};

export interface SimWorker {
  readonly process: SimProcess;
  /** Under way in this process. */
  effects(): number;
  pendingTimers(): Promise<number>;
}

/**
 * The worker as apps/worker wires it, on simulated ports. Each projects and sweeps, without the lease that saves the
 * others the effort: nothing may rest on it. Where a world has leases, one projects until another takes it for gone.
 */
export function startWorker(world: World, process: SimProcess): SimWorker {
  const { patches, readTarget } = world;
  const { clock } = process;
  const chance = world.chance.fork();
  const gateways = gatewaysOf(world, process);
  const scene: PatchScene = { clock, gateways };
  const plainLog = new SimLog(process, world);
  // its first calls are made below
  process.onStopped = (forMs) => {
    world.standsStill(forMs, plainLog);
  };
  const log = patches.log?.(plainLog, scene) ?? plainLog;
  const commands = new StreamCommands({
    log,
    clock,
    chance,
    schemaVersionOf,
    folded: new FoldedStreams<PaymentState>(STREAMS_KNOWN),
    decider: patches.decider?.(paymentDecider) ?? paymentDecider,
  });
  const timers = inProcessTimers({
    clock,
    run: (job) => (isRefundStream(job.stream) ? refunds : driver).wakeSafely(job),
    report: ({ what, detail }) => {
      world.problem(what, detail);
    },
  });
  const refundStreams = refundStreamsOf(world, { log, clock, chance });
  const refunds = new RefundDriver({
    log,
    commands: refundStreams,
    payments: commands,
    clock,
    chance,
    timers,
    gateways,
    report: ({ what, detail }) => {
      world.problem(what, detail);
    },
  });
  const driver = new PaymentDriver({
    log,
    commands,
    clock,
    chance,
    timers,
    gateways,
    beginRefund: (initiated, cause) => refunds.begin(initiated, cause),
    retryRefund: (grant, cause) => refunds.retry(grant, cause),
    report: (problem) => {
      world.problem(problem.what, problem.detail);
    },
  });
  const watching = {
    prefixes: [PAYMENT_PREFIX],
    clock,
    report: ({ what, error }: { what: string; error: unknown }) => {
      world.problem(what, error);
    },
  };
  const handle = (event: RecordedEvent, delivery: { readonly again: boolean }): Promise<void> | undefined =>
    driver.handle(event, delivery);
  const patched = patches.handle?.(handle, scene) ?? handle;
  const payments = runProcess({
    ...watching,
    name: 'payment-process',
    groups: patches.groups?.(plainLog) ?? plainLog,
    handle: patched,
    lookForParkedEveryMs: LOOK_FOR_PARKED_EVERY_MS,
  });
  const refunding = runProcess({
    ...watching,
    name: 'refund-process',
    prefixes: [REFUND_PREFIX],
    groups: plainLog,
    handle: (event, delivery) => refunds.handle(event, delivery),
    lookForParkedEveryMs: LOOK_FOR_PARKED_EVERY_MS,
  });
  const notices = new WebhookDriver({
    log,
    commands,
    refunds: refundStreams,
    inbox: webhookCommands({ log, clock, chance }),
    // what is asked of a PSP is durable before it hears of it: to park a notice would be a bug here
    parked: {
      park: ({ because }) => Promise.reject(new Error(`parked: ${because}`)),
      release: () => Promise.resolve(),
    },
    clock,
    chance,
    readers: { stripe: readerOf(gateways.stripe), adyen: readerOf(gateways.adyen) },
    report: (_psp, { what }) => {
      if (what === 'foreign' || what === 'ignored') world.problem(`notice_${what}`, '');
    },
  });
  const webhooks = runProcess({
    ...watching,
    name: 'webhook-process',
    prefixes: [WEBHOOK_PREFIX],
    groups: plainLog,
    handle: patches.handleNotice?.((event) => notices.handle(event)) ?? ((event) => notices.handle(event)),
    lookForParkedEveryMs: LOOK_FOR_PARKED_EVERY_MS,
  });
  const apply = patches.apply?.(readTarget) ?? readTarget.apply;
  const project = (): RunningProjection =>
    runProjection({
      ...watching,
      name: 'payment-status',
      prefixes: [PAYMENT_PREFIX, REFUND_PREFIX],
      log,
      checkpoints: checkpointsOf(world, process),
      apply: (events) => process.call('write read model', () => apply(events)),
      isTransient: (error) => !(error instanceof ProjectionGap),
    });
  const always = world.leases === undefined ? [project()] : [];
  if (world.leases !== undefined) projectWhileHolding(world, process, project);
  for (const { finished } of [payments, refunding, webhooks, ...always]) {
    finished.catch((error: unknown) => {
      if (process.alive) world.problem('reader_stopped', error);
    });
  }
  const sweep = (): void => {
    const dueBefore = timestampOf(clock.now());
    // what a person has to do, no timer does
    const open = readTarget.openFlows().filter(({ due, kind }) => due < dueBefore && !needsPerson(kind));
    driver.derive(
      open.map(({ paymentId, subject, tries }) => ({ stream: paymentStream(paymentId), subject, tries })),
    );
    refunds.derive(
      readTarget.openRefunds().map(({ id, tries }) => ({
        stream: refundStream(id),
        subject: id,
        tries: tries.at(-1)?.search?.tries ?? 0,
      })),
    );
    clock.after(world.faults.isHealed ? SWEEP_EVERY_MS_WHEN_HEALED : SWEEP_EVERY_MS, sweep);
  };
  if (patches.noSweep !== true) sweep();
  process.onKilled = () => {
    void timers.close();
    void plainLog.close();
  };
  // it may have died at one of its first calls, and its connections end with it
  if (!process.alive) process.onKilled();
  return {
    process,
    effects: () => (process.alive ? inFlightOf(payments, refunding, webhooks) : 0),
    pendingTimers: async () => (await timers.pending()).scheduled,
  };
}

const inFlightOf = (...processes: readonly RunningProcess[]): number =>
  processes.reduce((sum, { state }) => sum + state().inFlight, 0);

const readerOf = (gateway: PspGateway): NoticeReader => ({
  translator: noticeTranslator(gateway.psp),
  settlesAfterMs: SETTLES_AFTER_MS,
  identify: (request) => gateway.identify(request),
});

function gatewaysOf(world: World, process: SimProcess): Readonly<Record<PspName, PspGateway>> {
  const { patches } = world;
  const { stripe, adyen } = world.psps;
  // as the clock of a machine that goes on while the process stands still
  const windows = () => new SendWindows([() => (patches.clockStands === true ? 0 : process.clock.now())]);
  const plain = { stripe: stripe.gateway(windows()), adyen: adyen.gateway(windows()) };
  const scene: PatchScene = { clock: process.clock, gateways: plain };
  const gated = (gateway: WindowedGateway): WindowedGateway => {
    const { sendWindows } = gateway;
    const patched = stalling(world, process, patches.gateway?.(gateway, scene) ?? gateway);
    return {
      ...patched,
      sendWindows,
      authorize: (request) => process.call('authorize', () => patched.authorize(request)),
      lookup: (request) => process.call('lookup', () => patched.lookup(request)),
      completeAction: (request) => process.call('complete action', () => patched.completeAction(request)),
      capture: (request) => process.call('capture', () => patched.capture(request)),
      cancel: (request) => process.call('cancel', () => patched.cancel(request)),
      reverse: (request) => process.call('reverse', () => patched.reverse(request)),
      lookupOperation: (request) => process.call('look up operation', () => patched.lookupOperation(request)),
      refund: (request) => process.call('refund', () => patched.refund(request)),
      lookupRefund: (request) => process.call('look up refund', () => patched.lookupRefund(request)),
      identify: (request) => process.call('identify', () => patched.identify(request)),
    };
  };
  const limits = world.faults.happens('few_permits') ? FEW_PERMITS : MANY_PERMITS;
  const guarded = (gateway: WindowedGateway): PspGateway =>
    protectGateway(gated(gateway), {
      limits,
      clock: process.clock,
      onRefused: () => {
        world.faults.count('not_let_through');
      },
      onBreaker: ({ to }) => {
        if (to === 'open') world.faults.count('circuit_opened');
      },
    });
  return { stripe: guarded(plain.stripe), adyen: guarded(plain.adyen) };
}

/** Before any of its calls the process may stand still, though it has decided to make it. */
function stalling(world: World, process: SimProcess, gateway: PspGateway): PspGateway {
  const { faults } = world;
  const chance = world.chance.fork();
  const held =
    <Request, Answer>(call: (request: Request) => Promise<Answer>) =>
    async (request: Request): Promise<Answer> => {
      if (faults.happens('held_up_before_leaving')) await process.standStill(world.standstillMs(chance));
      return call(request);
    };
  return {
    ...gateway,
    authorize: held((request) => gateway.authorize(request)),
    completeAction: held((request) => gateway.completeAction(request)),
    capture: held((request) => gateway.capture(request)),
    cancel: held((request) => gateway.cancel(request)),
    reverse: held((request) => gateway.reverse(request)),
    refund: held((request) => gateway.refund(request)),
    lookup: held((request) => gateway.lookup(request)),
    lookupOperation: held((request) => gateway.lookupOperation(request)),
    lookupRefund: held((request) => gateway.lookupRefund(request)),
  };
}

function checkpointsOf(world: World, process: SimProcess): Checkpoints {
  const { saved, faults } = world;
  return {
    load: (name) => process.call('load checkpoint', () => Promise.resolve(saved.get(name))),
    save: (name, position) =>
      process.call('save checkpoint', () => {
        if (faults.happens('checkpoint_not_saved')) return Promise.reject(new Error('fault'));
        saved.set(name, position);
        return Promise.resolve();
      }),
  };
}
