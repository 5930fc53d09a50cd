import { PAYMENT_PREFIX } from './payment/payment-stream';
import { REFUND_PREFIX } from './refund/refund-stream';

/**
 * The streams that post to the ledger, for its projector and for whoever makes the books again to compare. Another one
 * in this list is read from its next event on only: its books have to be made again from the beginning.
 */
export const LEDGER_PREFIXES: readonly string[] = [PAYMENT_PREFIX, REFUND_PREFIX];
