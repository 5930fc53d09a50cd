import { randomUUID } from 'node:crypto';
import { EVENT_CATALOG } from '@tender/domain';
import {
  bullTimers,
  inProcessTimers,
  isRefundStream,
  paymentCommands,
  PaymentDriver,
  PAYMENT_PREFIX,
  refundCommands,
  RefundDriver,
  REFUND_PREFIX,
  runProcess,
  systemChance,
  systemClock,
  webhookCommands,
  WebhookDriver,
  WEBHOOK_PREFIX,
  workWhileHolding,
  type InProcessTimersOptions,
} from '@tender/engine';
import { connectEventStore, createCodec } from '@tender/eventstore';
import {
  noticeReaders,
  refuseEmbeddedServers,
  startOperationsServer,
  type Logger,
  type RunningApp,
} from '@tender/nest';
import {
  Checkpoints,
  connectReadStore,
  Heartbeats,
  Leases,
  OpenFlowsModel,
  ParkedNoticesModel,
  PAYMENT_DOCUMENTS,
  PAYMENT_STATUS,
  PaymentStatusModel,
  REFUND_DOCUMENTS,
  RefundStatusModel,
  type DocumentModel,
} from '@tender/readmodels';
import type { WorkerConfiguration } from './configuration';
import { projectDocuments } from './document-projection';
import { createGateways } from './gateways';
import { beatWhileAlive } from './heartbeat';
import { LEDGER, projectLedger } from './ledger-projection';
import type { ProjectionForEver } from './project-for-ever';
import { createWorkerMetrics } from './metrics';
import { OpenFlowAges } from './open-flow-ages';
import { ParkedAges, sweepParked } from './parked-sweep';
import { protections } from './protections';
import { sweepOpenFlows } from './sweep';
import { VERIFIER, verifyContinuously } from './verifier';

const PERCENT = 100;

/**
 * The wiring of the worker, on one page: it drives the processes of payments and refunds, reads what PSPs tell, and wakes
 * what waits for evidence. Any number of workers share that; one of them at a time projects the status read models and
 * sweeps for lost timers, and one, that one or another, keeps the ledger. Everything that a worker knows is in the
 * streams; a kill at any instant costs time only.
 */
export async function startWorker(configuration: WorkerConfiguration, logger: Logger): Promise<RunningApp> {
  const clock = systemClock;
  const chance = systemChance;
  // a name that no process had before or will have: a process id comes again
  const worker = `${process.pid}-${randomUUID()}`;
  const log = connectEventStore({ url: configuration.eventStoreUrl, codec: createCodec(EVENT_CATALOG) });
  const readStore = await connectReadStore({ uri: configuration.mongoUri, appName: 'tender-worker' });
  await refuseEmbeddedServers({ log, readStore }, configuration.allowEmbedded);

  // before any worker projects: the API asks for them at its start
  await new PaymentStatusModel(readStore).ensureIndexes();
  const parked = new ParkedNoticesModel(readStore);
  await parked.ensureIndexes();
  await new RefundStatusModel(readStore).ensureIndexes();
  const checkpoints = new Checkpoints(readStore);
  const heartbeats = new Heartbeats(readStore);

  const metrics = createWorkerMetrics();
  const gateways = createGateways(configuration, {
    measured: (gateway) => metrics.measured(gateway),
    protectedBy: protections({ clock, logger, registry: metrics.registry }),
  });
  const timerOptions: InProcessTimersOptions = {
    clock,
    run: (job) => (isRefundStream(job.stream) ? refunds : driver).wakeSafely(job),
    report: (problem) => {
      metrics.problem(problem.what);
      logger.warn(problem, 'timers');
    },
  };
  const { redisUrl } = configuration;
  const timers =
    redisUrl === undefined ? inProcessTimers(timerOptions) : bullTimers({ ...timerOptions, redisUrl });
  const commands = paymentCommands({ log, clock, chance });
  const commandsOfRefunds = refundCommands({ log, clock, chance });
  const refunds = new RefundDriver({
    log,
    commands: commandsOfRefunds,
    payments: commands,
    gateways: gateways.byPsp,
    timers,
    clock,
    chance,
    report: (problem) => {
      metrics.problem(problem.what);
      logger.warn(problem, 'refund process');
    },
  });
  const driver = new PaymentDriver({
    log,
    commands,
    gateways: gateways.byPsp,
    beginRefund: (initiated, cause) => refunds.begin(initiated, cause),
    retryRefund: (grant, cause) => refunds.retry(grant, cause),
    timers,
    clock,
    chance,
    report: (problem) => {
      metrics.problem(problem.what);
      logger.warn(problem, 'payment process');
    },
  });
  const notices = new WebhookDriver({
    log,
    commands,
    refunds: commandsOfRefunds,
    inbox: webhookCommands({ log, clock, chance }),
    parked,
    clock,
    readers: noticeReaders(gateways),
    chance,
    report: (psp, result, stream) => {
      metrics.notice(psp, result);
      if (result.what === 'ignored' && result.needsPerson) {
        metrics.problem('money_told_and_not_booked');
        logger.warn({ psp, stream, ...result }, 'notice');
      } else {
        logger.debug({ psp, stream, ...result }, 'notice');
      }
    },
  });
  const report = ({ reader, what, error }: { reader: string; what: string; error: unknown }): void => {
    metrics.problem(what);
    logger.warn({ reader, what, err: error }, 'reader');
  };
  const prefixes = [PAYMENT_PREFIX];
  const payments = runProcess({
    name: 'payment-process',
    prefixes,
    groups: log,
    clock,
    report,
    handle: (event, delivery) => driver.handle(event, delivery),
  });
  const refunding = runProcess({
    name: 'refund-process',
    prefixes: [REFUND_PREFIX],
    groups: log,
    clock,
    report,
    handle: (event, delivery) => refunds.handle(event, delivery),
  });
  const webhooks = runProcess({
    name: 'webhook-process',
    prefixes: [WEBHOOK_PREFIX],
    groups: log,
    clock,
    report,
    handle: (event) => notices.handle(event),
  });
  const ages = new OpenFlowAges((old) => {
    logger.warn(old, 'a payment or a refund waits for evidence, or for a person, for long');
  });
  metrics.watchOpenFlows(ages);
  const parkedAges = new ParkedAges();
  metrics.watchParked(parkedAges, () => clock.now());
  let projections: Readonly<Record<DocumentModel['name'], ProjectionForEver>> | undefined;
  const projector = workWhileHolding({
    name: PAYMENT_STATUS,
    holder: worker,
    leases: new Leases(readStore),
    clock,
    report,
    begin: () => {
      const project = (documents: DocumentModel): ProjectionForEver =>
        projectDocuments({ documents, store: readStore, log, checkpoints, clock, report });
      projections = {
        payment_status: project(PAYMENT_DOCUMENTS),
        refund_status: project(REFUND_DOCUMENTS),
      };
      const projecting = Object.values(projections);
      const swept = [
        { openFlows: new OpenFlowsModel(readStore), driver },
        { openFlows: new OpenFlowsModel(readStore, 'refunds'), driver: refunds },
      ];
      const sweep = sweepOpenFlows({ swept, ages, logger });
      const rereading = sweepParked({ parked, driver: notices, ages: parkedAges, logger });
      return {
        finished: Promise.all(projecting.map(({ finished }) => finished)).then(() => undefined),
        async stop() {
          await Promise.all([sweep, rereading, ...projecting].map((part) => part.stop()));
          // whoever sweeps now counts
          ages.roundBegins();
          ages.roundEnds();
          projections = undefined;
        },
      };
    },
  });
  let books: ProjectionForEver | undefined;
  const bookkeeper = workWhileHolding({
    name: LEDGER,
    holder: worker,
    leases: new Leases(readStore),
    clock,
    report,
    begin: () => (books = projectLedger({ store: readStore, log, clock, report, onPosted: metrics.posted })),
  });
  const share = configuration.verifySharePercent / PERCENT;
  const checker =
    share === 0
      ? undefined
      : workWhileHolding({
          name: VERIFIER,
          holder: worker,
          leases: new Leases(readStore),
          clock,
          report,
          begin: () =>
            verifyContinuously({ log, store: readStore, clock, logger, metrics: metrics.verifier, share }),
        });
  metrics.verifier.watch(() => checker?.isHeld() ?? false);
  metrics.watchLedger(() => ({ held: bookkeeper.isHeld(), state: books?.state() }));
  metrics.watch({
    processes: { payments: payments.state, refunds: refunding.state, webhooks: webhooks.state },
    projector: () => ({ held: projector.isHeld(), projections }),
    timers,
  });

  const heartbeat = beatWhileAlive({
    heartbeats,
    worker,
    isLive: () => [payments, refunding, webhooks].every(({ state }) => state().connected),
    details: metrics.ledgerDetails,
    logger,
  });
  const operations = await startOperationsServer({
    ...configuration.operations,
    registry: metrics.registry,
    checks: {
      'payment-process': () => (payments.state().connected ? undefined : 'is not in its group'),
      'refund-process': () => (refunding.state().connected ? undefined : 'is not in its group'),
      'payment-status': () => whyBehind(projections?.payment_status),
      'refund-status': () => whyBehind(projections?.refund_status),
      ledger: () => (bookkeeper.isHeld() ? books?.state().stoppedBy : undefined),
    },
  });

  return {
    ready: { operationsPort: operations.port },
    failed: Promise.race([
      ...[payments, refunding, webhooks].map(({ finished }) => neverEnds(finished)),
      readStore.failed,
    ]),
    async close() {
      driver.stop();
      refunds.stop();
      // others go on with what this one leaves while it finishes what it has begun
      await Promise.all([
        payments.stop(),
        refunding.stop(),
        webhooks.stop(),
        projector.stop(),
        bookkeeper.stop(),
        checker?.stop(),
        heartbeat.stop(),
        timers.close(),
        operations.close(),
      ]);
      gateways.close();
      await log.close();
      await readStore.close();
    },
  };
}

/** Undefined also where another worker projects. */
function whyBehind(projection: ProjectionForEver | undefined): string | undefined {
  const { live, stoppedBy } = projection?.state() ?? { live: true, stoppedBy: undefined };
  return stoppedBy ?? (live ? undefined : 'has not caught up yet');
}

/** A reader that ends without being told to has met something it must not pass over. */
const neverEnds = (finished: Promise<void>): Promise<never> =>
  finished.then(() => new Promise<never>(() => undefined));
