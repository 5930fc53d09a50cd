import type { ApiError } from './api-error';
import type { FormObject } from './form';
import type { Ids } from './ids';
import type { Intent } from './intent';
import type { IntentStore } from './intent-store';
import type { RefundIndex } from './refund-index';

/** What executing a request may use. */
export interface Execution {
  readonly intents: IntentStore;
  readonly refunds: RefundIndex;
  readonly ids: Ids;
  readonly nowMs: number;
  readonly key: string | null;
  /** How long a refund stays open whose end comes later, ms. */
  readonly resultsAfterMs: number;
}

/** The result of executing: an answer, and the intent as it is from now on (null: unchanged). */
export interface Outcome {
  readonly status: number;
  /** In the answer: the object itself, or within an error. */
  readonly intent: Intent | null;
  readonly error: ApiError | null;
  /** The refund of the intent that the answer shows instead of it. */
  readonly refundId: string | null;
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
  return { status: 200, intent, error: null, refundId: null, changed: intent };
}

export function refunded(intent: Intent, refundId: string): Outcome {
  return { status: 200, intent, error: null, refundId, changed: intent };
}

export function refused(error: ApiError, intent: Intent | null): Outcome {
  return { status: error.status, intent, error, refundId: null, changed: null };
}

/** The card was declined: an HTTP error, and yet the intent has changed. */
export function declined(intent: Intent): Outcome {
  return { status: 402, intent, error: null, refundId: null, changed: intent };
}

export const INTENT_EXPANDABLE: readonly string[] = ['latest_charge', 'payment_method', 'customer'];
export const REFUND_EXPANDABLE: readonly string[] = ['charge', 'payment_intent'];

/** Checks `expand`; a list prefixes each path with `data.`. */
export function expandProblem(paths: readonly string[], expandable: readonly string[]): string | undefined {
  return paths.find((path) => !expandable.includes(path));
}
