import type { ApiError } from './api-error';
import type { FormObject } from './form';
import type { Ids } from './ids';
import type { Intent } from './intent';
import type { IntentStore } from './intent-store';

/** What executing a request may use. */
export interface Execution {
  readonly intents: IntentStore;
  readonly ids: Ids;
  readonly nowMs: number;
  readonly key: string | null;
}

/** The result of executing: an answer, and the intent as it is from now on (null: unchanged). */
export interface Outcome {
  readonly status: number;
  /** In the answer: the object itself, or within an error. */
  readonly intent: Intent | null;
  readonly error: ApiError | null;
  readonly changed: Intent | null;
}

export interface Work {
  readonly expand: readonly string[];
  execute(with_: Execution): Outcome;
}

/** One API method that changes something: `prepare` refuses what Stripe refuses before execution begins. */
export interface Operation {
  /** The name by which a fault script knows the request. */
  faultOp(form: FormObject): string;
  prepare(form: FormObject, id: string): Work | ApiError;
}

export function answered(intent: Intent): Outcome {
  return { status: 200, intent, error: null, changed: intent };
}

export function refused(error: ApiError, intent: Intent | null): Outcome {
  return { status: error.status, intent, error, changed: null };
}

/** The card was declined: an HTTP error, and yet the intent has changed. */
export function declined(intent: Intent): Outcome {
  return { status: 402, intent, error: null, changed: intent };
}

const EXPANDABLE: readonly string[] = ['latest_charge', 'payment_method', 'customer'];

/** Checks `expand`; a list prefixes each path with `data.`. */
export function expandProblem(paths: readonly string[]): string | undefined {
  return paths.find((path) => !EXPANDABLE.includes(path));
}
