import type { DeclineName } from './declines';
import type { Dispute } from './dispute';
import type { Refund } from './refund';
import type { ChargeBehaviour } from './test-payment-methods';

export type IntentStatus =
  | 'requires_payment_method'
  | 'requires_confirmation'
  | 'requires_action'
  | 'processing'
  | 'requires_capture'
  | 'succeeded'
  | 'canceled';

export type CaptureMethod = 'automatic' | 'automatic_async' | 'manual';

/** One try at the card: Stripe makes a charge for a decline, too. */
export interface Charge {
  readonly id: string;
  readonly createdMs: number;
  readonly amount: number;
  readonly paymentMethod: string;
  readonly decline: DeclineName | null;
  readonly captured: boolean;
  readonly amountCaptured: number;
  /** An authorisation that was given back: Stripe shows it as a refunded charge. */
  readonly released: boolean;
}

/**
 * A PaymentIntent. Records are never changed, only replaced: an answer kept under an idempotency key is a reference to the
 * record as it was, and costs no copy.
 */
export interface Intent {
  readonly id: string;
  /** Place in the order of creation, the order of lists. */
  readonly seq: number;
  /** 0 at creation, one more with each change. */
  readonly rev: number;
  readonly createdMs: number;
  /** Key of the creating request. */
  readonly key: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly status: IntentStatus;
  readonly captureMethod: CaptureMethod;
  readonly confirmationMethod: 'automatic' | 'manual';
  readonly paymentMethod: string | null;
  readonly paymentMethodTypes: readonly string[];
  readonly customer: string | null;
  readonly description: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  readonly receiptEmail: string | null;
  readonly returnUrl: string | null;
  readonly setupFutureUsage: string | null;
  readonly statementDescriptor: string | null;
  readonly statementDescriptorSuffix: string | null;
  readonly transferGroup: string | null;
  readonly charges: readonly Charge[];
  /** The last failed attempt, until another begins. */
  readonly lastError: { readonly decline: DeclineName; readonly paymentMethod: string } | null;
  readonly amountReceived: number;
  readonly capture: { readonly atMs: number; readonly key: string | null } | null;
  readonly cancel: {
    readonly atMs: number;
    readonly key: string | null;
    readonly reason: string | null;
  } | null;
  readonly refunds: readonly Refund[];
  /** Planned from the moment at which the money is taken. */
  readonly dispute: Dispute | null;
}

/** Not a secret here: derived, so that a million intents need not keep one each. */
export function clientSecret(intent: Intent): string {
  return `${intent.id}_secret_${intent.id.slice(3).split('').toReversed().join('')}`;
}

export function latestCharge(intent: Intent): Charge | undefined {
  return intent.charges[intent.charges.length - 1];
}

export function amountCapturable(intent: Intent): number {
  return intent.status === 'requires_capture' ? intent.amount : 0;
}

export interface Confirmation {
  readonly paymentMethod: string;
  readonly behaviour: ChargeBehaviour;
  readonly offSession: boolean;
  readonly errorOnRequiresAction: boolean;
  readonly returnUrl: string | null;
  readonly chargeId: string;
  readonly nowMs: number;
}

/** Charges the payment method, or asks the payer first. Only for an intent that may be confirmed. */
export function confirmed(intent: Intent, by: Confirmation): Intent {
  const asked: Intent = {
    ...intent,
    paymentMethod: by.paymentMethod,
    returnUrl: by.returnUrl ?? intent.returnUrl,
    lastError: null,
  };
  const { behaviour } = by;
  switch (behaviour.kind) {
    case 'approve':
      return charged(asked, by.chargeId, 'approve', by.nowMs);
    case 'decline':
      return charged(asked, by.chargeId, behaviour.decline, by.nowMs);
    case 'challenge':
      if (by.offSession && behaviour.offSessionApproved === true) {
        return charged(asked, by.chargeId, behaviour.then, by.nowMs);
      }
      if (by.offSession || by.errorOnRequiresAction) {
        return charged(asked, by.chargeId, 'authentication_required', by.nowMs);
      }
      return { ...asked, status: 'requires_action', rev: intent.rev + 1 };
  }
}

/** The payer has passed or failed the challenge of an intent in `requires_action`. */
export function challenged(
  intent: Intent,
  passed: boolean,
  behaviour: ChargeBehaviour,
  chargeId: string,
  nowMs: number,
): Intent {
  if (!passed) return failed(intent, 'authentication_failed', intent.charges);
  return charged(intent, chargeId, behaviour.kind === 'challenge' ? behaviour.then : 'approve', nowMs);
}

function charged(intent: Intent, chargeId: string, result: 'approve' | DeclineName, nowMs: number): Intent {
  const approved = result === 'approve';
  const captured = approved && intent.captureMethod !== 'manual';
  const charge: Charge = {
    id: chargeId,
    createdMs: nowMs,
    amount: intent.amount,
    paymentMethod: intent.paymentMethod ?? '',
    decline: approved ? null : result,
    captured,
    amountCaptured: captured ? intent.amount : 0,
    released: false,
  };
  const charges = [...intent.charges, charge];
  if (!approved) return failed(intent, result, charges);
  return {
    ...intent,
    rev: intent.rev + 1,
    status: captured ? 'succeeded' : 'requires_capture',
    amountReceived: captured ? intent.amount : 0,
    charges,
  };
}

function failed(intent: Intent, decline: DeclineName, charges: readonly Charge[]): Intent {
  return {
    ...intent,
    rev: intent.rev + 1,
    status: 'requires_payment_method',
    paymentMethod: null,
    lastError: { decline, paymentMethod: intent.paymentMethod ?? '' },
    charges,
  };
}

/** Takes all or part of an authorisation; the rest is given back. */
export function captured(intent: Intent, amount: number, key: string | null, nowMs: number): Intent {
  return {
    ...intent,
    rev: intent.rev + 1,
    status: 'succeeded',
    amountReceived: amount,
    capture: { atMs: nowMs, key },
    charges: replaceLast(intent.charges, { captured: true, amountCaptured: amount }),
  };
}

export function canceled(intent: Intent, reason: string | null, key: string | null, nowMs: number): Intent {
  const held = intent.status === 'requires_capture';
  return {
    ...intent,
    rev: intent.rev + 1,
    status: 'canceled',
    cancel: { atMs: nowMs, key, reason },
    charges: held ? replaceLast(intent.charges, { released: true }) : intent.charges,
  };
}

export function withRefund(intent: Intent, refund: Refund): Intent {
  return { ...intent, rev: intent.rev + 1, refunds: [...intent.refunds, refund] };
}

function replaceLast(charges: readonly Charge[], change: Partial<Charge>): readonly Charge[] {
  return charges.map((charge, index) => (index === charges.length - 1 ? { ...charge, ...change } : charge));
}
