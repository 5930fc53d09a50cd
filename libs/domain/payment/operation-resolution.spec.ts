import {
  done,
  given,
  initiate,
  journalsOfStream,
  operationNews,
  operationReply,
  operatorsWord,
  outcomes,
  recordOutcome,
  refused,
  requestCancel,
  requestCapture,
  SAMPLE_ATTEMPT_ID,
  sampleOperationId,
  SOME_TIME,
  tell,
} from '@tender/testing';
import { balancesOf, netOf } from '../ledger/trial-balance';
import { KEY_SAFE_FOR_MS } from '../psp/key-time';
import type { OperationOutcome } from '../psp/outcome';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';

const manual = initiate({ captureMethod: 'manual' });
const automatic = initiate();
const authorized = recordOutcome(outcomes.authorized);
const pending = { kind: 'pending', pspReference: 'ref_1' } as const;
const reversal = (ordinal = 1): string => sampleOperationId('reversal', ordinal);
const late = [recordOutcome(outcomes.declined), recordOutcome(outcomes.captured, false)];

const laterBy = (ms: number): string => new Date(Date.parse(SOME_TIME) + ms).toISOString();
const KEY_FORGOTTEN = laterBy(KEY_SAFE_FOR_MS.stripe);

const word = (
  operationId: string,
  found: 'done' | 'not_done',
  { requestId = 'word-1', fingerprint = 'body', toldAt = KEY_FORGOTTEN } = {},
): PaymentCommand => operatorsWord(operationId, found === 'done', { requestId, fingerprint, toldAt });

const past = (commands: readonly PaymentCommand[], first = automatic): readonly PaymentEvent[] =>
  tell(commands, first).events;

const typesAfter = (
  commands: readonly PaymentCommand[],
  said: PaymentCommand,
  first = automatic,
): readonly string[] => {
  const before = past(commands, first).length;
  return past([...commands, said], first)
    .slice(before)
    .map(({ type }) => type);
};

const standing = (events: readonly PaymentEvent[]): Readonly<Record<string, bigint>> =>
  Object.fromEntries(
    balancesOf(journalsOfStream(events), 'key')
      .filter((row) => netOf(row) !== 0n)
      .map((row) => [`${row.account} ${row.key}`, netOf(row)]),
  );

describe('what an operator found out', () => {
  it.each<[string, PaymentCommand, readonly PaymentCommand[], string, readonly string[], readonly string[]]>([
    [
      'a silent capture',
      manual,
      [authorized, requestCapture(), operationReply(sampleOperationId('capture'), pending)],
      sampleOperationId('capture'),
      ['PaymentCaptured', 'OperationResolved'],
      ['CaptureFailed', 'OperationResolved'],
    ],
    [
      'a silent cancel',
      manual,
      [authorized, requestCancel(), operationReply(sampleOperationId('cancel'), pending)],
      sampleOperationId('cancel'),
      ['AttemptVoided', 'PaymentCanceled', 'OperationResolved'],
      ['CancelFailed', 'OperationResolved'],
    ],
    [
      'a silent reversal',
      automatic,
      [...late, operationReply(reversal(), pending)],
      reversal(),
      ['ChargeReversed', 'OperationResolved'],
      ['ReversalFailed', 'ReversalStarted', 'OperationResolved'],
    ],
    [
      'a reversal that was refused for good',
      automatic,
      [...late, operationReply(reversal(), refused('not_found'))],
      reversal(),
      ['ChargeReversed', 'OperationResolved'],
      ['ReversalStarted', 'OperationResolved'],
    ],
    [
      'a reversal that came back',
      automatic,
      [
        ...late,
        operationReply(reversal(), done(1099n, 'rev_1')),
        operationNews('reversal', refused('refused', 'rev_1'), 'rev_1', 2),
      ],
      reversal(),
      ['ChargeReversed', 'OperationResolved'],
      ['ReversalStarted', 'OperationResolved'],
    ],
  ])('ends %s', (_, first, commands, operationId, ifDone, ifNot) => {
    expect(typesAfter(commands, word(operationId, 'done'), first)).toEqual(ifDone);
    expect(typesAfter(commands, word(operationId, 'not_done'), first)).toEqual(ifNot);
    for (const found of ['done', 'not_done'] as const) {
      given(paymentDecider, past([...commands, word(operationId, found)], first))
        .when(word(operationId, found))
        .thenNothing();
      given(paymentDecider, past([...commands, word(operationId, found)], first))
        .when(word(operationId, found, { fingerprint: 'another body' }))
        .thenRefuses({ code: 'idempotency_key_reused' });
      given(paymentDecider, past([...commands, word(operationId, found)], first))
        .when(word(operationId, found, { requestId: 'word-2' }))
        .thenRefuses({ code: 'not_resolvable' });
    }
  });

  it('is not heard while the first answer is to come', () => {
    for (const found of ['done', 'not_done'] as const) {
      given(paymentDecider, past(late))
        .when(word(reversal(), found))
        .thenRefuses({ code: 'operation_in_progress' });
    }
  });

  it('is no "not done" for as long as the key may be sent again, unless that key is burnt', () => {
    const silent = past([...late, operationReply(reversal(), pending)]);
    given(paymentDecider, silent)
      .when(word(reversal(), 'not_done', { toldAt: laterBy(KEY_SAFE_FOR_MS.stripe - 1) }))
      .thenRefuses({ code: 'operation_in_progress' });
    expect(
      typesAfter(
        [...late, operationReply(reversal(), pending)],
        word(reversal(), 'done', { toldAt: SOME_TIME }),
      ),
    ).toEqual(['ChargeReversed', 'OperationResolved']);
    const burnt = operationReply(reversal(), {
      kind: 'unknown',
      why: 'server_error',
      detail: '',
      pspReference: null,
      keyBurnt: true,
    });
    expect(typesAfter([...late, burnt], word(reversal(), 'not_done', { toldAt: SOME_TIME }))).toContain(
      'ReversalStarted',
    );
  });

  it('is refused of what is not there, and of what has ended', () => {
    given(paymentDecider, past(late))
      .when(word(reversal(2), 'done'))
      .thenRefuses({ code: 'operation_not_found', operationId: reversal(2) });
    given(paymentDecider, past([...late, operationReply(reversal(), done())]))
      .when(word(reversal(), 'done'))
      .thenRefuses({ code: 'not_resolvable' });
  });

  it('moves the books as the PSP’s word would have: what is owed has its key until it is on its way', () => {
    const owed = { [`1110 ${SAMPLE_ATTEMPT_ID}`]: 1099n, [`2190 ${SAMPLE_ATTEMPT_ID}`]: -1099n };
    const given1 = { [`1110 ${SAMPLE_ATTEMPT_ID}`]: 1099n, [`2010 ${reversal()}`]: -1099n };
    const cameBack = [
      ...late,
      operationReply(reversal(), done(1099n, 'rev_1')),
      operationNews('reversal', refused('refused', 'rev_1'), 'rev_1', 2),
    ];
    expect(standing(past(cameBack))).toEqual(owed);
    expect(standing(past([...cameBack, word(reversal(), 'done')]))).toEqual(given1);
    // and what was found given back may come back like anything else
    const again = operationNews('reversal', refused('refused', 'seen_1'), 'seen_1', 2);
    expect(standing(past([...cameBack, word(reversal(), 'done'), again]))).toEqual(owed);
    expect(standing(past([...cameBack, word(reversal(), 'not_done')]))).toEqual(owed);
  });

  it('and whose time he does not tell is as old as the request: the scheme took it back before he spoke', () => {
    const fell = operationNews(
      'capture',
      { ...refused('refused', 'seen_1'), occurredAt: laterBy(1_000) } as OperationOutcome,
      'seen_1',
      2,
    );
    const capture = sampleOperationId('capture');
    const commands = [
      authorized,
      requestCapture(),
      operationReply(capture, pending),
      word(capture, 'done'),
      fell,
    ];
    expect(tell(commands, manual).payment).toMatchObject({
      capturedMinor: 0n,
      captures: [{ reversed: true }],
    });
  });
});
