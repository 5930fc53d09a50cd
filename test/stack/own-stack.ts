import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { takeDataDirectory } from '../../apps/local/src/data-directory';
import { startStack, type Stack, type StackOptions } from '../../apps/local/src/stack';

/** A stack whose processes are our own children. */
export interface OwnStack {
  readonly stack: Stack;
  readonly dataPath: string;
  /** Stops it and removes its data. */
  readonly stop: () => Promise<void>;
}

export interface OwnStackOptions extends Pick<
  StackOptions,
  'workers' | 'environment' | 'addressFor' | 'progress'
> {
  /** Part of the folder's name. */
  readonly name: string;
}

/** The compiled system on free ports and in a temporary directory. */
export async function startOwnStack({ name, ...options }: OwnStackOptions): Promise<OwnStack> {
  const dataPath = mkdtempSync(join(tmpdir(), `tender-${name}-`));
  const data = takeDataDirectory(dataPath);
  const remove = (): void => {
    data.release();
    rmSync(dataPath, { recursive: true, force: true });
  };
  try {
    const stack = await startStack({
      ...options,
      data,
      host: '127.0.0.1',
      apiPort: 0,
      stripePort: 0,
      adyenPort: 0,
      eventStoreUrl: undefined,
      mongoUri: undefined,
      redisUrl: undefined,
    });
    return {
      stack,
      dataPath,
      stop: async () => {
        await stack.stop();
        remove();
      },
    };
  } catch (error) {
    remove();
    throw error;
  }
}
