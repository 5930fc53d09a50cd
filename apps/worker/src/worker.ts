import { EVENT_CATALOG } from '@tender/domain';
import {
  bullTimers,
  inProcessTimers,
  paymentCommands,
  PaymentDriver,
  PAYMENT_PREFIX,
  runProcess,
  runProjection,
  systemChance,
  systemClock,
  type InProcessTimersOptions,
} from '@tender/engine';
import { connectEventStore, createCodec } from '@tender/eventstore';
import { refuseEmbeddedServers, startOperationsServer, type Logger, type RunningApp } from '@tender/nest';
import {
  Checkpoints,
  connectReadStore,
  Heartbeats,
  MalformedDocument,
  OpenFlowsModel,
  PAYMENT_STATUS,
  PaymentStatusModel,
  ProjectionGap,
} from '@tender/readmodels';
import type { WorkerConfiguration } from './configuration';
import { createGateways } from './gateways';
import { beatWhileAlive } from './heartbeat';
import { createWorkerMetrics } from './metrics';
import { OpenFlowAges } from './open-flow-ages';
import { sweepOpenFlows } from './sweep';

/**
 * The wiring of the worker, on one page: it drives the payment process, projects the status read model, and wakes
 * what waits for evidence. Everything it knows is in the streams; a kill at any instant costs time only.
 */
export async function startWorker(configuration: WorkerConfiguration, logger: Logger): Promise<RunningApp> {
  const clock = systemClock;
  const chance = systemChance;
  const log = connectEventStore({ url: configuration.eventStoreUrl, codec: createCodec(EVENT_CATALOG) });
  const readStore = await connectReadStore({ uri: configuration.mongoUri, appName: 'tender-worker' });
  await refuseEmbeddedServers({ log, readStore }, configuration.allowEmbedded);

  const paymentStatus = new PaymentStatusModel(readStore);
  await paymentStatus.ensureIndexes();
  const openFlows = new OpenFlowsModel(readStore);
  const checkpoints = new Checkpoints(readStore);
  const heartbeats = new Heartbeats(readStore);

  const metrics = createWorkerMetrics();
  const gateways = createGateways(configuration, (gateway) => metrics.measured(gateway));
  const timerOptions: InProcessTimersOptions = {
    clock,
    run: (job) => driver.wakeSafely(job),
    report: (problem) => {
      metrics.problem(problem.what);
      logger.warn(problem, 'timers');
    },
  };
  const { redisUrl } = configuration;
  const timers =
    redisUrl === undefined ? inProcessTimers(timerOptions) : bullTimers({ ...timerOptions, redisUrl });
  const driver = new PaymentDriver({
    log,
    commands: paymentCommands({ log, clock, chance }),
    gateways: gateways.byPsp,
    timers,
    clock,
    chance,
    report: (problem) => {
      metrics.problem(problem.what);
      logger.warn(problem, 'payment process');
    },
  });
  const reading = {
    prefixes: [PAYMENT_PREFIX],
    log,
    checkpoints,
    clock,
    report: ({ reader, what, error }: { reader: string; what: string; error: unknown }) => {
      metrics.problem(what);
      logger.warn({ reader, what, err: error }, 'reader');
    },
  };
  const payments = runProcess({
    ...reading,
    name: 'payment-process',
    handle: (event, delivery) => driver.handle(event, delivery),
  });
  const status = runProjection({
    ...reading,
    // its checkpoint: documents of a new shape are projected from the beginning of the log
    name: PAYMENT_STATUS,
    apply: (events) => paymentStatus.apply(events),
    isTransient: (error) => !(error instanceof ProjectionGap || error instanceof MalformedDocument),
  });
  const readers = { 'payment-process': payments, 'payment-status': status };
  metrics.watch({ payments: payments.state, status: status.state, timers });

  const ages = new OpenFlowAges((old) => {
    logger.warn(old, 'a payment waits for evidence, or for a person, for long');
  });
  metrics.watchOpenFlows(ages);
  const sweep = sweepOpenFlows({ openFlows, driver, ages, logger });
  const heartbeat = beatWhileAlive({ heartbeats, isLive: () => payments.state().live, logger });
  const operations = await startOperationsServer({
    ...configuration.operations,
    registry: metrics.registry,
    checks: Object.fromEntries(
      Object.entries(readers).map(([name, reader]) => [
        name,
        () => (reader.state().live ? undefined : 'has not caught up yet'),
      ]),
    ),
  });

  return {
    ready: { operationsPort: operations.port },
    failed: Promise.race([neverEnds(payments.finished), neverEnds(status.finished)]),
    async close() {
      driver.stop();
      await Promise.all([sweep.stop(), heartbeat.stop(), timers.close(), operations.close()]);
      await Promise.all([payments.stop(), status.stop()]);
      gateways.close();
      await log.close();
      await readStore.close();
    },
  };
}

/** A reader that ends without being told to has met something it must not pass over. */
const neverEnds = (finished: Promise<void>): Promise<never> =>
  finished.then(() => new Promise<never>(() => undefined));
