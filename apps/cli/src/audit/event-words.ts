import type {
  DisputeEvent,
  Money,
  OperationFailed,
  OperationOutcomeUnknown,
  OperationResolved,
  PaymentEvent,
  RefundEvent,
  RefundReservationEvent,
  RefundResolutionFound,
  RefundResolved,
} from '@tender/domain';
import { exponentOf } from '@tender/domain';

/** `USD 10.99`: the digits of ISO 4217, cut from the text of an integer. */
export function amountText({ amountMinor, currency }: Money): string {
  const digits = exponentOf(currency) ?? 0;
  const sign = amountMinor < 0n ? '-' : '';
  const text = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(digits + 1, '0');
  if (digits === 0) return `${currency} ${sign}${text}`;
  return `${currency} ${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** What the streams of a payment's story hold. */
export type StoryEvent = PaymentEvent | RefundEvent;

/** What an event says, in one sentence for a person. A new event does not compile until it has its own. */
export function wordsOf(event: StoryEvent): string {
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
    case 'LateSuccessFellBack':
      return `the scheme took back the ${amountText(event.data)} of that charge`;
    case 'LateSuccessTakenAgain':
      return `the PSP has the ${amountText(event.data)} of that charge once more`;
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
    case 'ReversalWithheld':
      return `${amountText(event.data)} is not given back as long as a bank has money of the charge`;
    case 'ChargeReversed':
      return `${amountText(event.data)} was given back in full`;
    case 'ReversalFailed':
      return refused('the reversal', event.data);
    case 'ReversalOutcomeUnknown':
      return unknown('the reversal', event.data);
    case 'OperationResolved':
      return resolvedWords(event.data);
    case 'ActionReturned':
      return 'the buyer is back from the PSP’s page';
    case 'CaptureReversed':
      return 'the scheme took back what had been captured; the PSP owes it no more';
    case 'RefundReserved':
    case 'RefundSettled':
    case 'RefundReturned':
    case 'RefundRetryGranted':
    case 'RefundReservationReleased':
      return reservationWords(event);
    case 'DisputeOpened':
    case 'DisputeFundsWithdrawn':
    case 'DisputeWon':
    case 'DisputeLost':
    case 'DisputeUpdated':
      return disputeWords(event);
    case 'RefundInitiated':
    case 'RefundAttemptStarted':
    case 'RefundAccepted':
    case 'RefundSucceeded':
    case 'RefundFailed':
    case 'RefundOutcomeUnknown':
    case 'RefundEvidenceRecorded':
    case 'RefundReissued':
    case 'RefundAbandoned':
    case 'RefundResolved':
      return refundWords(event);
  }
}

function reservationWords(event: RefundReservationEvent): string {
  const amount = amountText(event.data);
  switch (event.type) {
    case 'RefundReserved':
      return `${amount} of what was captured is reserved for refund ${event.data.refundId}`;
    case 'RefundSettled':
      return `the reserved ${amount} were given back`;
    case 'RefundReturned':
      return `${amount} that had been given back came back; they are owed still`;
    case 'RefundRetryGranted':
      return `${amount} that are owed still may be given back by try ${event.data.number}`;
    case 'RefundReservationReleased':
      return `the reserved ${amount} are free again (${event.data.why})`;
  }
}

function disputeWords(event: DisputeEvent): string {
  switch (event.type) {
    case 'DisputeOpened':
      return `the buyer’s bank disputes ${amountText(event.data)} (${event.data.kind})`;
    case 'DisputeFundsWithdrawn':
      return `the PSP took ${amountText(event.data)} for the dispute`;
    case 'DisputeWon':
      return `the dispute was won; ${amountText(event.data)} come back`;
    case 'DisputeLost':
      return `the dispute was lost: ${amountText(event.data)}`;
    case 'DisputeUpdated':
      return `news of the dispute: ${event.data.stage}`;
  }
}

function refundWords(event: RefundEvent): string {
  switch (event.type) {
    case 'RefundInitiated':
      return `refund of ${amountText(event.data)} by ${event.data.psp}`;
    case 'RefundAttemptStarted':
      return `try ${event.data.number}: ${event.data.psp} is about to be asked to refund ${amountText(event.data)}`;
    case 'RefundAccepted':
      return `the PSP has taken the refund of ${amountText(event.data)} upon itself`;
    case 'RefundSucceeded':
      return `${amountText(event.data)} were given back`;
    case 'RefundFailed':
      return `the refund failed (${event.data.why}, ${event.data.when}); its reservation is ${event.data.reservation}`;
    case 'RefundOutcomeUnknown':
      return `not known how the refund ended: ${event.data.why}; the search begins`;
    case 'RefundEvidenceRecorded':
      return `searched by ${event.data.rung}: ${event.data.answer}`;
    case 'RefundReissued':
      return `${amountText(event.data)} are to be given back by another try, number ${event.data.number}`;
    case 'RefundResolved':
      return resolvedWords(event.data);
    case 'RefundAbandoned':
      return `the refund was given up${event.data.reason === null ? '' : `: ${event.data.reason}`}`;
  }
}

const FOUND: Readonly<Record<RefundResolutionFound, string>> = {
  done: 'it was done',
  not_done: 'it was not done',
  returned: 'it was done, and the money came back',
};

const resolvedWords = ({
  found,
  freeText,
}: Pick<OperationResolved | RefundResolved, 'found' | 'freeText'>): string =>
  `${freeText.by} found at the PSP that ${FOUND[found]}: ${freeText.evidence}`;

const refused = (what: string, { why }: OperationFailed): string => `${what} was refused for good: ${why}`;

const unknown = (what: string, { why }: OperationOutcomeUnknown): string =>
  `not known how ${what} ended: ${why}; the search begins`;

/** What stands in an event as proof, in the order in which somebody would ask a PSP about it. */
const EVIDENCE: readonly { readonly field: string; readonly label: string }[] = [
  { field: 'pspReference', label: 'PSP reference' },
  { field: 'pspIdempotencyKey', label: 'PSP key' },
  { field: 'operationId', label: 'operation' },
  { field: 'captureReference', label: 'PSP capture' },
  { field: 'reference', label: 'PSP dispute' },
  { field: 'networkReasonCode', label: 'network reason' },
  { field: 'occurredAt', label: 'PSP time' },
  { field: 'detail', label: 'detail' },
];

/** `label value` for each piece of evidence that the event has. */
export function evidenceOf(event: StoryEvent): readonly string[] {
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
