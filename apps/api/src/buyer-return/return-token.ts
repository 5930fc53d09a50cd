import { createHmac, timingSafeEqual } from 'node:crypto';
import { MAX_ATTEMPTS, uuidOf } from '@tender/domain';

/** So that a MAC made for anything else, under the same secret, opens no payment. */
const PURPOSE = 'tender buyer return 1';
const ID_BYTES = 16;
const MAC_BYTES = 32;
const TOKEN = /^([A-Za-z0-9_-]{64})\.([1-9]\d{0,2})$/;

export interface BuyerReturn {
  readonly paymentId: string;
  /** Of the attempt. */
  readonly number: number;
}

/**
 * The public way back to a payment. A buyer has no key, so the address itself has to be what nobody can guess: the
 * payment's id with a MAC over it. Who has the address may say that the buyer is back, which every PSP checks for
 * itself; it opens nothing else.
 */
export class ReturnTokens {
  constructor(private readonly secret: string) {}

  /** What the number of an attempt is added to, after a dot. */
  tokenOf(paymentId: string): string {
    const id = Buffer.from(paymentId.replaceAll('-', ''), 'hex');
    return Buffer.concat([id, this.mac(id)]).toString('base64url');
  }

  /** Undefined for what is not ours, or of no such form. */
  read(text: string): BuyerReturn | undefined {
    const [, token = '', digits = ''] = TOKEN.exec(text) ?? [];
    const bytes = Buffer.from(token, 'base64url');
    if (bytes.length !== ID_BYTES + MAC_BYTES) return undefined;
    const id = bytes.subarray(0, ID_BYTES);
    if (!timingSafeEqual(this.mac(id), bytes.subarray(ID_BYTES))) return undefined;
    const paymentId = uuidOf('pay', `pay_${id.toString('hex')}`);
    const number = Number(digits);
    return paymentId === undefined || number > MAX_ATTEMPTS ? undefined : { paymentId, number };
  }

  private mac(id: Buffer): Buffer {
    return createHmac('sha256', this.secret).update(PURPOSE).update(id).digest();
  }
}
