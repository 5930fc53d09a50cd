import type { PspGateway } from '@tender/domain';
import type { Clock } from '@tender/engine';
import type { Logger } from '@tender/nest';
import {
  LANES,
  protectGateway,
  PSP_OPERATIONS,
  type BreakerState,
  type ProtectedGateway,
  type ProtectionLimits,
} from '@tender/psp/resilience';
import { Counter, Gauge, type Registry } from 'prom-client';

/** As a number, so that an alert can be `> 0`. */
const STATE_VALUE: Readonly<Record<BreakerState, number>> = { closed: 0, half_open: 1, open: 2 };

/** Protects gateways, and shows what their protections do. */
export function protections(deps: {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly registry: Registry;
}): (limits: ProtectionLimits, gateway: PspGateway) => ProtectedGateway {
  const { clock, logger, registry } = deps;
  const gateways: ProtectedGateway[] = [];
  const refusals = new Counter({
    name: 'tender_psp_refusals_total',
    help: 'PSP calls that were not made, by reason: circuit_open, no_permit or rate_limited',
    labelNames: ['psp', 'operation', 'why'],
    registers: [registry],
  });
  showState(registry, gateways);
  return (limits, gateway) => {
    const protectedOne = protectGateway(gateway, {
      limits,
      clock,
      onRefused: (refused) => {
        refusals.inc(refused);
      },
      onBreaker: (change) => {
        logger.warn(change, `the circuit of ${change.psp} ${change.operation} is ${change.to}`);
      },
    });
    gateways.push(protectedOne);
    return protectedOne;
  };
}

function showState(registry: Registry, gateways: readonly ProtectedGateway[]): void {
  new Gauge({
    name: 'tender_psp_circuit',
    help: 'Circuit of a PSP operation: 0 closed, 1 half open, 2 open',
    labelNames: ['psp', 'operation'],
    registers: [registry],
    collect() {
      for (const { psp, breakers } of gateways.map((gateway) => gateway.protection())) {
        for (const operation of PSP_OPERATIONS)
          this.set({ psp, operation }, STATE_VALUE[breakers[operation]]);
      }
    },
  });
  const byLane = (name: string, help: string, part: 'permitsInUse' | 'waiting'): void => {
    new Gauge({
      name,
      help,
      labelNames: ['psp', 'lane'],
      registers: [registry],
      collect() {
        for (const { psp, [part]: lanes } of gateways.map((gateway) => gateway.protection())) {
          for (const lane of LANES) this.set({ psp, lane }, lanes[lane]);
        }
      },
    });
  };
  byLane('tender_psp_permits_in_use', 'PSP calls under way', 'permitsInUse');
  byLane('tender_psp_waiting', 'PSP calls that wait for a permit', 'waiting');
}
