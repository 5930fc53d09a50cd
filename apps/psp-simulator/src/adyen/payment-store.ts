import type { Payment } from './payment';

/** All payments, in the order of creation. */
export class PaymentStore {
  private readonly payments: Payment[] = [];
  private readonly positions = new Map<string, number>();
  /** The newest of a reference: a merchant may use one more than once. */
  private readonly byReference = new Map<string, string>();

  get size(): number {
    return this.payments.length;
  }

  get(pspReference: string): Payment | undefined {
    const position = this.positions.get(pspReference);
    return position === undefined ? undefined : this.payments[position];
  }

  withReference(merchantReference: string): Payment | undefined {
    const pspReference = this.byReference.get(merchantReference);
    return pspReference === undefined ? undefined : this.get(pspReference);
  }

  put(payment: Payment): void {
    const position = this.positions.get(payment.pspReference);
    if (position === undefined) {
      this.positions.set(payment.pspReference, this.payments.length);
      this.byReference.set(payment.merchantReference, payment.pspReference);
      this.payments.push(payment);
    } else if ((this.payments[position]?.rev ?? 0) <= payment.rev) {
      this.payments[position] = payment;
    }
  }

  clear(): void {
    this.payments.length = 0;
    this.positions.clear();
    this.byReference.clear();
  }

  all(): readonly Payment[] {
    return this.payments;
  }
}
