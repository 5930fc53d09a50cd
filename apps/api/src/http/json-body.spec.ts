import { VISA_CARD_GROUPS } from '../../spec/test-cards';
import { parseJson } from './json-body';
import { Problem } from './problem';

const answerTo = (bytes: Buffer | string): unknown => {
  try {
    return parseJson(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
};

describe('a JSON body', () => {
  it.each<[string, unknown]>([
    ['{"a":1e3}', { a: 1000 }],
    ['{"a":1,"a":2}', { a: 2 }],
    ['null', null],
    [' {"é":"💳"} ', { é: '💳' }],
  ])('%s is read', (text, json) => {
    expect(answerTo(text)).toStrictEqual(json);
  });

  it.each([
    '',
    ' ',
    '{',
    "{'a':1}",
    '{"a":1,}',
    '{"a":01}',
    '{"a":NaN}',
    '{"a":"\n"}',
    '\ufeff{}',
    '{}{}',
    'a=1',
  ])('%p is malformed', (text) => {
    expect(answerTo(text)).toBe('malformed_body');
  });

  it('that is not UTF-8 is malformed rather than repaired', () => {
    expect(answerTo(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe('malformed_body');
  });

  it('cannot reach a prototype', () => {
    const json = answerTo('{"__proto__":{"admin":true}}') as object;
    expect(Object.keys(json)).toStrictEqual(['__proto__']);
    expect('admin' in {}).toBe(false);
  });

  it('with a card number is refused', () => {
    expect(answerTo(JSON.stringify({ a: { b: [VISA_CARD_GROUPS.join(' ')] } }))).toBe('card_data_forbidden');
  });
});
