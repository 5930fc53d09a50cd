import * as fc from 'fast-check';
import { createHmac } from 'node:crypto';
import Stripe from 'stripe';
import { MAX_SIGNATURE_HEADER_LENGTH, verifyStripeSignature } from './verify-signature';

const SECRET = 'whsec_test_secret';
const OLD_SECRET = 'whsec_old';
const BODY = '{"id":"evt_1","object":"event","text":"ü"}';
const NOW_S = 1_763_900_000;
const TOLERANCE_MS = 300_000;

const sign = (secret: string, seconds: number | string = NOW_S, body = BODY): string =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
const header = (secret = SECRET, seconds = NOW_S): string => `t=${seconds},v1=${sign(secret, seconds)}`;
const verify = (
  given: string | undefined,
  {
    secrets = [SECRET],
    nowMs = NOW_S * 1000,
    body = BODY,
  }: { secrets?: string[]; nowMs?: number; body?: string } = {},
): boolean => verifyStripeSignature(Buffer.from(body), given, secrets, nowMs, TOLERANCE_MS);

it('a header that Stripe’s own SDK makes verifies', () => {
  const made = new Stripe('sk_test_x').webhooks.generateTestHeaderString({
    payload: BODY,
    secret: SECRET,
    timestamp: NOW_S,
  });
  expect(verify(made)).toBe(true);
});

it.each([
  ['at the edge of the past', -TOLERANCE_MS, true],
  ['a millisecond too old', -TOLERANCE_MS - 1, false],
  ['at the edge of the future', TOLERANCE_MS, true],
  ['a millisecond too far ahead', TOLERANCE_MS + 1, false],
])('a time %s: %#', (_name, offMs, expected) => {
  expect(verify(header(), { nowMs: NOW_S * 1000 - offMs })).toBe(expected);
});

it('during a rotation any of our secrets fits any of its signatures', () => {
  const two = `t=${NOW_S},v1=${sign('whsec_unknown')},v1=${sign(OLD_SECRET)}`;
  expect(verify(two, { secrets: [SECRET, OLD_SECRET] })).toBe(true);
  expect(verify(two, { secrets: [OLD_SECRET, SECRET] })).toBe(true);
  expect(verify(two, { secrets: [SECRET] })).toBe(false);
});

it.each<[string, string | undefined]>([
  ['no header', undefined],
  ['an empty header', ''],
  ['another secret', header(OLD_SECRET)],
  ['an empty secret', header('')],
  ['no signature', `t=${NOW_S}`],
  ['no time', `v1=${sign(SECRET)}`],
  ['another time than was signed', `t=${NOW_S + 1},v1=${sign(SECRET)}`],
  ['two times', `t=${NOW_S},${header()}`],
  ['a time that is no number', `t=NaN,v1=${sign(SECRET, 'NaN')}`],
  ['a time in the fraction of a second', `t=${NOW_S}.0,v1=${sign(SECRET, `${NOW_S}.0`)}`],
  ['the scheme of test mode', `t=${NOW_S},v0=${sign(SECRET)}`],
  ['upper case', `t=${NOW_S},v1=${sign(SECRET).toUpperCase()}`],
  ['a cut signature', `t=${NOW_S},v1=${sign(SECRET).slice(2)}`],
  ['a header beyond the limit', `${header()},${'x'.repeat(MAX_SIGNATURE_HEADER_LENGTH)}`],
])('%s does not verify', (_name, given) => {
  expect(verify(given, { secrets: [SECRET, ''] })).toBe(false);
});

it('a header at the limit does', () => {
  const plain = `${header()},`;
  expect(verify(plain.padEnd(MAX_SIGNATURE_HEADER_LENGTH, 'x'))).toBe(true);
  expect(verify(plain.padEnd(MAX_SIGNATURE_HEADER_LENGTH + 1, 'x'))).toBe(false);
});

it('a body that was parsed and written again does not verify', () => {
  expect(verify(header(), { body: JSON.stringify(JSON.parse(BODY), null, 1) })).toBe(false);
});

it('whatever arrives is answered with true or false', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (given, body) => {
      expect(verify(given, { body })).toBe(false);
      expect(verify(`t=${NOW_S},v1=${given}`, { body })).toBe(false);
    }),
  );
});
