import { Command, InvalidArgumentError } from 'commander';
import { MAX_WORKERS } from '../../apps/local/src/configuration';

export interface ChaosOptions {
  readonly minutes: number;
  readonly seed: number;
  readonly ratePerS: number;
  readonly workers: number;
}

export const MINUTES_MAX = 24 * 60;
export const RATE_MAX_PER_S = 200;
export const SEED_MAX = 0xffff_ffff;

const numberUpTo =
  (max: number, isWhole: boolean) =>
  (text: string): number => {
    const value = Number(text);
    const fits = value > 0 && value <= max && (!isWhole || Number.isInteger(value));
    if (!fits)
      throw new InvalidArgumentError(`It is ${isWhole ? 'a whole number' : 'a number'} up to ${max}.`);
    return value;
  };

/** @throws CommanderError for `--help`, and for an option that breaks its rule, after it was printed */
export function readOptions(args: readonly string[]): ChaosOptions {
  const command = new Command('npm run chaos --')
    .description(
      'Kills, stops and cuts off the processes of a whole stack under load, heals it, and checks that every payment was charged once, every refund given once, and the books agree.',
    )
    .option('--minutes <number>', 'how long faults come', numberUpTo(MINUTES_MAX, false), 2)
    .option('--seed <number>', 'of the load and the faults', numberUpTo(SEED_MAX, true), 1)
    .option('--rate <number>', 'payments a second', numberUpTo(RATE_MAX_PER_S, false), 10)
    .option('--workers <number>', 'worker processes', numberUpTo(MAX_WORKERS, true), 2)
    .addHelpText('after', '\nExit code 1 on any violation.')
    .exitOverride();
  command.parse(args, { from: 'user' });
  const { minutes, seed, rate, workers } = command.opts<{
    minutes: number;
    seed: number;
    rate: number;
    workers: number;
  }>();
  return { minutes, seed, ratePerS: rate, workers };
}
