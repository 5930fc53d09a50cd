import {
  done,
  initiate,
  operationNews,
  operationReply,
  outcomes,
  recordedLast,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import type { CancelPurpose } from './operation.events';
import { ARRIVES_WITHIN_MS } from './operation-conclusion';
import type { PaymentCommand } from './payment.commands';

const attemptId = SAMPLE_ATTEMPT_ID;
const manual = initiate({ captureMethod: 'manual' });
const authorized = recordOutcome(outcomes.authorized);
const unknown = recordOutcome(outcomes.unknown);
const captureId = sampleOperationId('capture');
const cancelId = sampleOperationId('cancel');
const end = (purpose: CancelPurpose): PaymentCommand => ({
  type: 'StartCancel',
  data: { attemptId, purpose },
});
const ms = (afterMs: number): string => new Date(Date.parse(SOME_TIME) + afterMs).toISOString();

describe('nothing of that name', () => {
  const gone = (afterMs: number) => operationReply(cancelId, refused('not_found'), ms(afterMs));
  const goneAgain = (afterMs: number) =>
    operationReply(sampleOperationId('cancel', 2), refused('not_found'), ms(afterMs));
  const forced = [unknown, end('forced_end')];

  it('is proof when it is said twice after the settling time', () => {
    const told = [...forced, gone(ARRIVES_WITHIN_MS), end('forced_end'), goneAgain(ARRIVES_WITHIN_MS)];
    expect(recordedLast(told)).toEqual([
      'CancelFailed',
      'EvidenceRecorded',
      'AttemptNotSent',
      'PaymentFailed',
    ]);
  });

  it('is no proof once, nor a millisecond too early, whatever the PSP promises for look-ups', () => {
    const once = [...forced, gone(ARRIVES_WITHIN_MS)];
    expect(tell(once).payment.status).toBe('outcome_unknown');
    const early = [...once, end('forced_end'), goneAgain(ARRIVES_WITHIN_MS - 1)];
    expect(tell(early).payment.status).toBe('outcome_unknown');
  });

  it('is no proof where the PSP itself gave the reference: it has received the request', () => {
    const told = [
      recordOutcome(outcomes.pending),
      end('forced_end'),
      gone(ARRIVES_WITHIN_MS),
      end('forced_end'),
      goneAgain(ARRIVES_WITHIN_MS),
    ];
    expect(tell(told).payment.status).toBe('outcome_unknown');
  });

  it('ends a payment that its merchant wanted ended as canceled', () => {
    const told = [
      unknown,
      requestCancel(),
      end('requested'),
      gone(ARRIVES_WITHIN_MS),
      end('requested'),
      goneAgain(ARRIVES_WITHIN_MS),
    ];
    expect(tell(told).payment.status).toBe('canceled');
  });
});

describe('a PSP’s own word', () => {
  const started = [authorized, requestCapture()];
  const received = [...started, operationReply(captureId, { kind: 'pending', pspReference: 'ref_1' })];
  const status = (...commands: PaymentCommand[]): string => tell(commands, manual).payment.status;

  it.each<[string, PaymentCommand[], string | null]>([
    ['by the reference that the reply gave', received, 'ref_1'],
    ['by its kind, where the reply is lost', started, 'ref_1'],
    ['by its kind, where the PSP has no id for it', received, null],
    ['by its kind, where the payment’s id stands for it', received, 'pi_1'],
  ])('is about the operation %s', (_how, past, reference) => {
    expect(status(...past, operationNews('capture', done(), reference))).toBe('succeeded');
  });

  it('is about no operation with another reference, nor of another kind', () => {
    expect(status(...received, operationNews('capture', done(), 'ref_2'))).toBe('processing');
    expect(status(...received, operationNews('cancel', done(null), 'ref_1'))).toBe('processing');
  });

  it('about an operation that has ended says nothing about the one after it', () => {
    const failed = operationNews('capture', refused('refused', 'ref_1'), 'ref_1');
    const past = [...received, failed, requestCapture(null, 'another')];
    expect(status(...past, failed)).toBe('processing');
  });

  it('reaches a second capture where the payment’s id stands for each of them', () => {
    const past = [
      ...started,
      operationReply(captureId, refused('refused', 'pi_1')),
      requestCapture(null, 'another'),
    ];
    expect(status(...past, operationNews('capture', done(1099n, 'pi_1'), 'pi_1'))).toBe('succeeded');
  });

  it('that decides nothing opens no search while the reply is on its way', () => {
    const { data, type } = recordOutcome(outcomes.pending) as Extract<
      PaymentCommand,
      { type: 'RecordAttemptOutcome' }
    >;
    expect(status({ type, data: { ...data, heardBy: 'webhook' } })).toBe('processing');
  });
});

describe('an authorisation that the PSP let go', () => {
  const gone: PaymentCommand = {
    type: 'RecordExpiry',
    data: { attemptId, pspReference: 'pi_1', occurredAt: SOME_TIME },
  };

  it('ends the payment, and what was asked to end it', () => {
    expect(recordedLast([authorized, gone], manual)).toEqual(['AuthorizationExpired', 'PaymentCanceled']);
    const { payment } = tell([authorized, requestCancel(), gone], manual);
    expect(payment).toMatchObject({ status: 'canceled', operations: [{ status: 'succeeded' }] });
  });

  it('changes nothing while a capture is under way, which tells by its own end, nor after the end', () => {
    expect(recordedLast([authorized, requestCapture(), gone], manual)).toEqual([]);
    expect(recordedLast([authorized, gone, gone], manual)).toEqual([]);
  });
});

describe('a charge that was given back and came back', () => {
  const late = [recordOutcome(outcomes.declined), recordOutcome(outcomes.captured, false)];
  const given = operationReply(sampleOperationId('reversal'), done(1099n, 'ref_1'));
  const news = operationNews('reversal', done(1099n, 'ref_1'), 'ref_1');
  const back = operationNews('reversal', refused('refused', 'ref_1'), 'ref_1', 2);

  it('is held once more, and needs a person', () => {
    expect(recordedLast([...late, given, back])).toEqual(['ReversalFailed']);
    expect(recordedLast([...late, given, back, back])).toEqual([]);
    expect(recordedLast([...late, given, back, news])).toEqual([]);
  });

  it('is the same when the news of its giving comes last', () => {
    const operations = (commands: readonly PaymentCommand[]): unknown =>
      tell([...late, ...commands]).payment.operations.map(({ status }) => status);
    expect(operations([back, news, given])).toEqual(operations([given, news, back]));
  });
});
