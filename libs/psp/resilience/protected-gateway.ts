import type { PspGateway, PspName } from '@tender/domain';
import { Bulkhead, type BulkheadLimits } from './bulkhead';
import { CircuitBreaker, type BreakerState } from './circuit-breaker';
import type { Lane } from './lanes';
import {
  OPERATION_RULES,
  PSP_OPERATIONS,
  type OutcomeOf,
  type PspOperation,
  type Refusal,
  type RequestOf,
} from './operation-rules';
import type { ProtectionClock } from './protection-clock';
import { RateBudget, type RateLimits } from './rate-budget';
import type { WindowedGateway } from '../send-windows';
import { LEAVES_WITHIN_MS } from '../send-windows';
import { UnresolvedKeys } from './unresolved-keys';

export type ProtectionLimits = BulkheadLimits & RateLimits;

export interface ProtectionOptions {
  readonly limits: ProtectionLimits;
  readonly clock: ProtectionClock;
  readonly onRefused?: (refused: { psp: PspName; operation: PspOperation; why: Refusal }) => void;
  readonly onBreaker?: (change: BreakerChange) => void;
}

export interface BreakerChange {
  readonly psp: PspName;
  readonly operation: PspOperation;
  readonly from: BreakerState;
  readonly to: BreakerState;
}

/** For metrics. */
export interface ProtectionState {
  readonly psp: PspName;
  readonly breakers: Readonly<Record<PspOperation, BreakerState>>;
  readonly permitsInUse: Readonly<Record<Lane, number>>;
  readonly waiting: Readonly<Record<Lane, number>>;
}

/** Later than its wait for a permit allows, by so much, nothing leaves any more, ms. */
export const STALE_AFTER_MS = 5_000;

export type ProtectedGateway = PspGateway & { protection(): ProtectionState };

/**
 * A gateway that is asked only while its PSP answers, has a permit free and budget left: breaker, permit, budget, call.
 *
 * A refusal is certain: the gateway has not been called, so nothing has left. It says nothing about an earlier send of
 * the same key; that is for the decider, which knows whether there was one.
 */
export function protectGateway(
  gateway: PspGateway & Partial<WindowedGateway>,
  options: ProtectionOptions,
): ProtectedGateway {
  const { limits, clock, onRefused, onBreaker } = options;
  const { psp } = gateway;
  const bulkhead = new Bulkhead(limits, clock);
  const budget = new RateBudget(limits, clock);
  const unresolved = new UnresolvedKeys();
  const breakers = forEachOperation(
    (operation) => new CircuitBreaker(clock, (from, to) => onBreaker?.({ psp, operation, from, to })),
  );

  function guarded<Name extends PspOperation>(operation: Name) {
    const { refused, healthOf, keyOf, isUnresolved } = OPERATION_RULES[operation];
    const breaker = breakers[operation];
    const call = gateway[operation].bind(gateway) as (request: RequestOf<Name>) => Promise<OutcomeOf<Name>>;
    const refuse = (why: Refusal): OutcomeOf<Name> => {
      onRefused?.({ psp, operation, why });
      return refused(why);
    };
    const callAllowed = async (request: RequestOf<Name>, lane: Lane): Promise<OutcomeOf<Name>> => {
      // it may have opened while this call waited for its permit
      const ended = breaker.admit();
      if (ended === undefined) return refuse('circuit_open');
      let health: ReturnType<typeof healthOf> = 'neutral';
      try {
        if (!budget.take(operation, lane)) return refuse('rate_limited');
        const outcome = await call(request);
        health = healthOf(outcome);
        unresolved.ended(keyOf(request), isUnresolved(outcome));
        return outcome;
      } finally {
        ended(health);
      }
    };
    const callInTime = async (
      request: RequestOf<Name>,
      lane: Lane,
      askedAtMs: number,
    ): Promise<OutcomeOf<Name>> => {
      try {
        // the process stood still meanwhile: others may have taken the silence for proof by now
        if (clock.now() - askedAtMs > limits.maxWaitMs + STALE_AFTER_MS) return refuse('no_permit');
        return await callAllowed(request, lane);
      } finally {
        bulkhead.leave(lane);
      }
    };
    return async (request: RequestOf<Name>): Promise<OutcomeOf<Name>> => {
      const key = keyOf(request);
      const askedAtMs = clock.now();
      const lane = key === undefined || unresolved.has(key) ? 'search' : 'first_send';
      if (breaker.refuses()) return refuse('circuit_open');
      // from here on the time runs in which it may leave
      const closeWindow =
        key === undefined ? undefined : gateway.sendWindows?.opened(key, limits.maxWaitMs + LEAVES_WITHIN_MS);
      try {
        if (!(await bulkhead.enter(lane))) return refuse('no_permit');
        return await callInTime(request, lane, askedAtMs);
      } finally {
        closeWindow?.();
      }
    };
  }

  return {
    ...gateway,
    // a call that was decided in time leaves up to this much later
    keySafeForMs: gateway.keySafeForMs - limits.maxWaitMs,
    ...(forEachOperation(guarded) as Pick<PspGateway, PspOperation>),
    // a PSP that cannot be asked has no health to be learned from asking
    ...(gateway.canLookUp
      ? {}
      : {
          lookup: gateway.lookup.bind(gateway),
          lookupOperation: gateway.lookupOperation.bind(gateway),
          lookupRefund: gateway.lookupRefund.bind(gateway),
          identify: gateway.identify.bind(gateway),
        }),
    protection: () => ({
      psp,
      breakers: forEachOperation((operation) => breakers[operation].state),
      permitsInUse: bulkhead.inUse,
      waiting: bulkhead.waiting,
    }),
  };
}

const forEachOperation = <Value>(of: (operation: PspOperation) => Value): Record<PspOperation, Value> =>
  Object.fromEntries(PSP_OPERATIONS.map((operation) => [operation, of(operation)])) as Record<
    PspOperation,
    Value
  >;
