import type { FaultScript } from './fault-script';
import type { Fault } from './faults';
import type { Reply } from './http-listener';

/** Whom a fault strikes: one request, of one PSP. */
export interface Struck {
  readonly fault: Fault | undefined;
  readonly faults: Pick<FaultScript, 'injected'>;
  readonly reply: Pick<Reply, 'reset'>;
}

/** How a PSP itself words what some of the faults are. */
export interface Refusing<ApiError> {
  readonly errors: Readonly<Record<'429' | '429_lock_timeout' | '409' | '500_not_executed', ApiError>>;
  readonly refuse: (error: ApiError) => void;
  /** No new connection is accepted for so long, ms. */
  readonly refuseFor: (ms: number) => void;
}

/**
 * Faults in front of the API: whatever happens here, nothing was executed and nothing is stored.
 *
 * @returns false where the request goes on
 */
export function strikesInFront<ApiError>(
  { fault, faults, reply }: Struck,
  { errors, refuse, refuseFor }: Refusing<ApiError>,
): boolean {
  switch (fault?.kind) {
    case 'timeout_before':
      break;
    case 'reset_before':
      reply.reset();
      break;
    case 'refused':
      reply.reset();
      refuseFor(fault.ms);
      break;
    case '429':
    case '429_lock_timeout':
    case '409':
    case '500_not_executed':
      refuse(errors[fault.kind]);
      break;
    case 'timeout_after_commit':
    case 'reset_after_commit':
    case '500_after_commit':
    case '500_stored_not_executed':
    case 'slow':
    case 'stale':
    case undefined:
      return false;
  }
  faults.injected(fault.kind);
  return true;
}

/** Faults behind it: the request was executed, and its answer is lost. */
export function losesAnswer({ fault, faults, reply }: Struck): boolean {
  if (fault?.kind !== 'timeout_after_commit' && fault?.kind !== 'reset_after_commit') return false;
  if (fault.kind === 'reset_after_commit') reply.reset();
  faults.injected(fault.kind);
  return true;
}
