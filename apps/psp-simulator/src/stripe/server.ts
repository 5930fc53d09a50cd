import { handleControl } from '../control-routes';
import { InProgress } from '../in-progress';
import { DEFAULT_LATENCY } from '../latency';
import { servePsp, throwJournalFailure, type SimulatedPsp, type SimulatorOptions } from '../simulated-psp';
import { handleChallenge } from './challenge-page';
import { RequestPipeline } from './request-pipeline';
import { StripeSimulation } from './simulation';

export type StripeSimulatorOptions = SimulatorOptions;
export type StripeSimulator = SimulatedPsp;

/** Starts a Stripe-compatible server on the loopback interface. */
export async function startStripeSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const sim = new StripeSimulation({
    ...options,
    latency: options.latency ?? DEFAULT_LATENCY,
    rateLimitPerSecond: options.rateLimitPerSecond ?? null,
    onJournalFailure: options.onJournalFailure ?? throwJournalFailure,
  });
  const view = { origin: '' };
  const inProgress = new InProgress();
  const simulator = await servePsp(options.port, inProgress, sim, (refuseFor) => {
    const pipeline = new RequestPipeline(sim, view, inProgress, refuseFor);
    return (request, reply) => {
      if (request.path.startsWith('/_sim/')) {
        if (handleControl(sim, refuseFor, request, reply) || handleChallenge(sim, request, reply)) return;
      }
      pipeline.handle(request, reply);
    };
  });
  view.origin = simulator.url;
  return simulator;
}
