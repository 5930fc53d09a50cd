import { handleControl } from '../control-routes';
import { HttpListener } from '../http-listener';
import { DEFAULT_LATENCY, type LatencyShape } from '../latency';
import { handleChallenge } from './challenge-page';
import { RequestPipeline } from './request-pipeline';
import { StripeSimulation } from './simulation';

export interface StripeSimulatorOptions {
  /** 0 (the default) takes a free one. */
  readonly port?: number | undefined;
  /** Where state is kept over a restart; in memory only without one. */
  readonly dir?: string | undefined;
  /** Of faults, delays and object ids; without one, ids never repeat. */
  readonly seed?: number | undefined;
  readonly latency?: LatencyShape | undefined;
  /** Milliseconds since 1970; the wall clock unless given. */
  readonly clock?: (() => number) | undefined;
  /** A journal that cannot be written means that answers would not be durable: the process should end. */
  readonly onJournalFailure?: ((error: Error) => void) | undefined;
}

export interface StripeSimulator {
  readonly port: number;
  readonly url: string;
  /** Finishes what is in progress, up to a limit, then closes. */
  stop(): Promise<void>;
  /** Ends as a killed process would: what is not executed never is, what is not durable is lost, nobody is answered. */
  kill(): void;
}

/** Requests in progress get this long to finish when the simulator stops. */
export const STOP_GRACE_MS = 1_000;

/** Starts a Stripe-compatible server on the loopback interface. */
export async function startStripeSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const sim = new StripeSimulation({
    dir: options.dir,
    seed: options.seed,
    latency: options.latency ?? DEFAULT_LATENCY,
    clock: options.clock,
    onJournalFailure:
      options.onJournalFailure ??
      ((error) => {
        throw error;
      }),
  });
  const view = { origin: '' };
  const refuseFor = (ms: number): void => {
    listener.refuseFor(ms);
  };
  const pipeline = new RequestPipeline(sim, view, refuseFor);
  const listener = new HttpListener((request, reply) => {
    if (request.path.startsWith('/_sim/')) {
      if (handleControl(sim, refuseFor, request, reply) || handleChallenge(sim, request, reply)) return;
    }
    pipeline.handle(request, reply);
  });
  await listener.listen(options.port ?? 0);
  view.origin = `http://127.0.0.1:${listener.port}`;
  let ended: Promise<void> | undefined;
  return {
    port: listener.port,
    url: view.origin,
    stop: () => (ended ??= stop(listener, pipeline, sim)),
    kill: () => {
      if (ended !== undefined) return;
      ended = Promise.resolve();
      pipeline.dead = true;
      listener.stopListening();
      listener.destroyConnections();
      sim.abandon();
    },
  };
}

async function stop(listener: HttpListener, pipeline: RequestPipeline, sim: StripeSimulation): Promise<void> {
  listener.stopListening();
  await new Promise<void>((resolve) => {
    const limit = setTimeout(resolve, STOP_GRACE_MS);
    pipeline.drained(() => {
      clearTimeout(limit);
      resolve();
    });
  });
  await sim.close();
  pipeline.dead = true;
  listener.destroyConnections();
}
