import { nothingForPerson, record, refuse } from '../kernel/decision';
import { RESULT_RANK } from '../psp/fact-order';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentDecision } from './attempt.decider';
import { isAnotherCharge } from './late-success';
import { recordExpiry } from './operation-requests';
import type { Attempt, Payment } from './payment';
import { findAttempt, isCanceling, isOpen, openOperationOf } from './payment';
import type { RecordOperationNews } from './payment.commands';

/**
 * Money that was held for the merchant's capture, and was taken or let go without a request of ours that is open: somebody did
 * it in the PSP's own pages, or a request of ours came through after its proof that it never would. What the PSP did is so,
 * whoever asked: untold, the payment would wait for a capture for ever, and the books would hold nothing of what was taken.
 *
 * @returns undefined where the word is about something else
 */
export function recordUnasked(command: RecordOperationNews, payment: Payment): PaymentDecision | undefined {
  const { attemptId, operation } = command;
  const attempt = findAttempt(payment, attemptId);
  if (attempt === undefined || payment.captureMethod !== 'manual' || !isFirstWord(command)) return undefined;
  if (!isOpen(attempt) && !isOfSale(payment, command)) return undefined;
  if (operation === 'capture') return taken(payment, attempt, command);
  if (operation !== 'cancel' || attempt.status !== 'authorized') return undefined;
  const { occurredAt } = command.outcome;
  return recordExpiry({ attemptId, pspReference: attempt.pspReference, occurredAt }, payment);
}

type Done = RecordOperationNews & { readonly outcome: Extract<OperationOutcome, { kind: 'succeeded' }> };

/** That something was done, told for the first time. */
const isFirstWord = (command: RecordOperationNews): command is Done =>
  command.outcome.kind === 'succeeded' && command.rank <= RESULT_RANK;

/** What was done to a charge beside the sale says nothing of it; a word that names none may be of either, where there is one. */
const isOfSale = (payment: Payment, { attemptId, paymentReference }: RecordOperationNews): boolean =>
  paymentReference === null
    ? !payment.lateSuccesses.some((late) => late.attemptId === attemptId)
    : !isAnotherCharge(payment, { attemptId, paymentReference });

/**
 * A capture beside the one of the sale: an account may allow several of one authorisation, and somebody has asked for another
 * one in the PSP's own pages. A payment has one. Names tell them apart, so each has to have one of its own; a PSP without
 * names for captures takes one at most.
 */
export function isTakenBeside(payment: Payment, command: RecordOperationNews): boolean {
  const { attemptId, operation, pspReference } = command;
  if (operation !== 'capture' || payment.captureMethod !== 'manual') return false;
  if (!isFirstWord(command) || isAnotherCharge(payment, command)) return false;
  const charge = findAttempt(payment, attemptId)?.pspReference ?? null;
  const hasName = (reference: string | null): boolean => reference !== null && reference !== charge;
  const ofAttempt = (one: { readonly attemptId: string }): boolean => one.attemptId === attemptId;
  const taken = payment.captures.filter(ofAttempt);
  if (taken.length === 0 || !hasName(pspReference)) return false;
  const known = [...taken, ...payment.operations.filter(ofAttempt)];
  return (
    taken.every((one) => hasName(one.pspReference)) && known.every((one) => one.pspReference !== pspReference)
  );
}

/** While anything else is to be told of the attempt, this word waits for it: it may be an answer to that. */
function taken(payment: Payment, attempt: Attempt, { outcome, rank }: Done): PaymentDecision | undefined {
  const { id: attemptId, status } = attempt;
  if (isOpen(attempt)) return refuse({ code: 'news_too_early' });
  if (status !== 'authorized') return undefined;
  if (openOperationOf(payment, attemptId) !== undefined || isCanceling(payment)) {
    return refuse({ code: 'news_too_early' });
  }
  const { amountMinor, pspReference, occurredAt } = outcome;
  if (amountMinor === null || amountMinor <= 0n || amountMinor > payment.authorizedMinor) {
    return nothingForPerson('it is of more than was held, or does not say of how much');
  }
  const { currency } = payment;
  return record({
    type: 'PaymentCaptured',
    data: { attemptId, operationId: null, pspReference, amountMinor, currency, occurredAt, rank },
  });
}
