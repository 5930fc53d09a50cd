import type { PspName } from '../psp/outcome';
import type { RefundInitiated } from '../refund/refund.events';
import type { StreamBooks } from './booking';

/**
 * What the books remember of a refund's stream: where its money stands. `sale`: nothing is owed · `payable`: a PSP has
 * accepted to give it back · `failed`: it is owed still, and not on its way.
 */
export interface RefundBooks extends StreamBooks {
  readonly psp: PspName;
  readonly currency: string;
  readonly amountMinor: bigint;
  readonly stands: 'sale' | 'payable' | 'failed';
  /** The try that is in doubt, and stands in unknown_open; null where none is. */
  readonly inDoubt: string | null;
}

export const booksOfRefund = ({
  merchant,
  paymentId,
  psp,
  currency,
  amountMinor,
}: RefundInitiated): RefundBooks => ({
  ledger: merchant,
  payment: paymentId,
  psp,
  currency,
  amountMinor,
  stands: 'sale',
  inDoubt: null,
});
