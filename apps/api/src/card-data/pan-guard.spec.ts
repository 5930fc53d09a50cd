import * as fc from 'fast-check';
import { VISA_CARD as CARD, VISA_CARD_GROUPS as GROUPS } from '../../spec/test-cards';
import { jsonHoldsPan, mayHoldPan, urlHoldsPan } from './pan-guard';

describe('the guard of bodies', () => {
  it('looks at keys and values at any depth', () => {
    const buried = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom<unknown>(CARD, `my card: ${CARD}`, { [CARD]: 1 }),
        fc.tuple(fc.jsonValue(), tie('json')),
        tie('json').map((inner) => ({ a: 1, b: { c: [inner] } })),
      ),
    })).json;
    fc.assert(fc.property(buried, (json) => jsonHoldsPan(json)));
  });

  it('does not look at numbers', () => {
    expect(jsonHoldsPan({ reference: Number(CARD) })).toBe(false);
  });

  it('goes as deep as 64 KiB can nest', () => {
    const depth = 32_000;
    const json: unknown = JSON.parse(`${'['.repeat(depth)}"${CARD}"${']'.repeat(depth)}`);
    expect(jsonHoldsPan(json)).toBe(true);
  });

  it('never passes over a body for its bytes that holds one in any spelling', () => {
    const spelled = fc.array(fc.boolean(), { minLength: 16, maxLength: 16 }).map((escape) =>
      Array.from(CARD)
        .map((digit, index) => (escape[index] === true ? `\\u003${digit}` : digit))
        .join(''),
    );
    fc.assert(
      fc.property(spelled, (text) => {
        const body = `{"description":"${text}"}`;
        expect(jsonHoldsPan(JSON.parse(body))).toBe(true);
        expect(mayHoldPan(Buffer.from(body))).toBe(true);
      }),
    );
  });

  it('passes over a body with twelve digits and not with thirteen', () => {
    expect(mayHoldPan(Buffer.from('{"a":"1234567890","b":12}'))).toBe(false);
    expect(mayHoldPan(Buffer.from('{"a":"1234567890","b":123}'))).toBe(true);
  });
});

describe('the guard of paths and queries', () => {
  it.each([
    `/v1/payments/${CARD}`,
    `/${CARD}/events`,
    `/v1/payments?customer_id=${CARD}`,
    `/v1/payments?${CARD}=1`,
    `/v1/payments?customer_id=${GROUPS.join('+')}`,
    `/v1/payments?customer_id=${GROUPS.join('%20')}`,
    `/v1/payments?customer_id=%34${CARD.slice(1)}`,
    `/%34${CARD.slice(1)}`,
    `/v1/payments?broken=%zz${CARD.replace('4', ' 4')}`,
  ])('finds it in %s', (url) => {
    expect(urlHoldsPan(url)).toBe(true);
  });

  it('does not look into the cursors that we issue', () => {
    expect(urlHoldsPan(`/v1/payments?cursor=${CARD}`)).toBe(false);
  });
});
