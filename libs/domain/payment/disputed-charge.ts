import type { Dispute, DisputeStatus } from './dispute';
import type { Operation, Payment } from './payment';

/** The bank has left the money, or given it back. */
const LEFT: ReadonlySet<DisputeStatus> = new Set(['won', 'closed']);

const endedMs = ({ updatedAt }: Dispute): number => Date.parse(updatedAt);

/**
 * A charge that was not given back because its buyer had claimed it: when no bank claims it any more it is ours without a
 * sale once more. Undefined while one does, or has got it; and where nobody has told of a dispute yet. Ms since the epoch.
 */
export function leftByBanksMs({ disputes }: Payment, { attemptId }: Operation): number | undefined {
  const about = disputes.filter((one) => one.attemptId === attemptId);
  const isLeft = about.length > 0 && about.every(({ status }) => LEFT.has(status));
  return isLeft ? Math.max(...about.map(endedMs)) : undefined;
}
