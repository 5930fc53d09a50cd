export { createAdyenGateway, ADYEN_KEY_SAFE_FOR_MS, type AdyenGateway } from './adyen.gateway';
export type { AdyenGatewayOptions } from './adyen-account';
export { ADYEN_CURRENCIES, adyenAccepts, fromAdyenAmount, toAdyenAmount } from './adyen-amount';
export { adyenNotices } from './notice-translator';
export { REQUEST_VERSION as ADYEN_REQUEST_VERSION } from './request-rules';
export {
  readAdyenNotices,
  type AdyenNotice,
  type AdyenNoticesReading,
  type ReadAdyenNotices,
} from './stored-notices';
export { signatureOf as adyenSignatureOf, verifyAdyenItem } from './verify-item';
