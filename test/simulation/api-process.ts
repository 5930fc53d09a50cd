import { CreatePaymentFlow } from '../../apps/api/src/payments/create-payment';
import type { CreatePaymentAnswer, CreatePaymentRequest } from '../../apps/api/src/payments/create-payment';
import { ChangePaymentFlow } from '../../apps/api/src/payments/change-payment';
import type { ChangePaymentAnswer, ChangePaymentRequest } from '../../apps/api/src/payments/change-payment';
import { ChangeRefundFlow, type ChangeRefundRequest } from '../../apps/api/src/refunds/change-refund';
import {
  CreateRefundFlow,
  type CreateRefundRequest,
  type RefundAnswer,
} from '../../apps/api/src/refunds/create-refund';
import { Patience } from '../../apps/api/src/payments/patience';
import type { PaymentState, WebhookNoticeReceived, WebhookState } from '@tender/domain';
import {
  paymentDecider,
  paymentIdOf,
  refundIdOf,
  representPayment,
  representRefund,
  requestIdOf,
} from '@tender/domain';
import {
  FoldedStreams,
  OutcomeWatch,
  PAYMENTS,
  REFUNDS,
  schemaVersionOf,
  StreamCommands,
  webhookCommands,
  webhookStream,
} from '@tender/engine';
import { SendWindows } from '@tender/psp/resilience';
import type { PatchScene } from './patches';
import { refundStreamsOf } from './refund-streams';
import { SimLog, type SimProcess } from './sim-process';
import type { World } from './world';

const MAX_AMOUNT_MINOR = 99_999_999;
/** Fewer than a world may have, so that folds are forgotten as they are in a process that runs for days. */
const STREAMS_KNOWN = 50;

const OFFER = { requestVersion: 1, accepts: () => true };
/** Both shapes of what the flow wants to know of a PSP. */
const PSP = { ...OFFER, facts: OFFER };

export interface SimApi {
  readonly process: SimProcess;
  /** Undefined: this process takes no requests yet. Rejects where an HTTP caller would get a 503. */
  create(request: CreatePaymentRequest): Promise<CreatePaymentAnswer> | undefined;
  change(request: ChangePaymentRequest): Promise<ChangePaymentAnswer> | undefined;
  refund(request: CreateRefundRequest): Promise<RefundAnswer> | undefined;
  /** Of a refund that has failed, and whose money is owed still. */
  changeRefund(request: ChangeRefundRequest): Promise<RefundAnswer> | undefined;
  /** A PSP's notice; resolves when it is durable. */
  receive(notice: WebhookNoticeReceived): Promise<void> | undefined;
}

/** An API process behind its HTTP face: the production flow of a request, on simulated ports. */
export function startApi(world: World, process: SimProcess): SimApi {
  const { patches, auditor } = world;
  const { clock } = process;
  const chance = world.chance.fork();
  const plainLog = new SimLog(process, world);
  const windows = new SendWindows([() => clock.now()]);
  const scene: PatchScene = {
    clock,
    gateways: { stripe: world.psps.stripe.gateway(windows), adyen: world.psps.adyen.gateway(windows) },
  };
  const log = patches.log?.(plainLog, scene) ?? plainLog;
  const decider = patches.decider?.(paymentDecider) ?? paymentDecider;
  const outcomes = new OutcomeWatch(PAYMENTS, {
    log,
    clock,
    report: (error) => {
      world.problem('outcome_watch', error);
    },
  });
  const patience = new Patience();
  const commands = new StreamCommands({
    log,
    clock,
    chance,
    schemaVersionOf,
    decider,
    folded: new FoldedStreams<PaymentState>(STREAMS_KNOWN),
  });
  const flow = new CreatePaymentFlow({
    commands,
    outcomes,
    log,
    psps: { stripe: PSP, adyen: PSP },
    routing: { rules: [] },
    clock,
    patience,
    maxAmountMinor: MAX_AMOUNT_MINOR,
    buyerReturn: null,
  });
  process.onStopped = (forMs) => {
    world.standsStill(forMs, plainLog);
  };
  process.onKilled = () => {
    void plainLog.close();
  };
  const create = async (request: CreatePaymentRequest): Promise<CreatePaymentAnswer> => {
    const answer = await flow.create(request);
    const told = patches.answer?.(answer, request) ?? answer;
    if (process.alive) tell(told, request);
    return told;
  };
  const tell = (
    answer: CreatePaymentAnswer,
    { merchant, idempotencyKey, fingerprint }: CreatePaymentRequest,
  ): void => {
    const named = {
      keyName: `${merchant}/${idempotencyKey}`,
      paymentId: paymentIdOf(merchant, idempotencyKey),
      fingerprint,
      requestId: null,
    };
    if (answer.kind === 'payment') {
      const { payment, revision } = answer.at;
      const settled = answer.settled ? JSON.stringify(representPayment(payment, revision)) : undefined;
      auditor.answered({
        ...named,
        paymentId: payment.id,
        told: { kind: 'payment', payment, revision, settled },
      });
    } else if (answer.kind === 'refused' && answer.code === 'idempotency_key_reused') {
      auditor.answered({ ...named, told: { kind: 'key_reused' } });
    }
  };
  const changes = new ChangePaymentFlow({ commands, outcomes, log, clock, patience });
  const change = async (request: ChangePaymentRequest): Promise<ChangePaymentAnswer> => {
    const answer = await changes.change(request);
    if (process.alive) tellOfChange(answer, request);
    return answer;
  };
  const tellOfChange = (answer: ChangePaymentAnswer, request: ChangePaymentRequest): void => {
    const { change: asked, paymentId, merchant } = request;
    if (asked.kind === 'continue') return;
    const { idempotencyKey, fingerprint } = asked.key;
    const named = {
      keyName: `${merchant}/${paymentId}/${asked.kind}/${idempotencyKey}`,
      paymentId,
      fingerprint,
      requestId: requestIdOf(paymentId, asked.kind, idempotencyKey),
    };
    if (answer.kind === 'payment') {
      const { payment, revision } = answer.at;
      const settled = answer.settled ? JSON.stringify(representPayment(payment, revision)) : undefined;
      auditor.answered({ ...named, told: { kind: 'payment', payment, revision, settled } });
    } else if (answer.kind === 'refused' && answer.code === 'idempotency_key_reused') {
      auditor.answered({ ...named, told: { kind: 'key_reused' } });
    }
  };
  const refundOutcomes = new OutcomeWatch(REFUNDS, {
    log,
    clock,
    report: (error) => {
      world.problem('outcome_watch', error);
    },
  });
  let live = false;
  Promise.all([outcomes.start(), refundOutcomes.start()]).then(
    () => {
      live = true;
    },
    () => undefined,
  );
  const refundCommands = refundStreamsOf(world, { log, clock, chance });
  const refundDeps = { commands, refundCommands, outcomes, refundOutcomes, log, clock, patience };
  const refunds = new CreateRefundFlow(refundDeps);
  const refundChanges = new ChangeRefundFlow(refundDeps);
  const refund = async (request: CreateRefundRequest): Promise<RefundAnswer> => {
    const answer = await refunds.create(request);
    if (process.alive) tellOfRefund(answer, request);
    return answer;
  };
  const tellOfRefund = (answer: RefundAnswer, request: CreateRefundRequest): void => {
    const { merchant, paymentId, idempotencyKey, fingerprint } = request;
    const named = {
      keyName: `${merchant}/${paymentId}/refund/${idempotencyKey}`,
      paymentId,
      fingerprint,
      requestId: refundIdOf(merchant, paymentId, idempotencyKey),
    };
    if (answer.kind === 'refund') {
      const { refund: payment, revision } = answer.at;
      const settled = answer.settled ? JSON.stringify(representRefund(payment, revision)) : undefined;
      auditor.refunds.answered(payment.id, revision);
      auditor.answered({ ...named, told: { kind: 'payment', payment, revision: 0n, settled } });
    } else if (answer.kind === 'refused' && answer.code === 'idempotency_key_reused') {
      auditor.answered({ ...named, told: { kind: 'key_reused' } });
    }
  };
  const notices = webhookCommands({
    log,
    clock,
    chance,
    // the arrays of a cache of production's size would cost a world more than all that happens in it
    folded: new FoldedStreams<WebhookState>(STREAMS_KNOWN),
  });
  const receive = async (notice: WebhookNoticeReceived): Promise<void> => {
    const requestId = chance.uuid();
    const context = {
      commandId: requestId,
      correlationId: requestId,
      causationId: requestId,
      actor: notice.psp,
    };
    const stream = webhookStream(notice.psp, notice.noticeId);
    const handled = await notices.handle(stream, { type: 'ReceiveNotice', data: notice }, context);
    if (handled.kind !== 'recorded' && handled.kind !== 'nothing') throw new Error('HTTP 503');
  };
  const whenAlive =
    <Args extends unknown[], Answer>(serve: (...args: Args) => Answer) =>
    (...args: Args): Answer | undefined =>
      live && process.alive ? serve(...args) : undefined;
  return {
    process,
    create: whenAlive(create),
    change: whenAlive(change),
    refund: whenAlive(refund),
    changeRefund: whenAlive((request: ChangeRefundRequest) => refundChanges.change(request)),
    receive: whenAlive(receive),
  };
}
