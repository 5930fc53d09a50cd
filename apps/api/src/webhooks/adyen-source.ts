import { hash, timingSafeEqual } from 'node:crypto';
import { readAdyenNotices } from '@tender/psp/adyen';
import type { AdyenWebhookConfig } from '../config/environment';
import type { Delivery, WebhookSource } from './webhook-source';

export function adyenSource({ hmacKeys, merchantAccount, basicAuth }: AdyenWebhookConfig): WebhookSource {
  const isAuthenticated = basicAuth === null ? () => true : sentWith(basicAuth);
  return {
    psp: 'adyen',
    verify(delivery) {
      if (!isAuthenticated(delivery)) return { kind: 'unauthenticated' };
      const read = readAdyenNotices({ rawBody: delivery.body, keys: hmacKeys, merchantAccount });
      switch (read.kind) {
        case 'notices':
          return { kind: 'verified', notices: read.notices };
        case 'not_signed':
          return { kind: 'forged' };
        case 'not_ours':
        case 'unreadable':
          return { kind: read.kind };
      }
    },
  };
}

/**
 * Adyen's signature covers no time and not every field, so a name and a word over TLS are worth asking for. Digests are
 * compared: they are all of one length, and tell nothing by the place where they differ.
 */
function sentWith({
  username,
  password,
}: {
  readonly username: string;
  readonly password: string;
}): (delivery: Delivery) => boolean {
  const expected = digestOf(Buffer.from(`${username}:${password}`).toString('base64'));
  return ({ headers }) => {
    const [, given = ''] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headers.authorization ?? '') ?? [];
    return timingSafeEqual(digestOf(given), expected);
  };
}

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');
