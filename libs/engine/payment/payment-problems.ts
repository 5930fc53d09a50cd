import type { Payment, PaymentEvent } from '@tender/domain';
import { overdrawnMinor } from '@tender/domain';

/** What happened to money and needs somebody to look; told once for each event, and again when that is delivered again. */
export interface PaymentProblem {
  readonly what:
    | 'late_success'
    | 'reversal_failed'
    | 'capture_reversed'
    | 'dispute_opened'
    /** More was given back, promised or taken by disputes than is captured. */
    | 'more_than_captured';
  readonly detail: string;
}

export function problemIn(event: PaymentEvent, payment: Payment): PaymentProblem | undefined {
  if (event.type === 'LateSuccessFound' || event.type === 'LateSuccessTakenAgain') {
    return { what: 'late_success', detail: event.data.pspReference };
  }
  if (event.type === 'LateSuccessFellBack') return { what: 'capture_reversed', detail: event.data.detail };
  if (event.type === 'ReversalFailed') return { what: 'reversal_failed', detail: event.data.why };
  if (event.type === 'ReversalWithheld') return { what: 'reversal_failed', detail: 'disputed' };
  if (event.type === 'DisputeOpened') return { what: 'dispute_opened', detail: event.data.kind };
  if (event.type === 'DisputeFundsWithdrawn') return overdrawn(payment);
  if (event.type !== 'CaptureReversed') return undefined;
  return overdrawn(payment) ?? { what: 'capture_reversed', detail: event.data.detail };
}

function overdrawn(payment: Payment): PaymentProblem | undefined {
  const overMinor = overdrawnMinor(payment);
  return overMinor > 0n
    ? { what: 'more_than_captured', detail: `${overMinor} ${payment.currency} too much` }
    : undefined;
}
