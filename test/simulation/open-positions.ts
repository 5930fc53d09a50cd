import type { Operation, Payment } from '@tender/domain';
import { gotByBanksMinor, reversedAgainMs, unreturnedCharges } from '@tender/domain';
import type { OpenFlow } from '@tender/readmodels';
import type { World } from './world';

/** What waits for a person has the key of its last request, its age, and its amount in the books. */
export function checkPosition(
  { auditor, books, scheduler }: World,
  { since, subject }: OpenFlow,
  payment: Payment,
  { attemptId, finishedAt }: Operation,
): void {
  const openSinceMs = Date.parse(since);
  if (openSinceMs < Date.parse(finishedAt ?? since) || openSinceMs > scheduler.now()) {
    auditor.violated(
      'position_until_returned',
      payment.id,
      `${subject} is said to stand open since ${since}`,
    );
  }
  const owedMinor = unreturnedCharges(payment)
    .filter((one) => one.attemptId === attemptId)
    .reduce((sum, one) => sum + one.amountMinor - gotByBanksMinor(payment, one), 0n);
  const bookedMinor = -books.netMinorOf('2190', payment.currency, attemptId);
  if (owedMinor === bookedMinor) return;
  const detail = `${owedMinor} of ${attemptId} is owed, and ${bookedMinor} in the books`;
  auditor.violated('position_until_returned', payment.id, detail);
}

/** Nothing that waits for a person is out of his sight, for as long as nobody has spoken. */
export function checkPositions({ auditor, readTarget }: World): void {
  for (const { payment, openFlow } of readTarget.documents.values()) {
    if (payment === null || openFlow !== undefined) continue;
    const left = unreturnedCharges(payment).find((one) => reversedAgainMs(payment, one) === undefined);
    if (left !== undefined)
      auditor.violated('position_until_returned', payment.id, `${left.id} is not shown`);
  }
}
