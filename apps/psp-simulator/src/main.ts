import { startAdyenSimulator, type AdyenSimulator, type AdyenSimulatorOptions } from './adyen/server';
import { isLatencyShape, type LatencyShape } from './latency';
import { startStripeSimulator } from './stripe/server';

/** Ports of the local stack. */
const STRIPE_PORT_DEFAULT = 4010;
const ADYEN_PORT_DEFAULT = 4020;

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

function textFrom(name: string): string | undefined {
  const text = process.env[name];
  return text === '' ? undefined : text;
}

/** A port that was asked for is taken or it is an error; the default one may belong to another stack on this machine. */
async function startAdyen(options: AdyenSimulatorOptions): Promise<AdyenSimulator> {
  const port = integerFrom('ADYEN_SIM_PORT');
  if (port !== undefined) return startAdyenSimulator({ ...options, port });
  try {
    return await startAdyenSimulator({ ...options, port: ADYEN_PORT_DEFAULT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    return startAdyenSimulator({ ...options, port: 0 });
  }
}

async function main(): Promise<void> {
  // Ctrl-C reaches the whole process group, but the parent stops its children in order
  process.on('SIGINT', () => undefined);
  const both = {
    dir: textFrom('TENDER_SIM_DATA'),
    seed: integerFrom('SIM_SEED'),
    latency: latencyFrom(process.env.SIM_LATENCY),
    rateLimitPerSecond: integerFrom('SIM_RATE_LIMIT_PER_SECOND'),
    onJournalFailure: fail,
  };
  const stripe = await startStripeSimulator({
    ...both,
    port: integerFrom('STRIPE_SIM_PORT') ?? STRIPE_PORT_DEFAULT,
    webhookSecret: textFrom('STRIPE_SIM_WEBHOOK_SECRET'),
    webhookUrl: textFrom('STRIPE_SIM_WEBHOOK_URL'),
    resultsAfterMs: integerFrom('STRIPE_SIM_RESULTS_AFTER_MS'),
  });
  const adyen = await startAdyen({
    ...both,
    merchantAccount: textFrom('ADYEN_SIM_MERCHANT_ACCOUNT'),
    hmacKey: textFrom('ADYEN_SIM_HMAC_KEY'),
    webhookUrl: textFrom('ADYEN_SIM_WEBHOOK_URL'),
    resultsAfterMs: integerFrom('ADYEN_SIM_RESULTS_AFTER_MS'),
  });
  const stop = (): void => {
    Promise.all([stripe.stop(), adyen.stop()]).then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', stop);
  // a parent that is gone cannot stop us any more
  process.on('disconnect', stop);
  process.stdout.write(`${JSON.stringify({ ready: true, stripe: stripe.url, adyen: adyen.url })}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
}

main().catch(fail);
