export { REQUEST_VERSION as STRIPE_REQUEST_VERSION } from './authorize-request';
export { fromStripeAmount, STRIPE_CURRENCIES, stripeAccepts, toStripeAmount } from './stripe-amount';
export { STRIPE_EVENT_TYPES, stripeNotices } from './notice-translator';
export { readStripeNotice, type NoticeReading, type ReadNotice, type StoredNotice } from './stored-notice';
export {
  createStripeGateway,
  STRIPE_KEY_SAFE_FOR_MS,
  STRIPE_LOOKUP_SETTLES_AFTER_MS,
  type StripeGateway,
  type StripeGatewayOptions,
} from './stripe.gateway';
export { verifyStripeSignature } from './verify-signature';
