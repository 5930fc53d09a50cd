/** Control characters have no place in a name or a note, and lone surrogates are not Unicode: no store keeps them. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}]/u;

export const isPrintable = (text: string): boolean => !UNPRINTABLE.test(text);

/** Length in Unicode code points, counted only where the UTF-16 length leaves it open. */
export function isAtMost(text: string, maxCharacters: number): boolean {
  if (text.length <= maxCharacters) return true;
  if (text.length > maxCharacters * 2) return false;
  return Array.from(text).length <= maxCharacters;
}

/** What is wrong with a text, or undefined. */
export function textProblem(
  value: unknown,
  { min, max }: { readonly min: number; readonly max: number },
): string | undefined {
  if (typeof value !== 'string') return 'must be a string';
  if (value.length < min || !isAtMost(value, max)) {
    return min === 0 ? `must be at most ${max} characters long` : `must be ${min} to ${max} characters long`;
  }
  return isPrintable(value) ? undefined : 'must not contain control characters or lone surrogates';
}

export const isPlainObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
