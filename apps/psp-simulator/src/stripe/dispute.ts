/** How a dispute goes by itself. Source: Stripe docs, "Testing": disputes; the ends are ours, so that no evidence is needed. */
export interface DisputeScript {
  readonly reason: 'fraudulent' | 'product_not_received';
  /** The bank only asks: no money moves. */
  readonly inquiry: boolean;
  readonly ends: 'won' | 'lost' | 'inquiry_closed' | null;
}

/** Money that the buyer wants back through the bank. Records are never changed, only replaced. */
export interface Dispute {
  readonly id: string;
  readonly amount: number;
  readonly script: DisputeScript;
  readonly phase: 'planned' | 'open' | 'ended';
  readonly opensMs: number;
  /** Null: open until the end of time. */
  readonly endsMs: number | null;
}

/** One step of what time makes of it; undefined when it is not yet time. */
export function disputeAged(dispute: Dispute, nowMs: number): Dispute | undefined {
  const dueMs = disputeDueMs(dispute);
  if (dueMs === undefined || nowMs < dueMs) return undefined;
  return { ...dispute, phase: dispute.phase === 'planned' ? 'open' : 'ended' };
}

export function disputeDueMs({ phase, opensMs, endsMs }: Dispute): number | undefined {
  if (phase === 'planned') return opensMs;
  return phase === 'open' ? (endsMs ?? undefined) : undefined;
}

/** Whether the amount is out of the merchant's balance. */
export const isWithdrawn = ({ phase, script }: Dispute): boolean =>
  !script.inquiry && (phase === 'open' || (phase === 'ended' && script.ends === 'lost'));

/** Whether somebody has disputed the charge, whatever came of it. */
export const isDisputed = (dispute: Dispute | null): dispute is Dispute =>
  dispute !== null && dispute.phase !== 'planned';
