import { handleControl } from '../control-routes';
import { InProgress } from '../in-progress';
import { DEFAULT_LATENCY } from '../latency';
import { handleOutbox } from '../outbox-routes';
import { servePsp, throwJournalFailure, type SimulatedPsp, type SimulatorOptions } from '../simulated-psp';
import { handleChallenge } from './challenge-page';
import { RequestPipeline } from './request-pipeline';
import { StripeSimulation } from './simulation';

export interface StripeSimulatorOptions extends SimulatorOptions {
  /** Signs webhooks; `whsec_…`. */
  readonly webhookSecret?: string | undefined;
  /** Where webhooks go; without one they wait in the outbox. */
  readonly webhookUrl?: string | undefined;
  /** How long a webhook takes after its event, and how long a refund stays open whose end comes later, ms. */
  readonly resultsAfterMs?: number | undefined;
}
export type StripeSimulator = SimulatedPsp;

/** No secret: it signs what the simulator itself makes up. */
export const DEFAULT_WEBHOOK_SECRET = 'whsec_simulator';
/** Long enough for a client to have its answer first, as a rule. */
export const DEFAULT_RESULTS_AFTER_MS = 50;

/** Starts a Stripe-compatible server on the loopback interface. */
export async function startStripeSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const sim = new StripeSimulation({
    ...options,
    latency: options.latency ?? DEFAULT_LATENCY,
    rateLimitPerSecond: options.rateLimitPerSecond ?? null,
    onJournalFailure: options.onJournalFailure ?? throwJournalFailure,
    webhookSecret: options.webhookSecret ?? DEFAULT_WEBHOOK_SECRET,
    resultsAfterMs: options.resultsAfterMs ?? DEFAULT_RESULTS_AFTER_MS,
  });
  const inProgress = new InProgress();
  const simulator = await servePsp(options.port, inProgress, sim, (refuseFor) => {
    const pipeline = new RequestPipeline(sim, inProgress, refuseFor);
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
  sim.view.origin = simulator.url;
  sim.outbox.url = options.webhookUrl ?? null;
  return simulator;
}
