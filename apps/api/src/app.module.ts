import type { LoggerService } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Clock, WebhookCommands } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import type { PaymentStatusModel } from '@tender/readmodels';
import type { PspFacts, PspName, RoutingPolicy } from '@tender/domain';
import type { Logger } from 'pino';
import { Access } from './access/access';
import type { ApiKeyEntry } from './access/api-keys';
import { ApiKeys } from './access/api-keys';
import type { KeyLimitsOptions } from './access/key-limits';
import { KeyLimits } from './access/key-limits';
import { describeFault } from './http/fault-description';
import { ApiMetrics } from './http/metrics';
import { ProblemFilter } from './http/problem.filter';
import { createServer } from './http/server';
import { serveDocumentation } from './operations/openapi';
import { OperationsController } from './operations/operations.controller';
import type { ReadinessCheck } from './operations/readiness';
import { ReadinessProbe } from './operations/readiness';
import type { BuyerReturnConfig } from './config/environment';
import { DisputesController } from './disputes/disputes.controller';
import { DisputeLists, ListDisputesHandler } from './disputes/list-disputes';
import { BuyerReturnFlow } from './buyer-return/buyer-return';
import { BuyerReturnController } from './buyer-return/buyer-return.controller';
import { ReturnTokens } from './buyer-return/return-token';
import { ChangePaymentFlow } from './payments/change-payment';
import type { ChangePaymentDeps } from './payments/change-payment';
import type { CreatePaymentDeps } from './payments/create-payment';
import { CreatePaymentFlow } from './payments/create-payment';
import { Patience } from './payments/patience';
import { PAYMENT_HANDLERS, PaymentLists, PaymentStreams } from './payments/payment-handlers';
import { PaymentReader } from './payments/payment-reader';
import { PaymentChangesController } from './payments/payment-changes.controller';
import { PaymentsController } from './payments/payments.controller';
import { ChangeRefundFlow } from './refunds/change-refund';
import type { CreateRefundDeps } from './refunds/create-refund';
import { CreateRefundFlow } from './refunds/create-refund';
import { REFUND_HANDLERS } from './refunds/refund-handlers';
import type { RefundDocuments } from './refunds/refund-lists';
import { RefundReader } from './refunds/refund-lists';
import { RefundsController } from './refunds/refunds.controller';
import { WebhookIntake } from './webhooks/webhook-intake';
import type { WebhookSource } from './webhooks/webhook-source';
import { WebhooksController } from './webhooks/webhooks.controller';

/** Everything the HTTP process is made of that reaches outside of it. */
export interface ApiParts {
  readonly log: EventLog;
  readonly commands: CreatePaymentDeps['commands'];
  readonly outcomes: CreatePaymentDeps['outcomes'] & ChangePaymentDeps['outcomes'];
  readonly payments: Pick<PaymentStatusModel, 'get' | 'list'>;
  readonly refundCommands: CreateRefundDeps['refundCommands'];
  readonly refundOutcomes: CreateRefundDeps['refundOutcomes'];
  readonly refunds: RefundDocuments;
  readonly disputes: DisputeLists;
  readonly psps: Readonly<Partial<Record<PspName, PspFacts>>>;
  readonly webhookCommands: Pick<WebhookCommands, 'handle'>;
  /** The PSPs that are listened to. */
  readonly webhookSources: readonly WebhookSource[];
  readonly routing: RoutingPolicy;
  readonly clock: Clock;
  readonly keys: readonly ApiKeyEntry[];
  readonly keyLimits: KeyLimitsOptions;
  /** Of each route that is open to callers without a key. */
  readonly openLimits: KeyLimitsOptions;
  readonly maxAmountMinor: number;
  /** Null: buyers are not sent back here. */
  readonly buyerReturn: BuyerReturnConfig | null;
  readonly checks: Readonly<Record<string, ReadinessCheck>>;
  readonly logger: Logger;
  /** Metrics of the process itself, too: once a process only. */
  readonly processMetrics: boolean;
}

export interface Api {
  readonly app: NestFastifyApplication;
  /** Ends waits for outcomes, so that requests in flight are answered with the present state. */
  endWaits(): void;
}

@Module({})
class ApiModule {}

/** The wiring, whole: who is made of what. */
export async function createApi(parts: ApiParts): Promise<Api> {
  const { log, clock, logger, payments } = parts;
  const patience = new Patience();
  const metrics = new ApiMetrics({ process: parts.processMetrics });
  const access = new Access(
    new ApiKeys(parts.keys),
    new KeyLimits(parts.keyLimits),
    new KeyLimits(parts.openLimits),
  );
  const report = (error: unknown): void => {
    logger.warn(describeFault(error), 'the read store does not answer; streams are folded instead');
  };
  const { commands, outcomes, psps, routing, maxAmountMinor } = parts;
  const buyerReturn =
    parts.buyerReturn === null
      ? null
      : { publicUrl: parts.buyerReturn.publicUrl, tokens: new ReturnTokens(parts.buyerReturn.secret) };
  const flow = { commands, outcomes, log, psps, routing, clock, patience, maxAmountMinor, buyerReturn };
  const { refundCommands, refundOutcomes } = parts;
  const refundFlow = { commands, refundCommands, outcomes, refundOutcomes, log, clock, patience };
  const server = createServer({ access, metrics, log: logger });
  const app = await NestFactory.create<NestFastifyApplication>(
    {
      module: ApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        PaymentsController,
        PaymentChangesController,
        RefundsController,
        DisputesController,
        BuyerReturnController,
        WebhooksController,
        OperationsController,
      ],
      providers: [
        ...PAYMENT_HANDLERS,
        ...REFUND_HANDLERS,
        ListDisputesHandler,
        { provide: CreatePaymentFlow, useValue: new CreatePaymentFlow(flow) },
        { provide: ChangePaymentFlow, useValue: new ChangePaymentFlow(flow) },
        {
          provide: BuyerReturnFlow,
          useValue: new BuyerReturnFlow({ commands, log, tokens: buyerReturn?.tokens ?? null }),
        },
        { provide: PaymentReader, useValue: new PaymentReader({ documents: payments, log, report }) },
        { provide: PaymentLists, useValue: payments },
        { provide: CreateRefundFlow, useValue: new CreateRefundFlow(refundFlow) },
        { provide: ChangeRefundFlow, useValue: new ChangeRefundFlow(refundFlow) },
        {
          provide: RefundReader,
          useValue: new RefundReader({ documents: parts.refunds, log, report }),
        },
        { provide: DisputeLists, useValue: parts.disputes },
        { provide: PaymentStreams, useValue: { log } },
        {
          provide: WebhookIntake,
          useValue: new WebhookIntake({
            commands: parts.webhookCommands,
            sources: parts.webhookSources,
            clock,
            metrics,
            logger,
          }),
        },
        { provide: ReadinessProbe, useValue: new ReadinessProbe(parts.checks) },
        { provide: ApiMetrics, useValue: metrics },
      ],
    },
    new FastifyAdapter(server),
    { bodyParser: false, logger: nestLogger(logger), abortOnError: false },
  );
  app.useGlobalFilters(new ProblemFilter(logger));
  serveDocumentation(app);
  await app.init();
  await server.ready();
  return {
    app,
    endWaits: () => {
      patience.end();
    },
  };
}

/** Nest's own lines: its start-up chatter is detail, its warnings and errors are ours. */
const nestLogger = (logger: Logger): LoggerService => ({
  log: (message: unknown) => {
    logger.debug(String(message));
  },
  warn: (message: unknown) => {
    logger.warn(String(message));
  },
  error: (message: unknown) => {
    logger.error(String(message));
  },
});
