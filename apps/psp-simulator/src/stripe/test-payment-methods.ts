import type { DeclineName } from './declines';
import type { DisputeScript } from './dispute';

/** What happens when a payment method is charged. `challenge` asks the payer first (3-D Secure). */
export type ChargeBehaviour =
  | { readonly kind: 'approve' }
  | { readonly kind: 'decline'; readonly decline: DeclineName }
  | {
      readonly kind: 'challenge';
      /** What becomes of the charge when the payer passes. */
      readonly then: 'approve' | DeclineName;
      /** Set up earlier for use without the payer: no challenge when `off_session`. */
      readonly offSessionApproved?: boolean;
    };

export interface TestPaymentMethod {
  readonly id: string;
  readonly brand: string;
  readonly last4: string;
  readonly funding: 'credit' | 'debit' | 'prepaid';
  readonly country: string;
  readonly behaviour: ChargeBehaviour;
}

type Funding = TestPaymentMethod['funding'];

const methods = new Map<string, TestPaymentMethod>();

function add(
  name: string,
  last4: string,
  behaviour: ChargeBehaviour,
  brand = 'visa',
  funding: Funding = 'credit',
  country = 'US',
): void {
  const id = `pm_card_${name}`;
  methods.set(id, { id, brand, last4, funding, country, behaviour });
}

const APPROVE: ChargeBehaviour = { kind: 'approve' };
const decline = (name: DeclineName): ChargeBehaviour => ({ kind: 'decline', decline: name });
const challenge = (then: 'approve' | DeclineName): ChargeBehaviour => ({ kind: 'challenge', then });

// Names and last four digits: Stripe docs, "Test your integration". No card number ever enters the system.
add('visa', '4242', APPROVE);
add('visa_debit', '5556', APPROVE, 'visa', 'debit');
add('mastercard', '4444', APPROVE, 'mastercard');
add('mastercard_debit', '8210', APPROVE, 'mastercard', 'debit');
add('mastercard_prepaid', '5100', APPROVE, 'mastercard', 'prepaid');
add('amex', '8431', APPROVE, 'amex');
add('discover', '9424', APPROVE, 'discover');
add('diners', '3237', APPROVE, 'diners');
add('jcb', '0505', APPROVE, 'jcb');
add('unionpay', '0005', APPROVE, 'unionpay');
for (const [country, last4] of [
  ['us', '4242'],
  ['br', '0002'],
  ['ca', '0003'],
  ['mx', '0008'],
  ['de', '0003'],
  ['fr', '0003'],
  ['gb', '0000'],
  ['au', '0006'],
  ['in', '0008'],
  ['jp', '0003'],
  ['sg', '0003'],
] as const) {
  add(country, last4, APPROVE, 'visa', 'credit', country.toUpperCase());
}

// The names with and without the brand are both in use: Stripe's docs changed them over time.
for (const brand of ['', 'visa_']) {
  add(`${brand}chargeDeclined`, '0002', decline('generic_decline'));
  add(`${brand}chargeDeclinedInsufficientFunds`, '9995', decline('insufficient_funds'));
  add(`${brand}chargeDeclinedLostCard`, '9987', decline('lost_card'));
  add(`${brand}chargeDeclinedStolenCard`, '9979', decline('stolen_card'));
  add(`${brand}chargeDeclinedFraudulent`, '0019', decline('fraudulent'));
  add(`${brand}chargeDeclinedExpiredCard`, '0069', decline('expired_card'));
  add(`${brand}chargeDeclinedIncorrectCvc`, '0127', decline('incorrect_cvc'));
  add(`${brand}chargeDeclinedProcessingError`, '0119', decline('processing_error'));
  add(`${brand}chargeDeclinedVelocityLimitExceeded`, '6975', decline('card_velocity_exceeded'));
}
add('chargeCustomerFail', '0341', decline('generic_decline'));
add('radarBlock', '4954', decline('fraudulent'));
add('riskLevelHighest', '4916', decline('fraudulent'));
add('riskLevelElevated', '9235', APPROVE);

add('threeDSecure2Required', '3220', challenge('approve'));
add('threeDSecureRequired', '3063', challenge('approve'));
add('threeDSecureRequiredChargeDeclined', '1629', challenge('generic_decline'));
add('threeDSecureRequiredProcessingError', '1280', challenge('processing_error'));
add('threeDSecureOptional', '3055', APPROVE);
add('threeDSecureOptionalProcessingError', '3097', APPROVE);
add('amex_threeDSecureNotSupported', '0005', APPROVE, 'amex');
add('authenticationRequired', '3184', challenge('approve'));
add('authenticationRequiredOnSetup', '3155', challenge('approve'));
add('authenticationRequiredChargeDeclinedInsufficientFunds', '3178', challenge('insufficient_funds'));
add('authenticationRequiredSetupForOffSession', '0446', {
  kind: 'challenge',
  then: 'approve',
  offSessionApproved: true,
});

// What is special about these comes after the charge: pending balances, refunds, disputes.
add('bypassPending', '0077', APPROVE);
add('bypassPendingInternational', '3720', APPROVE);
add('pendingRefund', '7726', APPROVE);
add('refundFail', '5126', APPROVE);
add('createDispute', '0259', APPROVE);
add('createDisputeProductNotReceived', '2685', APPROVE);
add('createDisputeInquiry', '1976', APPROVE);
// Ours: Stripe's test mode ends a dispute by what is handed in as evidence.
add('createDisputeWon', '0259', APPROVE);
add('createDisputeLost', '0259', APPROVE);
add('createDisputeInquiryClosed', '1976', APPROVE);
add('avsFail', '0010', APPROVE);
add('avsLine1Fail', '0028', APPROVE);
add('avsZipFail', '0036', APPROVE);
add('avsUnchecked', '0044', APPROVE);
add('cvcCheckFail', '0101', APPROVE);

/** How a refund to a payment method ends; the others succeed at once. */
export type RefundEnding = 'succeeds' | 'succeeds_later' | 'fails_later';

export function refundEnding(id: string): RefundEnding {
  if (id === 'pm_card_pendingRefund') return 'succeeds_later';
  return id === 'pm_card_refundFail' ? 'fails_later' : 'succeeds';
}

const dispute = (script: Partial<DisputeScript>): DisputeScript => ({
  reason: 'fraudulent',
  inquiry: false,
  ends: null,
  ...script,
});

const DISPUTES: Readonly<Record<string, DisputeScript>> = {
  pm_card_createDispute: dispute({}),
  pm_card_createDisputeProductNotReceived: dispute({ reason: 'product_not_received' }),
  pm_card_createDisputeInquiry: dispute({ inquiry: true }),
  pm_card_createDisputeWon: dispute({ ends: 'won' }),
  pm_card_createDisputeLost: dispute({ ends: 'lost' }),
  pm_card_createDisputeInquiryClosed: dispute({ inquiry: true, ends: 'inquiry_closed' }),
};

/** How a charge of this method is disputed; undefined when it is not. */
export const disputeScript = (id: string): DisputeScript | undefined =>
  Object.hasOwn(DISPUTES, id) ? DISPUTES[id] : undefined;

export function testPaymentMethod(id: string): TestPaymentMethod | undefined {
  return methods.get(id);
}

export function testPaymentMethods(): readonly TestPaymentMethod[] {
  return [...methods.values()];
}
