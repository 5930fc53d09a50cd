/**
 * Moves an amount from one number of minor-unit digits to another, exactly or not at all: a PSP that counts a
 * currency in other units than ISO 4217 must never round our customer's money.
 *
 * @returns undefined when the amount has no exact counterpart
 */
export function rescaleExactly(amount: bigint, fromDigits: number, toDigits: number): bigint | undefined {
  if (toDigits >= fromDigits) return amount * 10n ** BigInt(toDigits - fromDigits);
  const factor = 10n ** BigInt(fromDigits - toDigits);
  return amount % factor === 0n ? amount / factor : undefined;
}
