import type { RefundOutcome, RefundRequest } from '@tender/domain';
import type { ScriptedHoldings } from './scripted-holdings';

const OCCURRED_AT = '2026-03-01T12:00:02.000Z';

/** What happens to one refund request: what the PSP really does, and what its caller is told. */
export interface ScriptedRefund {
  readonly does: boolean;
  readonly told?: RefundOutcome;
}

/** What a scripted PSP has given back: never more of a charge than was taken, and under one key once. */
export class ScriptedRefunds {
  /** Every refund request that arrived here, in order. */
  readonly requests: RefundRequest[] = [];
  private readonly done = new Map<string, RefundOutcome>();
  private readonly givenBackMinor = new Map<string, bigint>();

  constructor(private readonly holdings: ScriptedHoldings) {}

  /** The outcome of the one execution, if there was one. */
  outcomeOf(operationId: string): RefundOutcome | undefined {
    return this.done.get(operationId);
  }

  /** Of the attempt's charge. */
  refundedMinor(attemptId: string): bigint {
    return this.givenBackMinor.get(attemptId) ?? 0n;
  }

  execute(request: RefundRequest): RefundOutcome {
    const before = this.done.get(request.operationId);
    if (before !== undefined) return before;
    const outcome = this.executeOnce(request);
    this.done.set(request.operationId, outcome);
    return outcome;
  }

  private executeOnce({ attemptId, amountMinor, operationId }: RefundRequest): RefundOutcome {
    const refundedMinor = this.refundedMinor(attemptId) + amountMinor;
    if (this.holdings.of(attemptId) !== 'captured') return failed('not_refundable');
    if (refundedMinor > this.holdings.takenMinor(attemptId)) return failed('exceeds_captured');
    this.givenBackMinor.set(attemptId, refundedMinor);
    return { kind: 'succeeded', pspReference: `ref_${operationId}`, amountMinor, occurredAt: OCCURRED_AT };
  }
}

const failed = (why: 'not_refundable' | 'exceeds_captured'): RefundOutcome => ({
  kind: 'failed',
  why,
  debited: false,
  detail: '',
  pspReference: null,
  occurredAt: OCCURRED_AT,
});
