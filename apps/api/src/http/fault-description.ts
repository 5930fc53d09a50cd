import { maskPans } from '../card-data/pan';

/** A stack is for finding the line, not for keeping a novel, characters. */
const MAX_STACK_CHARACTERS = 4_000;

/**
 * What a log says about an exception: name, message and stack, and none of its other properties, which may hold the
 * request. Card numbers that a foreign message quotes are masked.
 */
export function describeFault(error: unknown): { readonly error: string; readonly stack?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const stack = maskPans((error.stack ?? '').slice(0, MAX_STACK_CHARACTERS));
  return { error: `${error.name}: ${maskPans(error.message)}`, stack };
}
