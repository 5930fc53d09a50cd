import type { PspGateway, PspName } from '@tender/domain';
import { createAdyenGateway } from '@tender/psp/adyen';
import { createStripeGateway } from '@tender/psp/stripe';
import type { WorkerConfiguration } from './configuration';

export interface Gateways {
  readonly byPsp: Readonly<Partial<Record<PspName, PspGateway>>>;
  /** Ends idle connections. */
  close(): void;
}

/** A gateway for each PSP that the configuration has an account with. */
export function createGateways(
  { stripe, adyen, pspCallTimeoutMs: callTimeoutMs }: WorkerConfiguration,
  measured: (gateway: PspGateway) => PspGateway,
): Gateways {
  const opened = [
    createStripeGateway({ ...stripe, callTimeoutMs }),
    ...(adyen === undefined ? [] : [createAdyenGateway({ ...adyen, callTimeoutMs })]),
  ];
  return {
    byPsp: Object.fromEntries(opened.map((gateway) => [gateway.psp, measured(gateway)])),
    close() {
      for (const gateway of opened) gateway.close();
    },
  };
}
