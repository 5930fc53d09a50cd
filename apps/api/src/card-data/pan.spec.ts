import * as fc from 'fast-check';
import { TEST_CARDS, VISA_CARD, VISA_CARD_GROUPS } from '../../spec/test-cards';
import { containsPan, findPan, isPan, ISSUED_RANGES, maskPans, passesLuhn } from './pan';

const digitsOf = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((all) => all.join(''));

const withCheckDigit = (body: string): string => {
  for (let digit = 0; digit < 10; digit += 1) if (passesLuhn(`${body}${digit}`)) return `${body}${digit}`;
  throw new Error('one of ten digits always passes');
};

/** A card number of any scheme: a prefix of the range, a length that goes with it, a right check digit. */
const cardNumber: fc.Arbitrary<string> = fc
  .constantFrom(...ISSUED_RANGES)
  .chain(({ from, to, lengths }) => fc.tuple(fc.integer({ min: from, max: to }), fc.constantFrom(...lengths)))
  .chain(([prefix, length]) =>
    digitsOf(length - 1 - String(prefix).length).map((rest) => withCheckDigit(`${prefix}${rest}`)),
  );

const grouped = (digits: string): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom('', '', ' ', '-'), { minLength: digits.length - 1, maxLength: digits.length - 1 })
    .map((gaps) =>
      Array.from(digits)
        .map((digit, index) => digit + (gaps[index] ?? ''))
        .join(''),
    );

describe('a card number', () => {
  it.each(TEST_CARDS)('%s is found', (card) => {
    expect(containsPan(card)).toBe(true);
  });

  it('of any scheme is found in any grouping and in any company that does not touch it', () => {
    fc.assert(
      fc.property(
        cardNumber.chain(grouped),
        fc.constantFrom('', 'card: ', 'x_', '(', 'nr.', '€', '💳', 'a-', '12 '),
        fc.constantFrom('', ' exp', '_x', ')', '.', ',12', '💳', '-a', ' 12/27'),
        (card, before, after) => containsPan(`${before}${card}${after}`),
      ),
    );
  });

  it('is not found when it touches a letter or digit of any alphabet', () => {
    fc.assert(
      fc.property(
        cardNumber,
        fc.constantFrom('a', 'Z', 'é', 'ß', 'ж', '漢', '٣', '𝔸'),
        (card, neighbour) => !containsPan(`${neighbour}${card}`) && !containsPan(`${card}${neighbour}`),
      ),
    );
  });

  it('is not found without its check digit', () => {
    fc.assert(
      fc.property(cardNumber, fc.integer({ min: 1, max: 9 }), (card, shift) => {
        const wrong = (Number(card.at(-1)) + shift) % 10;
        return !containsPan(`${card.slice(0, -1)}${wrong}`);
      }),
    );
  });

  it('is not found in a number of a length that no scheme issues', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 20, max: 60 })).chain(digitsOf),
        (digits) => !containsPan(digits),
      ),
    );
  });

  it('is not found across two blanks, or in a part of a longer group', () => {
    expect(containsPan(VISA_CARD_GROUPS.join('  '))).toBe(false);
    expect(containsPan(VISA_CARD_GROUPS.join('--'))).toBe(false);
    expect(containsPan(`1${VISA_CARD}`)).toBe(false);
    expect(containsPan(`${VISA_CARD_GROUPS.join(' ')}1`)).toBe(false);
  });

  it('is found between other groups of digits', () => {
    expect(containsPan(`order 17 ${VISA_CARD_GROUPS.join(' ')} 12 27`)).toBe(true);
  });

  it('is not found in ids that we issue', () => {
    fc.assert(fc.property(fc.uuid(), (uuid) => !containsPan(`pay_${uuid.replaceAll('-', '')}`)));
  });

  it('needs the length that goes with its prefix', () => {
    expect(isPan(withCheckDigit('4'.repeat(12)))).toBe(true);
    expect(isPan(withCheckDigit('4'.repeat(13)))).toBe(false);
    expect(isPan(withCheckDigit(`51${'0'.repeat(12)}`))).toBe(false);
    expect(isPan(withCheckDigit(`2220${'0'.repeat(11)}`))).toBe(false);
    expect(isPan(withCheckDigit(`2221${'0'.repeat(11)}`))).toBe(true);
    expect(isPan(withCheckDigit(`2720${'0'.repeat(11)}`))).toBe(true);
    expect(isPan(withCheckDigit(`2721${'0'.repeat(11)}`))).toBe(false);
  });
});

describe('masking', () => {
  it('leaves no card number and everything else', () => {
    fc.assert(
      fc.property(cardNumber, cardNumber, (one, other) => {
        const masked = maskPans(`Error: "${one}" is not ${other}.`);
        expect(masked).toBe('Error: "[card number]" is not [card number].');
        expect(findPan(masked)).toBeUndefined();
      }),
    );
  });
});
