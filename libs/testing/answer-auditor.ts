import type { PaymentState } from '@tender/domain';
import type { Violated } from './word-auditor';

/** What a caller was told under a key. */
export interface Answer {
  readonly keyName: string;
  readonly paymentId: string;
  /** Of the body that this caller sent. */
  readonly fingerprint: string;
  /** What the key names within the payment; null: the payment itself. */
  readonly requestId: string | null;
  readonly told:
    | {
        readonly kind: 'payment';
        /** For the history: as an object of ours, or as it came over the wire. */
        readonly payment: object;
        readonly revision: bigint;
        /** The bytes of a final answer; undefined while the caller was told to ask again. */
        readonly settled: string | undefined;
      }
    | { readonly kind: 'key_reused' };
}

/** Compares what callers were told with what is recorded, and with what others were told under the same key. */
export class AnswerAuditor {
  private readonly keys = new Map<string, { paymentId: string; settled: string | undefined }>();

  constructor(private readonly violated: Violated) {}

  /** A caller got an answer that speaks of a payment, which is recorded up to this revision. */
  answered(
    { keyName, paymentId, fingerprint, requestId, told }: Answer,
    state: PaymentState,
    revision: bigint,
  ): void {
    const known = this.keys.get(keyName) ?? { paymentId, settled: undefined };
    this.keys.set(keyName, known);
    if (known.paymentId !== paymentId) {
      this.violated('same_key_same_payment', paymentId, `${keyName} named ${known.paymentId} before`);
    }
    const recorded = recordedFingerprint(state, requestId);
    const sameBody = recorded === undefined || recorded === fingerprint;
    if (sameBody === (told.kind === 'key_reused')) {
      this.violated(
        'key_of_another_body',
        paymentId,
        sameBody ? 'refused its own body' : 'took another body',
      );
    }
    if (told.kind === 'key_reused') return;
    if (told.revision > revision || state === null) {
      const detail = `told of revision ${told.revision}, recorded is ${revision}`;
      this.violated('acknowledged_survives', paymentId, detail);
    }
    if (told.settled === undefined) return;
    if (known.settled !== undefined && known.settled !== told.settled) {
      this.violated('same_key_same_outcome', paymentId, `${known.settled} became ${told.settled}`);
    }
    known.settled = told.settled;
  }
}

/** Of the body that was recorded under a key, if any was. */
function recordedFingerprint(state: PaymentState, requestId: string | null): string | null | undefined {
  if (state === null || requestId === null) return state?.fingerprint;
  const requests = [...state.operations, ...state.cancelRequests];
  const word = state.operations.find(({ resolution }) => resolution?.requestId === requestId)?.resolution;
  const request = word ?? requests.find((one) => one.requestId === requestId);
  return (request ?? state.refunds.find(({ id }) => id === requestId))?.fingerprint;
}
