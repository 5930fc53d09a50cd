import type { PspName } from '@tender/domain';
import { Environment, type NoticeGateway } from '@tender/nest';
import { createStripeGateway } from '@tender/psp/stripe';
import type { Variables } from '../stores';

export interface NoticeGateways {
  readonly byPsp: Readonly<Partial<Record<PspName, NoticeGateway>>>;
  /** Ends idle connections. */
  close(): void;
}

/** Deadline of a whole call, ms: as long as a worker waits. */
const CALL_TIMEOUT_MS = 25_000;

/** Whoever can be asked whose a charge is. Only Stripe has to be: Adyen's notices name our reference in every case. */
export function noticeGateways(variables: Variables): NoticeGateways {
  const environment = new Environment(variables);
  const apiKey = environment.optional('STRIPE_API_KEY');
  const baseUrl = environment.optional('STRIPE_BASE_URL');
  if (apiKey === undefined) return { byPsp: {}, close: () => undefined };
  const stripe = createStripeGateway({
    apiKey,
    callTimeoutMs: CALL_TIMEOUT_MS,
    ...(baseUrl !== undefined && { baseUrl }),
  });
  return {
    byPsp: { stripe },
    close: () => {
      stripe.close();
    },
  };
}
