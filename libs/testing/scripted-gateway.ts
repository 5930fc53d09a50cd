import type {
  AuthorizeOutcome,
  AuthorizeRequest,
  CompleteActionRequest,
  IdentifyOutcome,
  IdentifyRequest,
  LookupOutcome,
  OperationLookupOutcome,
  OperationLookupRequest,
  OperationOutcome,
  OperationRequest,
  PspGateway,
  PspName,
  RefundLookupOutcome,
  RefundLookupRequest,
  RefundOutcome,
  RefundRequest,
} from '@tender/domain';
import { type Chargeable, ScriptedHoldings } from './scripted-holdings';
import { type ScriptedRefund, ScriptedRefunds } from './scripted-refunds';

/** What a scripted PSP does with one request: what it really does, and what its caller is told. */
export interface Scripted {
  /** Whether the request reaches the PSP and is executed. */
  readonly charges: boolean;
  /** What the caller hears; the true answer when left out. */
  readonly told?: AuthorizeOutcome;
}

/** The same for a capture, a cancel or a reversal. */
export interface ScriptedOperation {
  readonly does: boolean;
  readonly told?: OperationOutcome;
}

/** The result of an operation, told later by the PSP's own word: as often and as late as a test likes. */
export interface OperationResult {
  readonly request: OperationRequest;
  readonly pspReference: string;
  readonly outcome: OperationOutcome;
}

/** In what one PSP differs from another. */
export interface Nature {
  readonly psp?: PspName;
  readonly canLookUp?: boolean;
  readonly cancelsByOwnReference?: boolean;
  /** Whether operations are only received at first, and their results told later. */
  readonly tellsLater?: boolean;
}

/**
 * A PSP that keeps the one promise we rely on, and is otherwise as unreliable as the script says: a key that it
 * has executed is never executed again.
 */
export class ScriptedGateway implements PspGateway {
  readonly psp: PspName;
  readonly requestVersion = 1;
  readonly keySafeForMs = 23 * 3_600_000;
  readonly canLookUp: boolean;
  readonly cancelsByOwnReference: boolean;
  readonly lookupSettlesAfterMs = 90_000;
  /** Every request that may charge and arrived here, in order. */
  readonly requests: (AuthorizeRequest | CompleteActionRequest)[] = [];
  /** Charges by idempotency key: the truth. */
  readonly charges = new Map<string, Chargeable>();
  /** Every capture, cancel and reversal that arrived here, in order. */
  readonly operations: OperationRequest[] = [];
  readonly holdings = new ScriptedHoldings();
  readonly refunds = new ScriptedRefunds(this.holdings);
  /** Results that nobody was told of yet. */
  readonly results: OperationResult[] = [];
  lookups = 0;
  private readonly tellsLater: boolean;
  private readonly script: Scripted[] = [];
  private readonly operationScript: ScriptedOperation[] = [];
  private readonly refundScript: ScriptedRefund[] = [];
  private readonly holds: Promise<void>[] = [];

  constructor({
    psp = 'stripe',
    canLookUp = true,
    cancelsByOwnReference = false,
    tellsLater = false,
  }: Nature = {}) {
    this.psp = psp;
    this.canLookUp = canLookUp;
    this.cancelsByOwnReference = cancelsByOwnReference;
    this.tellsLater = tellsLater;
  }

  /** What happens to the next requests, in order; afterwards everything is charged and answered. */
  next(...scripted: readonly Scripted[]): this {
    this.script.push(...scripted);
    return this;
  }

  /** What happens to the next operations, in order; afterwards everything is done and answered. */
  nextOperation(...scripted: readonly ScriptedOperation[]): this {
    this.operationScript.push(...scripted);
    return this;
  }

  /** What happens to the next refunds, in order; afterwards everything is done and answered. */
  nextRefund(...scripted: readonly ScriptedRefund[]): this {
    this.refundScript.push(...scripted);
    return this;
  }

  /** The next request is not answered before the returned function is called. */
  holdNext(): () => void {
    let release: () => void = () => undefined;
    this.holds.push(
      new Promise((resolve) => {
        release = resolve;
      }),
    );
    return release;
  }

  authorize = (request: AuthorizeRequest): Promise<AuthorizeOutcome> => this.ask(request);

  completeAction = (request: CompleteActionRequest): Promise<AuthorizeOutcome> => this.ask(request);

  capture = (request: OperationRequest): Promise<OperationOutcome> => this.operate(request);

  cancel = (request: OperationRequest): Promise<OperationOutcome> => this.operate(request);

  reverse = (request: OperationRequest): Promise<OperationOutcome> => this.operate(request);

  refund = async (request: RefundRequest): Promise<RefundOutcome> => {
    this.refunds.requests.push(request);
    const { does, told } = this.refundScript.shift() ?? { does: true };
    const { operationId } = request;
    const outcome = does ? this.refunds.execute(request) : this.refunds.outcomeOf(operationId);
    await this.holds.shift();
    if (told !== undefined) return told;
    if (outcome === undefined) return NO_REPLY;
    return this.tellsLater ? { kind: 'pending', pspReference: `ref_${operationId}` } : outcome;
  };

  lookup = ({ attemptId }: { readonly attemptId: string }): Promise<LookupOutcome> => {
    this.lookups += 1;
    const charge = [...this.charges.values()].find((each) => each.attemptId === attemptId);
    const outcome = charge === undefined ? undefined : this.answerTo(charge.idempotencyKey);
    return Promise.resolve(outcome === undefined ? { kind: 'not_found' } : { kind: 'found', outcome });
  };

  lookupOperation = ({ operationId }: OperationLookupRequest): Promise<OperationLookupOutcome> => {
    this.lookups += 1;
    const outcome = this.holdings.outcomeOf(operationId);
    return Promise.resolve(outcome === undefined ? { kind: 'not_found' } : { kind: 'found', outcome });
  };

  lookupRefund = ({ operationId }: RefundLookupRequest): Promise<RefundLookupOutcome> => {
    this.lookups += 1;
    const outcome = this.refunds.outcomeOf(operationId);
    return Promise.resolve(outcome === undefined ? { kind: 'not_found' } : { kind: 'found', outcome });
  };

  /** The references that this PSP gives carry the attempt's id. */
  identify = ({ pspReference }: IdentifyRequest): Promise<IdentifyOutcome> => {
    const attemptId = /^pi_(att_.+)$/.exec(pspReference)?.[1];
    return Promise.resolve(attemptId === undefined ? { kind: 'foreign' } : { kind: 'ours', attemptId });
  };

  private async ask(request: AuthorizeRequest | CompleteActionRequest): Promise<AuthorizeOutcome> {
    this.requests.push(request);
    const { charges, told } = this.script.shift() ?? { charges: true };
    if (told?.kind === 'action_required') this.holdings.wait(request.attemptId);
    if (charges && !this.charges.has(request.idempotencyKey)) {
      this.charges.set(request.idempotencyKey, request);
      this.holdings.charge(request);
    }
    await this.holds.shift();
    return told ?? this.answerTo(request.idempotencyKey) ?? NO_REPLY;
  }

  private async operate(request: OperationRequest): Promise<OperationOutcome> {
    this.operations.push(request);
    const { does, told } = this.operationScript.shift() ?? { does: true };
    const isFirst = this.holdings.outcomeOf(request.operationId) === undefined;
    const outcome = does ? this.holdings.execute(request) : this.holdings.outcomeOf(request.operationId);
    const pspReference = `ref_${request.operationId}`;
    if (this.tellsLater && isFirst && outcome !== undefined) {
      this.results.push({ request, pspReference, outcome });
    }
    await this.holds.shift();
    if (told !== undefined) return told;
    if (outcome === undefined) return NO_REPLY;
    return this.tellsLater ? { kind: 'pending', pspReference } : outcome;
  }

  private answerTo(key: string): AuthorizeOutcome | undefined {
    const charge = this.charges.get(key);
    if (charge === undefined) return undefined;
    return {
      kind: 'approved',
      pspReference: `pi_${charge.attemptId}`,
      amountMinor: charge.amountMinor,
      captured: charge.captureMethod === 'automatic',
      card: null,
      occurredAt: '2026-03-01T12:00:01.000Z',
    };
  }
}

const NO_REPLY = {
  kind: 'unknown',
  why: 'timeout',
  detail: 'no reply',
  pspReference: null,
  keyBurnt: false,
} as const;
