import type { AuthorizeOutcome, AuthorizeRequest, LookupOutcome, PspGateway } from '@tender/domain';

/** What a scripted PSP does with one request: what it really does, and what its caller is told. */
export interface Scripted {
  /** Whether the request reaches the PSP and is executed. */
  readonly charges: boolean;
  /** What the caller hears; the true answer when left out. */
  readonly told?: AuthorizeOutcome;
}

/**
 * A PSP that keeps the one promise we rely on, and is otherwise as unreliable as the script says: a key that it
 * has executed is never executed again.
 */
export class ScriptedGateway implements PspGateway {
  readonly psp = 'stripe';
  readonly requestVersion = 1;
  readonly keySafeForMs = 23 * 3_600_000;
  readonly canLookUp = true;
  readonly lookupSettlesAfterMs = 90_000;
  /** Every request that arrived here, in order. */
  readonly requests: AuthorizeRequest[] = [];
  /** Charges by idempotency key: the truth. */
  readonly charges = new Map<string, AuthorizeRequest>();
  lookups = 0;
  private readonly script: Scripted[] = [];
  private readonly holds: Promise<void>[] = [];

  /** What happens to the next requests, in order; afterwards everything is charged and answered. */
  next(...scripted: readonly Scripted[]): this {
    this.script.push(...scripted);
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

  async authorize(request: AuthorizeRequest): Promise<AuthorizeOutcome> {
    this.requests.push(request);
    const { charges, told } = this.script.shift() ?? { charges: true };
    if (charges && !this.charges.has(request.idempotencyKey))
      this.charges.set(request.idempotencyKey, request);
    await this.holds.shift();
    return told ?? this.answerTo(request.idempotencyKey) ?? NO_REPLY;
  }

  lookup({ attemptId }: { readonly attemptId: string }): Promise<LookupOutcome> {
    this.lookups += 1;
    const charge = [...this.charges.values()].find((each) => each.attemptId === attemptId);
    const outcome = charge === undefined ? undefined : this.answerTo(charge.idempotencyKey);
    return Promise.resolve(outcome === undefined ? { kind: 'not_found' } : { kind: 'found', outcome });
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

const NO_REPLY: AuthorizeOutcome = {
  kind: 'unknown',
  why: 'timeout',
  detail: 'no reply',
  pspReference: null,
  keyBurnt: false,
};
