import {
  done,
  initiate,
  operationReply,
  outcomes,
  recordedLast,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  tell,
} from '@tender/testing';
import type { CancelPurpose } from './operation.events';
import type { PaymentCommand } from './payment.commands';

const attemptId = SAMPLE_ATTEMPT_ID;
const manual = initiate({ captureMethod: 'manual' });
const automatic = initiate();
const authorized = recordOutcome(outcomes.authorized);
const captured = recordOutcome(outcomes.captured, false);
const unknown = recordOutcome(outcomes.unknown);
const challenged = recordOutcome(outcomes.actionRequired);
const captureId = sampleOperationId('capture');
const cancelId = sampleOperationId('cancel');
const reversalId = sampleOperationId('reversal');
const end = (purpose: CancelPurpose): PaymentCommand => ({
  type: 'StartCancel',
  data: { attemptId, purpose },
});

/** What the PSP says to the operation that the story before it began, and what is recorded then. */
type Row = readonly [
  string,
  PaymentCommand,
  readonly PaymentCommand[],
  PaymentCommand,
  readonly string[],
  string,
];

const CAPTURES: readonly Row[] = [
  [
    'done',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, done()),
    ['PaymentCaptured'],
    'succeeded',
  ],
  [
    'of a part done',
    manual,
    [authorized, requestCapture(9n)],
    operationReply(captureId, done(9n)),
    ['PaymentCaptured'],
    'succeeded',
  ],
  [
    'of another amount',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, done(9n)),
    ['CaptureOutcomeUnknown'],
    'outcome_unknown',
  ],
  [
    'already done, by whom nobody knows',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, refused('already_captured')),
    ['CaptureOutcomeUnknown'],
    'outcome_unknown',
  ],
  [
    'received',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, outcomes.pending),
    ['CaptureOutcomeUnknown'],
    'processing',
  ],
  [
    'not sent',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, outcomes.notSent),
    ['CaptureOutcomeUnknown'],
    'processing',
  ],
  [
    'lost',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, outcomes.unknown),
    ['CaptureOutcomeUnknown'],
    'outcome_unknown',
  ],
  [
    'refused',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, refused('refused')),
    ['CaptureFailed'],
    'requires_capture',
  ],
  [
    'never received',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, refused('never_received')),
    ['CaptureFailed'],
    'requires_capture',
  ],
  [
    'too late',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, refused('expired')),
    ['AuthorizationExpired', 'PaymentCanceled', 'CaptureFailed'],
    'canceled',
  ],
  [
    'ended before',
    manual,
    [authorized, requestCapture()],
    operationReply(captureId, refused('already_canceled')),
    ['AuthorizationExpired', 'PaymentCanceled', 'CaptureFailed'],
    'canceled',
  ],
];

const CANCELS: readonly Row[] = [
  [
    'wished for, done',
    manual,
    [authorized, requestCancel()],
    operationReply(cancelId, done(null)),
    ['AttemptVoided', 'PaymentCanceled'],
    'canceled',
  ],
  [
    'wished for, ended before',
    manual,
    [authorized, requestCancel()],
    operationReply(cancelId, refused('already_canceled')),
    ['AttemptVoided', 'PaymentCanceled'],
    'canceled',
  ],
  [
    'wished for, refused',
    manual,
    [authorized, requestCancel()],
    operationReply(cancelId, refused('refused')),
    ['CancelFailed'],
    'requires_capture',
  ],
  [
    'wished for, taken before',
    manual,
    [authorized, requestCancel()],
    operationReply(cancelId, refused('already_captured')),
    ['LateSuccessFound', 'ReversalStarted', 'CancelFailed'],
    'processing',
  ],
  [
    'wished for, lost',
    manual,
    [authorized, requestCancel()],
    operationReply(cancelId, outcomes.unknown),
    ['CancelOutcomeUnknown'],
    'outcome_unknown',
  ],
  [
    'wished for, received',
    manual,
    [authorized, requestCancel()],
    operationReply(cancelId, outcomes.pending),
    ['CancelOutcomeUnknown'],
    'processing',
  ],
  [
    'wished for in doubt, received',
    manual,
    [recordOutcome(outcomes.pending), requestCancel()],
    operationReply(cancelId, outcomes.pending),
    ['CancelOutcomeUnknown'],
    'outcome_unknown',
  ],
  [
    'wished for, of a buyer who paid meanwhile, refused for whatever reason',
    automatic,
    [challenged, requestCancel(), captured],
    operationReply(cancelId, refused('refused')),
    ['LateSuccessFound', 'ReversalStarted', 'CancelFailed'],
    'processing',
  ],
  [
    'abandoned, done',
    automatic,
    [challenged, end('abandoned')],
    operationReply(cancelId, done(null)),
    ['AttemptVoided', 'PaymentFailed'],
    'failed',
  ],
  [
    'abandoned, of a buyer who paid meanwhile',
    automatic,
    [challenged, end('abandoned'), captured],
    operationReply(cancelId, refused('already_captured')),
    ['PaymentCaptured', 'CancelFailed'],
    'succeeded',
  ],
  [
    'abandoned, of a buyer who paid meanwhile, refused for whatever reason',
    automatic,
    [challenged, end('abandoned'), captured],
    operationReply(cancelId, refused('refused')),
    ['PaymentCaptured', 'CancelFailed'],
    'succeeded',
  ],
  [
    'abandoned, refused',
    automatic,
    [challenged, end('abandoned')],
    operationReply(cancelId, refused('refused')),
    ['CancelFailed', 'AttemptOutcomeUnknown'],
    'outcome_unknown',
  ],
  [
    'expired, done',
    manual,
    [authorized, end('expired')],
    operationReply(cancelId, refused('expired')),
    ['AttemptVoided', 'PaymentCanceled'],
    'canceled',
  ],
  [
    'expired, refused',
    manual,
    [authorized, end('expired')],
    operationReply(cancelId, refused('refused')),
    ['CancelFailed'],
    'requires_capture',
  ],
  [
    'forced, done',
    automatic,
    [unknown, end('forced_end')],
    operationReply(cancelId, done(null)),
    ['AttemptVoided', 'PaymentFailed'],
    'failed',
  ],
  [
    'forced, refused',
    automatic,
    [unknown, end('forced_end')],
    operationReply(cancelId, refused('refused')),
    ['CancelFailed', 'EvidenceRecorded'],
    'outcome_unknown',
  ],
  [
    'forced, taken before, approval not seen',
    automatic,
    [unknown, end('forced_end')],
    operationReply(cancelId, refused('already_captured')),
    ['CancelFailed', 'EvidenceRecorded'],
    'outcome_unknown',
  ],
  [
    'forced, taken before, approval seen',
    automatic,
    [unknown, end('forced_end'), captured],
    operationReply(cancelId, refused('already_captured')),
    ['PaymentCaptured', 'CancelFailed'],
    'succeeded',
  ],
  [
    'forced, of an attempt that was declined meanwhile',
    automatic,
    [unknown, end('forced_end'), recordOutcome(outcomes.declined)],
    operationReply(cancelId, done(null)),
    ['CancelFailed'],
    'failed',
  ],
];

const late = [recordOutcome(outcomes.declined), captured];
const lateHold = [recordOutcome(outcomes.declined), authorized];
const canceling = [requestCancel(), captured];

const REVERSALS: readonly Row[] = [
  ['done', automatic, late, operationReply(reversalId, done()), ['ChargeReversed'], 'failed'],
  [
    'done before',
    automatic,
    late,
    operationReply(reversalId, refused('already_canceled')),
    ['ChargeReversed'],
    'failed',
  ],
  [
    'of another amount',
    automatic,
    late,
    operationReply(reversalId, done(9n)),
    ['ReversalOutcomeUnknown'],
    'failed',
  ],
  ['refused', automatic, late, operationReply(reversalId, refused('refused')), ['ReversalFailed'], 'failed'],
  [
    'never received',
    automatic,
    late,
    operationReply(reversalId, refused('never_received')),
    ['ReversalFailed', 'ReversalStarted'],
    'failed',
  ],
  ['of a hold done', manual, lateHold, operationReply(reversalId, done(null)), ['ChargeReversed'], 'failed'],
  [
    'of a hold that is gone by itself',
    manual,
    lateHold,
    operationReply(reversalId, refused('expired')),
    ['ChargeReversed'],
    'failed',
  ],
  [
    'of a hold that was taken',
    manual,
    lateHold,
    operationReply(reversalId, refused('already_captured')),
    ['ReversalFailed', 'ReversalStarted'],
    'failed',
  ],
  [
    'of what a merchant wanted ended',
    automatic,
    canceling,
    operationReply(reversalId, done()),
    ['ChargeReversed', 'PaymentCanceled'],
    'canceled',
  ],
  [
    'of what a merchant wanted ended, refused',
    automatic,
    canceling,
    operationReply(reversalId, refused('refused')),
    ['ReversalFailed'],
    'processing',
  ],
];

describe.each([
  ['capture', CAPTURES],
  ['cancel', CANCELS],
  ['reversal', REVERSALS],
] as const)('a %s', (_kind, rows) => {
  it.each(rows)('%s', (_what, first, past, answer, recorded, status) => {
    expect(recordedLast([...past, answer], first)).toEqual(recorded);
    expect(tell([...past, answer], first).payment.status).toBe(status);
    // said again, it changes nothing
    const { events } = tell([...past, answer, answer], first);
    const ends = events.filter(({ type }) => type !== 'EvidenceRecorded');
    expect(ends.map(({ type }) => type)).toEqual(
      tell([...past, answer], first)
        .events.filter(({ type }) => type !== 'EvidenceRecorded')
        .map(({ type }) => type),
    );
  });
});

describe('a reversal', () => {
  it('that is made again has a key of its own, and takes back what was taken', () => {
    const again = tell([...lateHold, operationReply(reversalId, refused('already_captured'))], manual);
    expect(again.events.at(-1)).toMatchObject({
      type: 'ReversalStarted',
      data: { operationId: sampleOperationId('reversal', 2), captured: true },
    });
  });
});
