import type { PaymentCommand } from '@tender/domain';
import { EVENT_CATALOG, KEY_SAFE_FOR_MS, MAX_EVIDENCE_CHARACTERS, refundReferenceOf } from '@tender/domain';
import { loadPayment, paymentCommands, paymentStream, refundCommands, refundStream } from '@tender/engine';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import {
  initiate,
  initiateRefund,
  refundPending,
  refundReply,
  sampleRefundId,
  outcomes,
  recordOutcome,
  requestCapture,
  operationReply,
  SAMPLE_PAYMENT_ID,
  sampleOperationId,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { wordsOf, type StoryEvent } from '../audit/event-words';
import { EXIT } from '../exit-codes';
import { resolveByWord } from './resolve';
import type { ResolveOptions } from './word';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const CAPTURE = sampleOperationId('capture');
const SEEN: ResolveOptions = {
  found: 'done',
  by: 'R. Jansen',
  evidence: 'Customer Area, captured on 1 March',
  pspReference: 'BJTK53QWERTY0002',
  occurredAtMs: undefined,
};

/** A capture that the PSP has taken upon itself, and never told the end of. */
async function silentCapture() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const commands = paymentCommands({ log, clock, chance: seededChance(1) });
  const story: readonly PaymentCommand[] = [
    initiate({ captureMethod: 'manual' }),
    recordOutcome(outcomes.authorized),
    requestCapture(),
    operationReply(CAPTURE, { kind: 'pending', pspReference: 'ref_1' }),
  ];
  for (const [at, command] of story.entries()) {
    const context = { commandId: `c-${at}`, correlationId: 'c', causationId: 'c', actor: 'test' };
    await commands.handle(STREAM, command, context);
  }
  const out: string[] = [];
  const terminal = { out: (text: string) => out.push(text), aside: () => undefined, isWatched: false };
  const tell = (change: Partial<ResolveOptions> = {}, operation = CAPTURE): Promise<void> =>
    resolveByWord(log, terminal, operation, { ...SEEN, ...change }, clock);
  return { clock, log, out, tell, payment: async () => (await loadPayment(log, STREAM))!.payment };
}

/** A refund that the PSP has taken upon itself, and never told the end of. */
async function silentRefund() {
  const { clock, log, out, tell } = await silentCapture();
  const stream = refundStream(sampleRefundId());
  const commands = refundCommands({ log, clock, chance: seededChance(2) });
  for (const [at, command] of [initiateRefund(), refundReply(refundPending)].entries()) {
    const context = { commandId: `r-${at}`, correlationId: 'c', causationId: 'c', actor: 'test' };
    await commands.handle(stream, command, context);
  }
  return { log, out, tell, stream };
}

describe('tender resolve', () => {
  it('records what was found, by whom, and what follows from it; said again it changes nothing', async () => {
    const { log, out, tell, payment } = await silentCapture();
    await tell();
    await tell();
    expect(out.map((line) => line.split(': ')[1])).toEqual(['recorded as done', 'was told before']);
    expect(await payment()).toMatchObject({ status: 'succeeded', capturedMinor: 1099n });
    const events = await log.readStream(STREAM);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['PaymentCaptured', 'OperationResolved']);
    expect(events.at(-1)).toMatchObject({
      data: {
        found: 'done',
        freeText: { by: SEEN.by, evidence: SEEN.evidence },
        pspReference: SEEN.pspReference,
      },
      metadata: { actor: 'operator:R. Jansen' },
    });
  });

  it('takes another word about the same operation for a mistake', async () => {
    const { tell } = await silentCapture();
    await tell();
    await expect(tell({ pspReference: 'another' })).rejects.toMatchObject({ exitCode: EXIT.refused });
  });

  it('does not take "not done" while the request may be sent again, and does after that', async () => {
    const { clock, tell, payment } = await silentCapture();
    await expect(tell({ found: 'not_done' })).rejects.toMatchObject({ exitCode: EXIT.refused });
    await clock.advance(KEY_SAFE_FOR_MS.stripe);
    await tell({ found: 'not_done' });
    expect(await payment()).toMatchObject({ status: 'requires_capture', capturedMinor: 0n });
  });

  it.each<[string, Partial<ResolveOptions>, RegExp]>([
    ['nobody', { by: '' }, /^--by must be 1 to 100 characters/],
    ['too much', { evidence: 'x'.repeat(MAX_EVIDENCE_CHARACTERS + 1) }, /^--evidence must be 1 to 500/],
    ['a name that is none', { pspReference: 'a\nb' }, /^--psp-reference must be .* without control/],
    [
      'no name of what was done',
      { pspReference: undefined },
      /^--psp-reference is required where it was done/,
    ],
    [
      'no name of what came back',
      { found: 'returned', pspReference: undefined },
      /^--psp-reference is required where the money was given and came back/,
    ],
    [
      'what is told of refunds alone',
      { found: 'returned' },
      /^--found must be one of done, not_done here: "returned" is told of a refund alone/,
    ],
    [
      'what is still to come',
      { occurredAtMs: Date.parse('2999-01-01') },
      /^--occurred-at must not be in the future/,
    ],
  ])('refuses %s by the name of the option, and records nothing', async (_, change, message) => {
    const { log, tell } = await silentCapture();
    const before = log.store.size;
    await expect(tell(change)).rejects.toMatchObject({
      exitCode: EXIT.usage,
      message: expect.stringMatching(message) as string,
    });
    expect(log.store.size).toBe(before);
  });

  it('ends a try of a refund, by its name in the PSP’s books, and no other try', async () => {
    const { log, out, tell, stream } = await silentRefund();
    const named = (number: number): string => refundReferenceOf(sampleRefundId(), number);
    await expect(tell({}, named(2))).rejects.toMatchObject({ exitCode: EXIT.refused });
    await tell({}, named(1));
    await tell({}, named(1));
    expect(out).toEqual([`${named(1)}: recorded as done`, `${named(1)}: was told before`]);
    const events = await log.readStream(stream);
    expect(events.slice(-2).map(({ type }) => type)).toEqual(['RefundSucceeded', 'RefundResolved']);
    const nobodys = refundReferenceOf(sampleRefundId('another'), 1);
    await expect(tell({}, nobodys)).rejects.toMatchObject({ exitCode: EXIT.notFound });
  });

  it('says of a refund that its money came back: it has failed then, and is owed still', async () => {
    const { log, out, tell, stream } = await silentRefund();
    const name = refundReferenceOf(sampleRefundId(), 1);
    await tell({ found: 'returned' }, name);
    await tell({ found: 'returned' }, name);
    expect(out).toEqual([`${name}: recorded as returned`, `${name}: was told before`]);
    await expect(tell({ found: 'done' }, name)).rejects.toMatchObject({ exitCode: EXIT.refused });
    const events = (await log.readStream(stream)).slice(-2);
    expect(events).toMatchObject([
      { type: 'RefundFailed', data: { when: 'after_debit', reservation: 'kept', why: 'returned' } },
      { type: 'RefundResolved', data: { found: 'returned', pspReference: SEEN.pspReference } },
    ]);
    expect(wordsOf(events[1] as unknown as StoryEvent)).toMatch(/it was done, and the money came back/);
  });

  it('knows what is no operation, and what there is none of', async () => {
    const { tell } = await silentCapture();
    await expect(tell({}, 'pay_1')).rejects.toMatchObject({ exitCode: EXIT.usage });
    await expect(tell({}, sampleOperationId('reversal'))).rejects.toMatchObject({ exitCode: EXIT.notFound });
  });
});
