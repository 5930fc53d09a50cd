import { handleControl } from '../control-routes';
import { InProgress } from '../in-progress';
import { DEFAULT_LATENCY } from '../latency';
import { handleOutbox } from '../outbox-routes';
import { servePsp, throwJournalFailure, type SimulatedPsp, type SimulatorOptions } from '../simulated-psp';
import { handleChallenge } from './challenge-page';
import { RequestPipeline, type Account } from './request-pipeline';
import { AdyenSimulation } from './simulation';

export interface AdyenSimulatorOptions extends SimulatorOptions {
  readonly merchantAccount?: string | undefined;
  /** Signs webhooks; hexadecimal. */
  readonly hmacKey?: string | undefined;
  /** Where webhooks go; without one they wait in the outbox. */
  readonly webhookUrl?: string | undefined;
  /** How long captures, cancels and refunds stay "received", and how long an authorisation's webhook takes, ms. */
  readonly resultsAfterMs?: number | undefined;
  readonly itemsPerWebhook?: number | undefined;
  readonly inFlightStatus?: 409 | 422 | undefined;
  readonly reusedKey?: 'refuse' | 'replay' | undefined;
  readonly keyAfter500?: 'error' | 'result' | undefined;
}

export interface AdyenSimulator extends SimulatedPsp {
  /** The other regional host: the same account, other idempotency keys. */
  readonly otherRegionUrl: string;
}

export const DEFAULT_MERCHANT_ACCOUNT = 'TenderECOM';
/** No secret: the key of the test vector that Adyen's libraries carry. */
export const DEFAULT_HMAC_KEY = '44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056';
/** Long enough for a client to see the state in between. */
export const DEFAULT_RESULTS_AFTER_MS = 50;

/** Starts an Adyen-compatible server (Checkout v72) on the loopback interface. */
export async function startAdyenSimulator(options: AdyenSimulatorOptions = {}): Promise<AdyenSimulator> {
  const account: Account = {
    merchantAccount: options.merchantAccount ?? DEFAULT_MERCHANT_ACCOUNT,
    resultsAfterMs: options.resultsAfterMs ?? DEFAULT_RESULTS_AFTER_MS,
    inFlightStatus: options.inFlightStatus ?? 409,
    reusedKey: options.reusedKey ?? 'refuse',
    keyAfter500: options.keyAfter500 ?? 'error',
    origin: '',
  };
  const sim = new AdyenSimulation({
    ...options,
    latency: options.latency ?? DEFAULT_LATENCY,
    onJournalFailure: options.onJournalFailure ?? throwJournalFailure,
    merchantAccount: account.merchantAccount,
    hmacKey: options.hmacKey ?? DEFAULT_HMAC_KEY,
    itemsPerWebhook: options.itemsPerWebhook ?? 1,
    rateLimitPerSecond: options.rateLimitPerSecond ?? null,
  });
  const inProgress = new InProgress();
  const simulator = await servePsp(options.port, inProgress, sim, (refuseFor) => {
    const pipeline = new RequestPipeline(sim, account, inProgress, refuseFor);
    return (request, reply) => {
      if (
        request.path.startsWith('/_sim/') &&
        (handleControl(sim, refuseFor, request, reply) ||
          handleOutbox(sim, request, reply) ||
          handleChallenge(sim, request, reply))
      ) {
        return;
      }
      pipeline.handle(request, reply);
    };
  });
  account.origin = simulator.url;
  sim.outbox.url = options.webhookUrl ?? null;
  return { ...simulator, otherRegionUrl: `${simulator.url}/us` };
}
