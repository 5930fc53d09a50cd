import type { ApiError } from './api-error';
import type { Draft } from './notice';
import type { Payment } from './payment';
import type { PaymentStore } from './payment-store';
import type { PspReferences } from './psp-references';

export type JsonObject = Readonly<Record<string, unknown>>;

/** What executing a request may use. */
export interface Execution {
  readonly payments: PaymentStore;
  readonly references: PspReferences;
  readonly merchantAccount: string;
  readonly nowMs: number;
  /** How long the result of what is only "received" stays open, ms. */
  readonly resultsAfterMs: number;
  readonly key: string | null;
  /** Origin of the challenge pages. */
  readonly origin: string;
}

/** The result of executing: an answer, the payment as it is from now on, and what will be told of it. */
export interface Outcome {
  readonly status: number;
  readonly body: JsonObject;
  readonly changed: Payment | null;
  readonly news: readonly Draft[];
}

export type Work = (execution: Execution) => Outcome | ApiError;

/** One API method: `prepare` refuses what Adyen refuses while it reads the request. */
export interface Operation {
  /** The name by which a fault script knows the request. */
  readonly faultOp: 'authorize' | 'details' | 'capture' | 'cancel' | 'refund' | 'reversal';
  prepare(request: JsonObject, pspReference: string): Work | ApiError;
}

export const isObject = (json: unknown): json is JsonObject =>
  typeof json === 'object' && json !== null && !Array.isArray(json);

export function textOf(json: unknown, name: string): string | null {
  const value = isObject(json) ? json[name] : undefined;
  return typeof value === 'string' && value !== '' ? value : null;
}
