import { resolve } from 'node:path';
import { Environment } from '@tender/nest';
import { banner } from './banner';
import { takeDataDirectory } from './data-directory';
import { startStack } from './stack';

const DEFAULT_API_PORT = 3000;
const DEFAULT_STRIPE_PORT = 4010;

/** `npm start`: the whole system on this machine. */
async function main(): Promise<void> {
  const startedAt = performance.now();
  const environment = new Environment(process.env);
  const apiPort = environment.port('PORT', DEFAULT_API_PORT);
  const stripePort = environment.port('STRIPE_SIM_PORT', DEFAULT_STRIPE_PORT);
  const host = environment.text('HOST', '127.0.0.1');
  const dataPath = resolve(environment.text('TENDER_DATA', '.data'));
  const eventStoreUrl = environment.optional('EVENTSTORE_URL');
  const mongoUri = environment.optional('MONGODB_URI');
  const workers = environment.integer('TENDER_WORKERS', { min: 1, max: 8, fallback: 1 });
  environment.done();

  const data = takeDataDirectory(dataPath);
  const seconds = (): string => ((performance.now() - startedAt) / 1000).toFixed(1);
  const progress = (text: string): void => {
    console.log(`[${seconds().padStart(5)} s] ${text}`);
  };
  // until the stack stands, Ctrl-C must still leave no process and no lock behind
  let stop = async (): Promise<void> => {
    data.release();
    await Promise.resolve();
  };
  let stopping = false;
  const onEnd = (reason: string): void => {
    if (stopping) return;
    stopping = true;
    console.log(`\n${reason}: stopping in order`);
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onEnd);
  process.on('SIGTERM', onEnd);
  process.on('SIGHUP', onEnd);
  // a terminal or a parent that is gone reads nothing: that must not end us before the children are stopped
  process.stdout.on('error', () => undefined);
  // only a program that started this one with a channel has it to lose
  process.on('disconnect', () => {
    onEnd('the parent is gone');
  });
  try {
    const starting = startStack({
      data,
      host,
      apiPort,
      stripePort,
      workers,
      eventStoreUrl,
      mongoUri,
      progress,
    });
    stop = async () => {
      const started = await starting.catch(() => undefined);
      await started?.stop();
      data.release();
    };
    const stack = await starting;
    console.log(`\n${banner(stack, { dataPath, seconds: seconds() })}\n`);
  } catch (error) {
    data.release();
    throw error;
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
