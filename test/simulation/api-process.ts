import { CreatePaymentFlow } from '../../apps/api/src/payments/create-payment';
import type { CreatePaymentAnswer, CreatePaymentRequest } from '../../apps/api/src/payments/create-payment';
import { Patience } from '../../apps/api/src/payments/patience';
import { paymentDecider, paymentIdOf, representPayment, type PaymentState } from '@tender/domain';
import { FoldedStreams, OutcomeWatch, schemaVersionOf, StreamCommands } from '@tender/engine';
import type { PatchScene } from './patches';
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
}

/** An API process behind its HTTP face: the production flow of a request, on simulated ports. */
export function startApi(world: World, process: SimProcess): SimApi {
  const { patches, auditor } = world;
  const { clock } = process;
  const chance = world.chance.fork();
  const plainLog = new SimLog(process, world);
  const scene: PatchScene = {
    clock,
    gateways: { stripe: world.psps.stripe.gateway(), adyen: world.psps.adyen.gateway() },
  };
  const log = patches.log?.(plainLog, scene) ?? plainLog;
  const decider = patches.decider?.(paymentDecider) ?? paymentDecider;
  const outcomes = new OutcomeWatch({
    log,
    clock,
    report: (error) => {
      world.problem('outcome_watch', error);
    },
  });
  const flow = new CreatePaymentFlow({
    commands: new StreamCommands({
      log,
      clock,
      chance,
      schemaVersionOf,
      decider,
      folded: new FoldedStreams<PaymentState>(STREAMS_KNOWN),
    }),
    outcomes,
    log,
    psps: { stripe: PSP, adyen: PSP },
    clock,
    patience: new Patience(),
    maxAmountMinor: MAX_AMOUNT_MINOR,
    buyerReturn: null,
  });
  let live = false;
  outcomes.start().then(
    () => {
      live = true;
    },
    () => undefined,
  );
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
  return { process, create: (request) => (live && process.alive ? create(request) : undefined) };
}
