import type { PspGateway, PspName } from '@tender/domain';
import { createAdyenGateway } from '@tender/psp/adyen';
import type { ProtectedGateway, ProtectionLimits, WindowedGateway } from '@tender/psp/resilience';
import { createStripeGateway } from '@tender/psp/stripe';
import type { WorkerConfiguration } from './configuration';

export interface Gateways {
  readonly byPsp: Readonly<Partial<Record<PspName, PspGateway>>>;
  /** Ends idle connections. */
  close(): void;
}

export interface GatewayWrappers {
  /** Counts and times what is really asked of a PSP. */
  readonly measured: <Gateway extends PspGateway>(gateway: Gateway) => Gateway;
  /** Decides whether it is asked. */
  readonly protectedBy: (limits: ProtectionLimits, gateway: WindowedGateway) => ProtectedGateway;
}

/** A gateway for each PSP that the configuration has an account with. */
export function createGateways(
  { stripe, adyen, pspCallTimeoutMs: callTimeoutMs }: WorkerConfiguration,
  { measured, protectedBy }: GatewayWrappers,
): Gateways {
  const opened = [
    { gateway: createStripeGateway({ ...stripe, callTimeoutMs }), limits: stripe.protection },
    ...(adyen === undefined
      ? []
      : [{ gateway: createAdyenGateway({ ...adyen, callTimeoutMs }), limits: adyen.protection }]),
  ];
  return {
    byPsp: Object.fromEntries(
      opened.map(({ gateway, limits }) => [gateway.psp, protectedBy(limits, measured(gateway))]),
    ),
    close() {
      for (const { gateway } of opened) gateway.close();
    },
  };
}
