import { isLatencyShape, type LatencyShape } from './latency';
import { startStripeSimulator } from './stripe/server';

/** Port of the local stack. */
const STRIPE_PORT_DEFAULT = 4010;

/** `SIM_LATENCY=median,p99` in milliseconds; `0` answers at once. */
function latencyFrom(text: string | undefined): LatencyShape | undefined {
  if (text === undefined || text === '') return undefined;
  const [medianMs = Number.NaN, p99Ms = medianMs] = text.split(',').map(Number);
  const shape = { medianMs, p99Ms };
  if (!isLatencyShape(shape)) throw new Error(`SIM_LATENCY is "median,p99" in milliseconds, not "${text}"`);
  return shape;
}

function integerFrom(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  if (!/^\d+$/.test(text)) throw new Error(`${name} is a whole number, not "${text}"`);
  return Number(text);
}

async function main(): Promise<void> {
  // Ctrl-C reaches the whole process group, but the parent stops its children in order
  process.on('SIGINT', () => undefined);
  const stripe = await startStripeSimulator({
    port: integerFrom('STRIPE_SIM_PORT') ?? STRIPE_PORT_DEFAULT,
    dir: process.env.TENDER_SIM_DATA,
    seed: integerFrom('SIM_SEED'),
    latency: latencyFrom(process.env.SIM_LATENCY),
    onJournalFailure: fail,
  });
  const stop = (): void => {
    stripe.stop().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  // a parent that is gone cannot stop us any more
  process.on('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, stripe: stripe.url })}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
