export {
  createAdyenGateway,
  ADYEN_KEY_SAFE_FOR_MS,
  type AdyenGateway,
  type AdyenGatewayOptions,
} from './adyen.gateway';
export { ADYEN_CURRENCIES, adyenAccepts, fromAdyenAmount, toAdyenAmount } from './adyen-amount';
export { REQUEST_VERSION as ADYEN_REQUEST_VERSION } from './authorize-request';
export { signatureOf as adyenSignatureOf, verifyAdyenItem } from './verify-item';
