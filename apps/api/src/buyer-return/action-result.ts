import type { ActionResultEntry, PspName } from '@tender/domain';
import { MAX_ACTION_RESULT_CHARACTERS } from '../config/limits';
import type { FieldError } from '../http/problem';
import { isPlainObject } from '../payments/text-rules';

/**
 * What browsers bring back from PSPs' pages. A browser's query is anybody's to write, and Stripe's holds a secret of the
 * intent, which opens it: nothing else of it is recorded or passed on.
 */
export const ACTION_RESULT_NAMES = {
  stripe: ['payment_intent', 'redirect_status'],
  adyen: ['redirectResult', 'threeDSResult', 'payload', 'MD', 'PaRes'],
} as const satisfies Readonly<Record<PspName, readonly string[]>>;

/** Stripe is asked about the intent itself; Adyen says nothing without what the browser brought. */
const NEEDS_A_RESULT: Readonly<Record<PspName, boolean>> = { stripe: false, adyen: true };

const ALL_NAMES: readonly string[] = Object.values(ACTION_RESULT_NAMES).flat();
const PRINTABLE = /^[\x20-\x7e]*$/;

const isValue = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= MAX_ACTION_RESULT_CHARACTERS &&
  PRINTABLE.test(value);

/**
 * Of a query or a form, what this PSP gave the browser. A name that stands twice is none of the PSP's doing: the first
 * counts. Undefined where the PSP could tell nothing from it, so that nobody is asked.
 */
export function resultFromBrowser(
  psp: PspName,
  given: Readonly<Record<string, unknown>>,
): readonly ActionResultEntry[] | undefined {
  const result = ACTION_RESULT_NAMES[psp].flatMap((name) => {
    const brought = Object.hasOwn(given, name) ? given[name] : undefined;
    const value: unknown = Array.isArray(brought) ? brought[0] : brought;
    return isValue(value) ? [{ name, value }] : [];
  });
  return result.length === 0 && NEEDS_A_RESULT[psp] ? undefined : result;
}

/** The `result` of `POST …/continue`: names that a PSP gives, whichever. */
export const actionResult = (value: unknown, field: string): readonly FieldError[] => {
  if (!isPlainObject(value)) return [{ field, message: 'must be an object of strings' }];
  return Object.entries(value).flatMap(([name, item]) => {
    const place = `${field}.${name}`;
    if (!ALL_NAMES.includes(name)) return [{ field: place, message: 'is not a known field' }];
    return isValue(item)
      ? []
      : [
          {
            field: place,
            message: `must be 1 to ${MAX_ACTION_RESULT_CHARACTERS} printable ASCII characters`,
          },
        ];
  });
};

/** A merchant's result, checked before, in a fixed order: the same for the same object. */
export const entriesOf = (result: Readonly<Record<string, string>>): readonly ActionResultEntry[] =>
  ALL_NAMES.flatMap((name) => {
    const value = Object.hasOwn(result, name) ? result[name] : undefined;
    return value === undefined ? [] : [{ name, value }];
  });
