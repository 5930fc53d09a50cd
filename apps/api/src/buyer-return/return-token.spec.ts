import { MAX_ATTEMPTS } from '@tender/domain';
import fc from 'fast-check';
import { ReturnTokens } from './return-token';

const tokens = new ReturnTokens('a-secret-of-more-than-thirty-two-characters');
const paymentId = '486bf88d-a9ab-524e-86d8-a43de26b4164';

describe('the address that a buyer comes back to', () => {
  it('names its payment and its attempt', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.integer({ min: 1, max: MAX_ATTEMPTS }), (id, number) => {
        expect(tokens.read(`${tokens.tokenOf(id)}.${number}`)).toStrictEqual({ paymentId: id, number });
      }),
    );
  });

  it('is good for paths, and short enough for them', () => {
    expect(`${tokens.tokenOf(paymentId)}.255`).toMatch(/^[\w.-]{68}$/);
  });

  it('is nobody else’s to make: each changed character spoils it', () => {
    const token = tokens.tokenOf(paymentId);
    for (let index = 0; index < token.length; index += 1) {
      const other = token[index] === 'A' ? 'B' : 'A';
      const changed = `${token.slice(0, index)}${other}${token.slice(index + 1)}`;
      expect(tokens.read(`${changed}.1`)).toBeUndefined();
    }
    expect(new ReturnTokens(`another-${'x'.repeat(32)}`).read(`${token}.1`)).toBeUndefined();
  });

  it.each(['', '.', '.1', 'x.1', '.0', '.01', '.256', '.1.1', '. 1', '.1e0', ''])(
    'is not read with %p at its end',
    (end) => {
      expect(tokens.read(`${tokens.tokenOf(paymentId)}${end === '.1' ? '..1' : end}`)).toBeUndefined();
    },
  );
});
