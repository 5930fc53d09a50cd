/**
 * Card numbers (PAN) as schemes issue them: a prefix, the lengths that go with it, and a Luhn check digit (ISO/IEC
 * 7812-1). Everything that this finds is refused, so that no card number is ever logged or stored.
 */
interface IssuedRange {
  /** Inclusive, compared with as many leading digits as the bounds have. */
  readonly from: number;
  readonly to: number;
  readonly prefixDigits: number;
  readonly lengths: readonly number[];
}

const range = (from: number, to: number, lengths: readonly number[]): IssuedRange => ({
  from,
  to,
  prefixDigits: String(from).length,
  lengths,
});

export const ISSUED_RANGES: readonly IssuedRange[] = [
  range(4, 4, [13, 16, 19]),
  range(51, 55, [16]),
  range(2221, 2720, [16]),
  range(34, 34, [15]),
  range(37, 37, [15]),
  range(300, 305, [14, 16]),
  range(36, 36, [14, 16]),
  range(38, 39, [14, 16]),
  range(6011, 6011, [16, 17, 18, 19]),
  range(644, 649, [16, 17, 18, 19]),
  range(65, 65, [16, 17, 18, 19]),
  range(3528, 3589, [16, 17, 18, 19]),
  range(62, 62, [16, 17, 18, 19]),
];

export const MIN_PAN_DIGITS = 13;
export const MAX_PAN_DIGITS = 19;

const ZERO = 48;
const NINE = 57;
const BLANK = 32;
const DASH = 45;

const isDigit = (code: number): boolean => code >= ZERO && code <= NINE;

/** The first card number in a text as [start, end), or undefined. */
export function findPan(text: string, from = 0): readonly [start: number, end: number] | undefined {
  let at = from;
  while (text.length - at >= MIN_PAN_DIGITS) {
    if (!isDigit(text.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const run = readRun(text, at);
    const found = run.digits.length < MIN_PAN_DIGITS ? undefined : panInRun(text, run);
    if (found !== undefined) return found;
    at = run.end + 1;
  }
  return undefined;
}

export const containsPan = (text: string): boolean => findPan(text) !== undefined;

/** The text with every card number in it made unreadable. */
export function maskPans(text: string): string {
  let masked = '';
  let done = 0;
  for (let found = findPan(text); found !== undefined; found = findPan(text, done)) {
    masked += `${text.slice(done, found[0])}[card number]`;
    done = found[1];
  }
  return masked + text.slice(done);
}

/** Digit groups with single blanks or dashes between them: the longest stretch a card number can hide in. */
interface Run {
  readonly digits: string;
  /** Where each digit stands in the text. */
  readonly places: readonly number[];
  /** After the last digit. */
  readonly end: number;
}

function readRun(text: string, start: number): Run {
  const places: number[] = [];
  let digits = '';
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      digits += text[at] ?? '';
      places.push(at);
    } else if (!((code === BLANK || code === DASH) && isDigit(text.charCodeAt(at + 1)))) {
      return { digits, places, end: at };
    }
    at += 1;
  }
}

/** Whole groups only: digits of one group belong together, so part of a longer number is never taken for a card. */
function panInRun(text: string, { digits, places }: Run): readonly [number, number] | undefined {
  const last = digits.length - 1;
  for (let first = 0; first + MIN_PAN_DIGITS <= digits.length; first += 1) {
    const start = places[first] ?? 0;
    if (touchesBefore(text, start)) continue;
    for (let length = MIN_PAN_DIGITS; length <= MAX_PAN_DIGITS && first + length - 1 <= last; length += 1) {
      const end = (places[first + length - 1] ?? 0) + 1;
      if (touchesAfter(text, end)) continue;
      if (isPan(digits.slice(first, first + length))) return [start, end];
    }
  }
  return undefined;
}

const ASCII_END = 128;
const OTHER_LETTER_OR_DIGIT = /[\p{L}\p{N}]/u;

function touchesBefore(text: string, start: number): boolean {
  if (start === 0) return false;
  const code = text.charCodeAt(start - 1);
  if (code < ASCII_END) return isAsciiLetterOrDigit(code);
  const isLowSurrogate = code >= 0xdc00 && code <= 0xdfff;
  return OTHER_LETTER_OR_DIGIT.test(text.slice(Math.max(0, start - (isLowSurrogate ? 2 : 1)), start));
}

function touchesAfter(text: string, end: number): boolean {
  const code = text.codePointAt(end);
  if (code === undefined) return false;
  return code < ASCII_END
    ? isAsciiLetterOrDigit(code)
    : OTHER_LETTER_OR_DIGIT.test(String.fromCodePoint(code));
}

const isAsciiLetterOrDigit = (code: number): boolean =>
  isDigit(code) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);

/** Most digits start no card number at all: the first one decides which ranges are worth a look. */
const RANGES_BY_FIRST_DIGIT = Array.from({ length: 10 }, (_, digit) =>
  ISSUED_RANGES.filter(({ from }) => String(from).startsWith(String(digit))),
);

/** @param digits digits only */
export function isPan(digits: string): boolean {
  const ranges = RANGES_BY_FIRST_DIGIT[digits.charCodeAt(0) - ZERO] ?? [];
  const issued = ranges.some(({ from, to, prefixDigits, lengths }) => {
    if (!lengths.includes(digits.length)) return false;
    const prefix = Number(digits.slice(0, prefixDigits));
    return prefix >= from && prefix <= to;
  });
  return issued && passesLuhn(digits);
}

export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let fromRight = 0; fromRight < digits.length; fromRight += 1) {
    const digit = digits.charCodeAt(digits.length - 1 - fromRight) - ZERO;
    const doubled = fromRight % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
