import fc from 'fast-check';
import { FORM_DEPTH_MAX, parseForm, type FormObject } from './form';
import { fingerprintOf } from '../idempotency-store';

/** Encodes as the SDK does: brackets stay readable, the rest is percent-encoded. */
function encode(form: FormObject, prefix = ''): string[] {
  return Object.entries(form).flatMap(([name, value]) => {
    const key = prefix === '' ? encodeURIComponent(name) : `${prefix}[${encodeURIComponent(name)}]`;
    return typeof value === 'string' ? [`${key}=${encodeURIComponent(value)}`] : encode(value, key);
  });
}

const plain = (form: FormObject): unknown => JSON.parse(JSON.stringify(form));
const name = fc.string({ minLength: 1, unit: 'binary' }).filter((text) => !/[[\]]/.test(text));
const value = fc.string({ unit: 'binary' });
const form = fc.letrec<{ object: FormObject }>((tie) => ({
  object: fc.dictionary(name, fc.oneof({ maxDepth: 3, depthSize: 'small' }, value, tie('object')), {
    maxKeys: 5,
  }),
}));

describe('the form parser', () => {
  it('reads back whatever was encoded', () => {
    fc.assert(
      fc.property(form.object, (object) => {
        const pairs = encode(object);
        const parsed = parseForm(pairs.join('&'));
        expect(encode(parsed!).toSorted()).toEqual(pairs.toSorted());
      }),
    );
  });

  it('reads lists with and without indices, blanks as plus, and a name without a value', () => {
    expect(plain(parseForm('a[]=1&a[]=2&b[0]=x&c=one+two&d')!)).toEqual({
      a: { 0: '1', 1: '2' },
      b: { 0: 'x' },
      c: 'one two',
      d: '',
    });
  });

  it('takes __proto__ for a name like any other', () => {
    const parsed = parseForm('__proto__[polluted]=1&a=2');
    expect(Object.keys(parsed!)).toEqual(['__proto__', 'a']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it.each(['a=%zz', '[a]=1', 'a[b=1', 'a[[b]]=1', 'a=1&a[b]=2', `a${'[x]'.repeat(FORM_DEPTH_MAX + 1)}=1`])(
    'refuses %s',
    (text) => {
      expect(parseForm(text)).toBeUndefined();
    },
  );

  it(`nests ${FORM_DEPTH_MAX} deep`, () => {
    expect(parseForm(`a${'[x]'.repeat(FORM_DEPTH_MAX)}=1`)).toBeDefined();
  });
});

describe('the fingerprint of a request', () => {
  it('does not depend on the order of the parameters, but on each of them, the path and the method', () => {
    const pairs = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}=[a-z0-9]{0,8}$/), {
      minLength: 2,
      maxLength: 8,
    });
    fc.assert(
      fc.property(pairs, fc.nat(), (given, pick) => {
        const print = fingerprintOf('POST', '/p', given.join('&'));
        expect(fingerprintOf('POST', '/p', given.toReversed().join('&'))).toBe(print);
        const changed = given.with(pick % given.length, 'changed=1!');
        expect(fingerprintOf('POST', '/p', changed.join('&'))).not.toBe(print);
        expect(fingerprintOf('POST', '/p', given.slice(1).join('&'))).not.toBe(print);
        expect(fingerprintOf('POST', '/q', given.join('&'))).not.toBe(print);
        expect(fingerprintOf('GET', '/p', given.join('&'))).not.toBe(print);
      }),
    );
  });
});
