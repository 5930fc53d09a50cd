import type {
  Money,
  PaymentCommand,
  PaymentInitiated,
  PaymentRefusal,
  PaymentState,
  PspFacts,
  PspName,
  RouteCandidate,
  RoutingPolicy,
  RoutingRefusal,
  RoutingWish,
} from '@tender/domain';
import { CURRENT_REPRESENTATION, paymentIdOf, route, shareOf, tokensOf } from '@tender/domain';
import type {
  Clock,
  CommandContext,
  HandleOptions,
  Handled,
  OutcomeWatcher,
  PaymentAt,
  PaymentGoal,
} from '@tender/engine';
import { foldToGoal, OUTCOME, PAYMENTS, paymentStream, timestampOf } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { MIN_COMMAND_WAIT_MS } from '../config/limits';
import { awaitGoal, type GoalAnswer } from './await-goal';
import type { CreatePaymentDto } from './create-payment.dto';
import type { Patience } from './patience';

export interface CreatePaymentDeps {
  readonly commands: {
    handle(
      stream: string,
      command: PaymentCommand,
      context: CommandContext,
      options?: HandleOptions,
    ): Promise<Handled<PaymentState, PaymentRefusal>>;
  };
  readonly outcomes: { watch(stream: string, goal: PaymentGoal): OutcomeWatcher<PaymentAt> };
  readonly log: EventLog;
  /** What this process knows of each PSP without asking it. */
  readonly psps: Readonly<Partial<Record<PspName, PspFacts>>>;
  readonly routing: RoutingPolicy;
  readonly clock: Clock;
  readonly patience: Patience;
  readonly maxAmountMinor: number;
  /** Where buyers come back to after 3-D Secure; null: to the merchant's own address. */
  readonly buyerReturn: {
    readonly publicUrl: string;
    readonly tokens: { tokenOf(paymentId: string): string };
  } | null;
}

export interface CreatePaymentRequest {
  readonly merchant: string;
  readonly keyId: string;
  readonly idempotencyKey: string;
  /** Of this HTTP request alone: the command's id, so that no other request is taken for its repetition. */
  readonly requestId: string;
  readonly fingerprint: string;
  readonly body: CreatePaymentDto;
  readonly waitMs: number;
}

export type CreatePaymentAnswer =
  /** `settled`: the payment at its outcome, the same for every repetition; otherwise as it is at present. */
  | ({ readonly kind: 'payment'; readonly replayed: boolean } & GoalAnswer<PaymentAt>)
  | { readonly kind: 'refused'; readonly code: PaymentRefusal['code'] | RoutingRefusal }
  | { readonly kind: 'amount_too_large'; readonly maxAmountMinor: number }
  | { readonly kind: 'unconfirmed' }
  | { readonly kind: 'conflict' };

type Admission =
  | {
      readonly kind: 'admitted';
      readonly candidates: readonly RouteCandidate[];
    }
  | Extract<CreatePaymentAnswer, { kind: 'refused' | 'amount_too_large' }>;

/**
 * From a valid request to the payment that its key names, whether this request or an earlier one created it. Answers
 * come from the stream as it is, never from what was tried.
 */
export class CreatePaymentFlow {
  constructor(private readonly deps: CreatePaymentDeps) {}

  async create(request: CreatePaymentRequest): Promise<CreatePaymentAnswer> {
    const { clock, outcomes } = this.deps;
    const waitUntilMs = clock.now() + request.waitMs;
    const paymentId = paymentIdOf(request.merchant, request.idempotencyKey);
    const stream = paymentStream(paymentId);
    const admission = this.admit(request, paymentId);
    if (admission.kind !== 'admitted' && !(await this.isRecorded(stream))) return admission;
    // watch first, append then: what is recorded after the watch began is seen
    const watcher = outcomes.watch(stream, OUTCOME);
    try {
      const handled = await this.initiate(stream, paymentId, request, admission, waitUntilMs);
      switch (handled.kind) {
        case 'recorded':
          return await this.answer(stream, watcher, waitUntilMs, false);
        case 'nothing':
          return (
            (await this.earlierOutcome(stream)) ?? (await this.answer(stream, watcher, waitUntilMs, true))
          );
        case 'refused':
          return { kind: 'refused', code: handled.refusal.code };
        case 'unconfirmed':
        case 'conflict':
          return { kind: handled.kind };
      }
    } finally {
      watcher.release();
    }
  }

  /**
   * Rules that depend on configuration. They bind new payments only: a key that is recorded keeps its answer when the
   * limit or the routes change later.
   */
  private admit({ merchant, body }: CreatePaymentRequest, paymentId: string): Admission {
    const { maxAmountMinor, psps, routing } = this.deps;
    if (body.amount > maxAmountMinor) return { kind: 'amount_too_large', maxAmountMinor };
    const money: Money = { amountMinor: BigInt(body.amount), currency: body.currency };
    const routed = route(
      {
        ...money,
        merchant,
        // a token does not tell its card
        cardBrand: null,
        share: shareOf(paymentId),
        tokens: tokensOf(body.payment_method),
        wish: wishOf(body.routing),
      },
      psps,
      routing,
    );
    if ('refusal' in routed) return { kind: 'refused', code: routed.refusal };
    return { kind: 'admitted', candidates: routed.candidates };
  }

  private async isRecorded(stream: string): Promise<boolean> {
    return (await this.deps.log.readStream(stream)).length > 0;
  }

  private initiate(
    stream: string,
    paymentId: string,
    request: CreatePaymentRequest,
    admission: Admission,
    waitUntilMs: number,
  ): Promise<Handled<PaymentState, PaymentRefusal>> {
    const candidates = admission.kind === 'admitted' ? admission.candidates : [];
    const initiated = initiatedBy(
      { paymentId, buyerReturnUrl: this.buyerReturnUrl(paymentId) },
      request,
      candidates,
      timestampOf(waitUntilMs),
    );
    return this.deps.commands.handle(
      stream,
      { type: 'InitiatePayment', data: { initiated } },
      {
        commandId: request.requestId,
        correlationId: paymentId,
        causationId: request.requestId,
        actor: `api-key:${request.keyId}`,
      },
      { expectNew: admission.kind === 'admitted', waitMs: Math.max(request.waitMs, MIN_COMMAND_WAIT_MS) },
    );
  }

  /** The number of an attempt is added to it when the attempt starts. */
  private buyerReturnUrl(paymentId: string): string | null {
    const { buyerReturn } = this.deps;
    if (buyerReturn === null) return null;
    return `${buyerReturn.publicUrl}/v1/return/${buyerReturn.tokens.tokenOf(paymentId)}`;
  }

  private async earlierOutcome(stream: string): Promise<CreatePaymentAnswer | undefined> {
    const at = foldToGoal(await this.deps.log.readStream(stream), OUTCOME);
    return at === undefined ? undefined : { kind: 'payment', at, settled: true, replayed: true };
  }

  private async answer(
    stream: string,
    watcher: OutcomeWatcher<PaymentAt>,
    waitUntilMs: number,
    replayed: boolean,
  ): Promise<CreatePaymentAnswer> {
    const answer = await awaitGoal(this.deps, PAYMENTS, { stream, goal: OUTCOME, watcher, waitUntilMs });
    return { kind: 'payment', ...answer, replayed };
  }
}

function initiatedBy(
  own: Pick<PaymentInitiated, 'paymentId' | 'buyerReturnUrl'>,
  { merchant, fingerprint, body }: CreatePaymentRequest,
  candidates: readonly RouteCandidate[],
  waitUntil: string,
): PaymentInitiated {
  return {
    ...own,
    merchant,
    fingerprint,
    representation: CURRENT_REPRESENTATION,
    waitUntil,
    amountMinor: BigInt(body.amount),
    currency: body.currency,
    captureMethod: body.capture_method ?? 'automatic',
    paymentMethod: body.payment_method,
    statementDescriptor: body.statement_descriptor ?? null,
    returnUrl: body.return_url ?? null,
    routingWish: wishOf(body.routing),
    candidates,
    freeText: {
      customerId: body.customer_id ?? null,
      description: body.description ?? null,
      metadata: Object.entries(body.metadata ?? {}).map(([key, value]) => ({ key, value })),
    },
  };
}

function wishOf(routing: CreatePaymentDto['routing']): RoutingWish | null {
  if (routing === undefined || routing === null) return null;
  return 'psp' in routing ? { kind: 'pinned', psp: routing.psp } : { kind: 'order', psps: routing.order };
}
