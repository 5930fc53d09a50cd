import type { Payment } from '@tender/domain';
import { findAttempt, findOperation, isOpenOperation } from '@tender/domain';
import type { Violated } from './word-auditor';

/** What has a key that an operation has recorded. */
const OPERATES = / (capture|cancel|reversal)$/;

/** Compares the requests for captures, cancels and reversals with what is recorded of them. */
export class OperationAuditor {
  /** By payment: keys under which something was asked for; none where calls are not seen. */
  private readonly asked = new Map<string, Set<string>>();

  constructor(private readonly violated: Violated) {}

  called(payment: Payment, what: string, detail: unknown): void {
    if (!OPERATES.test(what)) return;
    const key = String(detail);
    this.asked.set(payment.id, (this.asked.get(payment.id) ?? new Set()).add(key));
    const operation = findOperation(payment, key);
    if (operation === undefined) {
      this.violated('durable_before_call', payment.id, `${what} under ${key}, which nobody has recorded`);
      return;
    }
    if (!isOpenOperation(operation)) return;
    // an attempt may have had several charges, and each is given back beside the others
    const { attemptId, paymentReference } = operation;
    const open = payment.operations.filter(
      (one) =>
        one.attemptId === attemptId && one.paymentReference === paymentReference && isOpenOperation(one),
    );
    const isSale = findAttempt(payment, attemptId)?.pspReference === paymentReference;
    // a charge that proves to be another than the sale may be on its way to its end already, as what was taken for the sale
    if (!isSale && open.every(({ kind }) => kind !== 'capture')) return;
    if (open.length === 1) return;
    this.violated('one_open_operation', payment.id, open.map(({ id }) => id).join(', '));
  }

  finish({ id, operations }: Payment): void {
    const asked = this.asked.get(id);
    if (asked === undefined) return;
    for (const { id: key, kind, status, failure, resolution } of operations) {
      const isAnswered = status === 'succeeded' || failure === 'refused';
      if (kind !== 'reversal' || !isAnswered || resolution !== null || asked.has(key)) continue;
      this.violated('asked_under_its_key', id, `${key} is ${status}, and no request has left under it`);
    }
  }
}
