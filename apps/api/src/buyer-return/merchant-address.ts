/**
 * The merchant's own address with the payment's public id added to its query. The rest stays byte for byte: a URL that is
 * taken apart and put together again may come out in another spelling, and the merchant may have signed his.
 */
export function withPayment(returnUrl: string, publicPaymentId: string): string {
  const hash = returnUrl.indexOf('#');
  const before = hash === -1 ? returnUrl : returnUrl.slice(0, hash);
  const fragment = hash === -1 ? '' : returnUrl.slice(hash);
  const joint = before.includes('?') ? (/[?&]$/.test(before) ? '' : '&') : '?';
  return `${before}${joint}payment=${publicPaymentId}${fragment}`;
}
