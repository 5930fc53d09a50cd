import type { PaymentJson } from '@tender/domain';
import {
  MAX_EVIDENCE_CHARACTERS,
  MAX_OPERATOR_CHARACTERS,
  MAX_PSP_REFERENCE_CHARACTERS,
  uuidOf,
} from '@tender/domain';
import { paymentStream } from '@tender/engine';
import { operationReply } from '@tender/testing';
import type { ApiOnMemory } from '../../spec/api-on-memory';
import { apiOnMemory, OTHER_MERCHANT_KEY, READ_ONLY_KEY } from '../../spec/api-on-memory';
import { VISA_CARD } from '../../spec/test-cards';

let on: ApiOnMemory;
beforeAll(async () => {
  on = await apiOnMemory();
});
afterAll(() => on.close());

const SEEN = {
  found: 'done',
  by: 'R. Jansen',
  evidence: 'Customer Area, captured on 1 March',
  psp_reference: 'BJTK53QWERTY0002',
};

/** A capture that the PSP has taken upon itself, and never told the end of. */
async function silentCapture(): Promise<{ payment: PaymentJson; path: string }> {
  const answer = await on.post({
    amount: 1099,
    currency: 'USD',
    payment_method: 'pm_card_visa',
    capture_method: 'manual',
  });
  const payment = answer.json<PaymentJson>();
  on.psp.operations = 'stay_silent';
  await on.change(`${payment.id}/capture`, undefined, { prefer: 'wait=0' });
  const operationId = `${(payment.attempts as { id: string }[])[0]!.id}-capture-1`;
  await on.tell(
    paymentStream(uuidOf('pay', payment.id)!),
    operationReply(operationId, { kind: 'pending', pspReference: 'ref_1' }),
  );
  return { payment, path: `${payment.id}/operations/${operationId}/resolve` };
}

const problem = (answer: { statusCode: number; json: () => unknown }): unknown => [
  answer.statusCode,
  (answer.json() as { code: unknown }).code,
];

describe('POST /v1/payments/:id/operations/:operation/resolve', () => {
  it('ends what nothing else tells the end of, the same for every repetition', async () => {
    const { payment, path } = await silentCapture();
    const key = { 'idempotency-key': 'case-4711' };
    const answer = await on.change(path, SEEN, key);
    expect([answer.statusCode, answer.json()]).toMatchObject([
      200,
      { status: 'succeeded', amount_captured: 1099 },
    ]);
    const again = await on.change(path, SEEN, key);
    expect([again.statusCode, again.body, again.headers['idempotent-replayed']]).toEqual([
      200,
      answer.body,
      'true',
    ]);
    expect(problem(await on.change(path, { ...SEEN, by: 'somebody else' }, key))).toEqual([
      422,
      'idempotency_key_reused',
    ]);
    expect(problem(await on.change(path, SEEN))).toEqual([422, 'not_resolvable']);
    const { data } = (await on.get(`/v1/payments/${payment.id}/events`)).json<{
      data: { type: string; actor: string; data: object }[];
    }>();
    expect(data.at(-1)).toMatchObject({
      type: 'OperationResolved',
      actor: expect.stringMatching(/^api-key:/) as string,
      data: {
        found: 'done',
        pspReference: SEEN.psp_reference,
        freeText: { by: SEEN.by, evidence: SEEN.evidence },
      },
    });
  });

  it('is an operator’s alone, and of the merchant’s own payment', async () => {
    const { path } = await silentCapture();
    const as = (key: string) => ({ authorization: `Bearer ${key}` });
    expect(problem(await on.change(path, SEEN, as(READ_ONLY_KEY)))).toEqual([403, 'forbidden']);
    expect(problem(await on.change(path, SEEN, as(OTHER_MERCHANT_KEY)))).toEqual([404, 'not_found']);
    expect(problem(await on.change(path.replace('capture-1', 'reversal-1'), SEEN))).toEqual([
      404,
      'not_found',
    ]);
  });

  it('is not heard while the request may be sent again', async () => {
    const { path } = await silentCapture();
    const answer = await on.change(path, { ...SEEN, found: 'not_done' });
    expect(problem(answer)).toEqual([409, 'operation_in_progress']);
  });

  it.each<[string, object, string, RegExp]>([
    ['no finding', { found: undefined }, 'found', /is required/],
    ['another finding', { found: 'perhaps' }, 'found', /must be one of done, not_done$/],
    ['what is told of refunds alone', { found: 'returned' }, 'found', /must be one of done, not_done$/],
    ['nobody', { by: '' }, 'by', /must be 1 to 100 characters long/],
    ['too long a name', { by: 'x'.repeat(MAX_OPERATOR_CHARACTERS + 1) }, 'by', /must be 1 to 100/],
    ['no evidence', { evidence: undefined }, 'evidence', /is required/],
    ['too much', { evidence: 'x'.repeat(MAX_EVIDENCE_CHARACTERS + 1) }, 'evidence', /must be 1 to 500/],
    ['no name of what was done', { psp_reference: null }, 'psp_reference', /is required where it was done/],
    [
      'too long a reference',
      { psp_reference: 'x'.repeat(MAX_PSP_REFERENCE_CHARACTERS + 1) },
      'psp_reference',
      /must be 1 to 100/,
    ],
    ['no time', { occurred_at: 'yesterday' }, 'occurred_at', /must be an RFC 3339 time/],
    [
      'what is still to come',
      { occurred_at: '2999-01-01T00:00:00Z' },
      'occurred_at',
      /must not be in the future/,
    ],
    ['what nobody asked', { colour: 'red' }, 'colour', /is not a known field/],
  ])('refuses %s by the name of the field, and records nothing', async (_, change, field, message) => {
    const { path } = await silentCapture();
    const before = on.recorded();
    const answer = await on.change(path, { ...SEEN, ...change });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ field, message: expect.stringMatching(message) as string }],
    });
    expect(on.recorded()).toBe(before);
  });

  it('takes texts as long as the limits say, and no card number in them', async () => {
    const { path } = await silentCapture();
    expect(problem(await on.change(path, { ...SEEN, evidence: VISA_CARD }))).toEqual([
      422,
      'card_data_forbidden',
    ]);
    const answer = await on.change(path, {
      found: 'done',
      by: 'x'.repeat(MAX_OPERATOR_CHARACTERS),
      evidence: 'x'.repeat(MAX_EVIDENCE_CHARACTERS),
      psp_reference: 'x'.repeat(MAX_PSP_REFERENCE_CHARACTERS),
      occurred_at: '2026-01-31T12:00:00+01:00',
    });
    expect(answer.statusCode).toBe(200);
  });
});
