/** Money given back, or on its way. Records are never changed, only replaced. */
export interface Refund {
  readonly id: string;
  /** Place in the order of creation. */
  readonly seq: number;
  readonly createdMs: number;
  readonly key: string | null;
  readonly amount: number;
  readonly chargeId: string;
  readonly reason: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly status: 'pending' | 'succeeded' | 'failed';
  /** What time makes of it, and when. */
  readonly due: { readonly atMs: number; readonly status: 'succeeded' | 'failed' } | null;
}

/** What refunds belong to. */
interface Refundable {
  readonly id: string;
  readonly refunds: readonly Refund[];
}

/** One for all: most intents are never refunded. */
export const NO_REFUNDS: readonly Refund[] = [];

/** A refund that failed has given its amount back to the balance: it may be refunded again. */
export function refundedAmount({ refunds }: Refundable): number {
  return refunds.reduce((sum, { status, amount }) => sum + (status === 'failed' ? 0 : amount), 0);
}

export function refundOf(intent: Refundable, id: string): Refund {
  const refund = intent.refunds.find((one) => one.id === id);
  if (refund === undefined) throw new Error(`${intent.id} has no refund ${id}`);
  return refund;
}

export function settled(refund: Refund, nowMs: number): Refund {
  const { due } = refund;
  return due === null || nowMs < due.atMs ? refund : { ...refund, status: due.status, due: null };
}
