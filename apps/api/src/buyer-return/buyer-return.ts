import type { ActionResultEntry, Payment } from '@tender/domain';
import { publicId } from '@tender/domain';
import { loadPayment, paymentStream } from '@tender/engine';
import { RETRY_AFTER_S, RETURN_COMMAND_WAIT_MS } from '../config/limits';
import { Problem } from '../http/problem';
import type { CreatePaymentDeps } from '../payments/create-payment';
import { resultFromBrowser } from './action-result';
import { withPayment } from './merchant-address';
import type { ReturnTokens } from './return-token';

export type BuyerReturnDeps = Pick<CreatePaymentDeps, 'commands' | 'log'> & {
  /** Null: nobody was given an address of ours. */
  readonly tokens: ReturnTokens | null;
};

/** Where the buyer goes on; null: the merchant named no address. */
export interface GoesOn {
  readonly to: string | null;
}

/**
 * A buyer's browser comes back from a PSP's page. Whatever it brings, the buyer goes on to the merchant: how the charge
 * ended is told by the PSP, and to the merchant.
 */
export class BuyerReturnFlow {
  constructor(private readonly deps: BuyerReturnDeps) {}

  /**
   * @param given query or form, as the browser sent it
   * @throws Problem where the address is none of ours, or where the return could not be recorded: loading the page again
   * is safe then
   */
  async comeBack(
    token: string,
    given: Readonly<Record<string, unknown>>,
    requestId: string,
  ): Promise<GoesOn> {
    const named = this.deps.tokens?.read(token);
    if (named === undefined) throw new Problem('not_found');
    const stream = paymentStream(named.paymentId);
    const payment = (await loadPayment(this.deps.log, stream))?.payment;
    const attempt = payment?.attempts.find(({ number }) => number === named.number);
    if (payment === undefined || attempt === undefined) throw new Problem('not_found');
    const result = resultFromBrowser(attempt.psp, given);
    if (result !== undefined) await this.record(stream, payment, attempt.id, result, requestId);
    const { returnUrl } = payment;
    return { to: returnUrl === null ? null : withPayment(returnUrl, publicId('pay', payment.id)) };
  }

  private async record(
    stream: string,
    payment: Payment,
    attemptId: string,
    result: readonly ActionResultEntry[],
    requestId: string,
  ): Promise<void> {
    const handled = await this.deps.commands.handle(
      stream,
      { type: 'ReturnFromAction', data: { attemptId, result } },
      { commandId: requestId, correlationId: payment.id, causationId: requestId, actor: 'buyer' },
      { waitMs: RETURN_COMMAND_WAIT_MS },
    );
    // a refusal says that nobody waits for this any more, which is not the buyer's concern
    if (handled.kind === 'unconfirmed' || handled.kind === 'conflict') {
      throw new Problem('unavailable', {
        detail: 'The return could not be recorded in time. The page may be loaded again safely.',
        headers: { 'retry-after': String(RETRY_AFTER_S) },
      });
    }
  }
}
