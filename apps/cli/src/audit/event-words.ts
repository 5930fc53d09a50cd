import type { Money, OperationFailed, OperationOutcomeUnknown, PaymentEvent } from '@tender/domain';
import { exponentOf } from '@tender/domain';

/** `USD 10.99`: the digits of ISO 4217, cut from the text of an integer. */
export function amountText({ amountMinor, currency }: Money): string {
  const digits = exponentOf(currency) ?? 0;
  const sign = amountMinor < 0n ? '-' : '';
  const text = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(digits + 1, '0');
  if (digits === 0) return `${currency} ${sign}${text}`;
  return `${currency} ${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** What an event says, in one sentence for a person. A new event does not compile until it has its own. */
export function wordsOf(event: PaymentEvent): string {
  switch (event.type) {
    case 'PaymentInitiated': {
      const { candidates, captureMethod } = event.data;
      const route = candidates.map(({ psp }) => psp).join(', then ');
      return `asked for ${amountText(event.data)}, ${captureMethod} capture; may be sent to ${route}`;
    }
    case 'AttemptStarted':
      return `attempt ${event.data.number}: ${event.data.psp} is about to be asked for ${amountText(event.data)} (${event.data.reason})`;
    case 'AttemptActionRequired':
      return 'the buyer has to authenticate at the PSP’s page';
    case 'AttemptAuthorized':
      return `the PSP holds ${amountText(event.data)} for us`;
    case 'AttemptDeclined':
      return `declined: ${event.data.decline.code} (${event.data.decline.category}); nothing was charged`;
    case 'AttemptNotSent':
      return `proven not processed: ${event.data.why}`;
    case 'AttemptOutcomeUnknown':
      return `not known how it ended: ${event.data.why}; the search for evidence begins`;
    case 'EvidenceRecorded':
      return `searched by ${event.data.rung}: ${event.data.answer}`;
    case 'PaymentCaptured':
      return `${amountText(event.data)} is taken`;
    case 'PaymentFailed':
      return `failed: ${event.data.code} (${event.data.category}); nobody was charged, and nobody will be`;
    case 'LateSuccessFound':
      return `a charge of ${amountText(event.data)} surfaced after the payment had ended`;
    case 'CaptureStarted':
      return `the PSP is about to be asked to capture ${amountText(event.data)}`;
    case 'CaptureFailed':
      return refused('the capture', event.data);
    case 'CaptureOutcomeUnknown':
      return unknown('the capture', event.data);
    case 'CancelRequested':
      return `the merchant wants the payment ended${event.data.reason === null ? '' : `: ${event.data.reason}`}`;
    case 'CancelStarted':
      return `the PSP is about to be asked to end the attempt (${event.data.purpose})`;
    case 'CancelFailed':
      return refused('the cancel', event.data);
    case 'CancelOutcomeUnknown':
      return unknown('the cancel', event.data);
    case 'AttemptVoided':
      return 'the PSP ended the attempt and holds nothing';
    case 'AuthorizationExpired':
      return 'the authorisation expired at the PSP';
    case 'PaymentCanceled':
      return `ended without a charge (${event.data.because})`;
    case 'ReversalStarted':
      return `the PSP is about to be asked to give back ${amountText(event.data)}`;
    case 'ChargeReversed':
      return `${amountText(event.data)} was given back in full`;
    case 'ReversalFailed':
      return refused('the reversal', event.data);
    case 'ReversalOutcomeUnknown':
      return unknown('the reversal', event.data);
    case 'ActionReturned':
      return 'the buyer is back from the PSP’s page';
  }
}

const refused = (what: string, { why }: OperationFailed): string => `${what} was refused for good: ${why}`;

const unknown = (what: string, { why }: OperationOutcomeUnknown): string =>
  `not known how ${what} ended: ${why}; the search begins`;

/** What stands in an event as proof, in the order in which somebody would ask a PSP about it. */
const EVIDENCE: readonly { readonly field: string; readonly label: string }[] = [
  { field: 'pspReference', label: 'PSP reference' },
  { field: 'pspIdempotencyKey', label: 'PSP key' },
  { field: 'operationId', label: 'operation' },
  { field: 'occurredAt', label: 'PSP time' },
  { field: 'detail', label: 'detail' },
];

/** `label value` for each piece of evidence that the event has. */
export function evidenceOf(event: PaymentEvent): readonly string[] {
  const data = event.data as unknown as Readonly<Record<string, unknown>>;
  const found = EVIDENCE.flatMap(({ field, label }) => {
    const value = data[field];
    return typeof value === 'string' && value !== '' ? [`${label} ${value}`] : [];
  });
  if (event.type === 'AttemptDeclined') found.push(`PSP code ${event.data.decline.pspCode}`);
  if (event.type === 'AttemptAuthorized' && event.data.card !== null) {
    found.push(`card ${event.data.card.brand} …${event.data.card.last4}`);
  }
  return found;
}
