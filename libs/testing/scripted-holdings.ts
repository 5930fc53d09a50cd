import type { AuthorizeRequest, OperationFailure, OperationOutcome, OperationRequest } from '@tender/domain';

/** A request that may charge, whichever way it came. */
export type Chargeable = Pick<
  AuthorizeRequest,
  'attemptId' | 'amountMinor' | 'captureMethod' | 'idempotencyKey'
>;

type Held = 'waiting' | 'authorized' | 'captured' | 'ended';

const OCCURRED_AT = '2026-03-01T12:00:01.000Z';

/**
 * What a scripted PSP holds, attempt by attempt, and what was done to it: the truth that a test compares with. A key
 * is executed once.
 */
export class ScriptedHoldings {
  private readonly held = new Map<string, Held>();
  private readonly done = new Map<string, OperationOutcome>();
  private readonly taken = new Map<string, bigint>();

  /** The buyer has to act; nothing is held for him yet, and there is something to end. */
  wait(attemptId: string): void {
    if (!this.held.has(attemptId)) this.held.set(attemptId, 'waiting');
  }

  charge({ attemptId, captureMethod, amountMinor }: Chargeable): void {
    if (this.of(attemptId) === 'ended') return;
    if (captureMethod === 'automatic') this.taken.set(attemptId, amountMinor);
    this.held.set(attemptId, captureMethod === 'automatic' ? 'captured' : 'authorized');
  }

  of(attemptId: string): Held | undefined {
    return this.held.get(attemptId);
  }

  /** What was taken of the attempt's charge, before anything was given back. */
  takenMinor(attemptId: string): bigint {
    return this.taken.get(attemptId) ?? 0n;
  }

  /** The outcome of the one execution, if there was one. */
  outcomeOf(operationId: string): OperationOutcome | undefined {
    return this.done.get(operationId);
  }

  execute(request: OperationRequest): OperationOutcome {
    const before = this.done.get(request.operationId);
    if (before !== undefined) return before;
    const outcome = this.executeOnce(request);
    this.done.set(request.operationId, outcome);
    return outcome;
  }

  private executeOnce({ kind, attemptId, amountMinor, captured }: OperationRequest): OperationOutcome {
    const held = this.held.get(attemptId);
    if (held === undefined) return failed('not_found');
    if (held === 'ended') return failed('already_canceled');
    if (held === 'captured' && !(kind === 'reversal' && captured)) return failed('already_captured');
    if (held === 'waiting' && kind !== 'cancel') return failed('refused');
    this.held.set(attemptId, kind === 'capture' ? 'captured' : 'ended');
    if (kind === 'capture') this.taken.set(attemptId, amountMinor);
    const amount = kind === 'capture' || held === 'captured' ? amountMinor : null;
    const pspReference = `${kind}_${attemptId}`;
    return { kind: 'succeeded', pspReference, amountMinor: amount, occurredAt: OCCURRED_AT };
  }
}

const failed = (why: OperationFailure): OperationOutcome => ({
  kind: 'failed',
  why,
  detail: '',
  pspReference: null,
  occurredAt: OCCURRED_AT,
});
