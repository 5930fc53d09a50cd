import type { PaymentEvent, PaymentInitiated } from '@tender/domain';
import { ACTION_WITHIN_MS, AUTHORIZATION_HELD_FOR_MS, REVERSED_AGAIN_AFTER_MS } from '@tender/domain';
import { BSON } from 'mongodb';
import { ProjectionGap } from './failures';
import { changeOf, fromDocument, toDocument } from './payment-document';
import type { PaymentDocument } from './payment-document';
import type { FoldedPayment } from './payment-fold';
import { NOT_STORED, PAYMENT_STREAM_PREFIX, foldRun } from './payment-fold';
import { runsOf } from './stream-runs';
import type { ProjectedEvent } from './projected-event';

const id = '0b1c2d3e-4f50-5162-8374-95a6b7c8d9e0';
const attemptId = 'att_1';
const occurredAt = '2026-01-01T00:00:00.000Z';

const initiated: PaymentInitiated = {
  paymentId: id,
  merchant: 'm_1',
  fingerprint: 'f',
  representation: 1,
  waitUntil: '2026-01-01T00:00:10.000Z',
  amountMinor: 2n ** 53n + 1n,
  currency: 'USD',
  captureMethod: 'automatic',
  paymentMethod: { stripe: 'pm_card_visa', adyen: 'adyen_1' },
  statementDescriptor: null,
  returnUrl: null,
  buyerReturnUrl: null,
  routingWish: null,
  candidates: [{ psp: 'stripe', token: 'pm_card_visa', requestVersion: 1, reason: 'default order' }],
  freeText: {
    customerId: 'c',
    description: null,
    metadata: [
      { key: 'a.b', value: '1' },
      { key: '$where', value: '2' },
      { key: '', value: '3' },
      { key: '__proto__', value: '4' },
    ],
  },
};

/** Into an unknown outcome, on to the buyer, a late success on the way, and out again. */
const history: readonly PaymentEvent[] = [
  { type: 'PaymentInitiated', data: initiated },
  {
    type: 'AttemptStarted',
    data: {
      attemptId,
      number: 1,
      psp: 'stripe',
      reason: 'default order',
      requestVersion: 1,
      pspIdempotencyKey: 'att_1-authorize-1',
      token: 'pm_card_visa',
      amountMinor: initiated.amountMinor,
      currency: 'USD',
      captureMethod: 'automatic',
      statementDescriptor: null,
      returnUrl: null,
      customerId: 'c',
    },
  },
  {
    type: 'AttemptOutcomeUnknown',
    data: { attemptId, why: 'timeout', detail: '', pspReference: null, keyBurnt: false },
  },
  {
    type: 'EvidenceRecorded',
    data: {
      attemptId,
      operationId: null,
      rung: 'lookup',
      answer: 'not_found',
      detail: '',
      pspReference: null,
      keyBurnt: false,
    },
  },
  {
    type: 'AttemptActionRequired',
    data: { attemptId, pspReference: 'pi_1', action: { type: 'redirect', url: 'https://bank.example' } },
  },
  {
    type: 'AttemptAuthorized',
    data: {
      attemptId,
      pspReference: 'pi_1',
      amountMinor: initiated.amountMinor,
      currency: 'USD',
      card: null,
      occurredAt,
    },
  },
  {
    type: 'PaymentCaptured',
    data: {
      attemptId,
      operationId: null,
      pspReference: 'pi_1',
      amountMinor: initiated.amountMinor,
      currency: 'USD',
      occurredAt,
      rank: 1,
    },
  },
];

const at = (index: number): string => `2026-01-01T00:00:0${index}.000Z`;

const recorded = (events: readonly PaymentEvent[], stream = `payment-${id}`): ProjectedEvent[] =>
  events.map((event, index) => ({
    ...event,
    stream,
    revision: BigInt(index),
    position: { commit: BigInt(index), prepare: BigInt(index) },
    metadata: { recordedAt: at(index) },
  }));

const events = recorded(history);

function fold(before: FoldedPayment, some: readonly ProjectedEvent[]): FoldedPayment {
  const run = runsOf(PAYMENT_STREAM_PREFIX, some).get(id);
  return run === undefined ? before : foldRun(before, run);
}

const documentOf = (state: FoldedPayment): PaymentDocument => {
  if (state.payment === null) throw new Error('no payment');
  return toDocument(state.payment, state);
};

describe('a run of payment events', () => {
  it('folds to the same state however it is cut and repeated', () => {
    const whole = fold(NOT_STORED, events);
    for (let cut = 0; cut <= events.length; cut += 1) {
      const first = fold(NOT_STORED, events.slice(0, cut));
      expect(fold(first, events)).toEqual(whole);
      expect(fold(first, [...events.slice(0, cut), ...events.slice(cut)])).toEqual(whole);
    }
    expect(whole.payment?.status).toBe('succeeded');
  });

  it('gives the state itself back when all of it is known', () => {
    const whole = fold(NOT_STORED, events);
    expect(fold(whole, events.slice(2, 4))).toBe(whole);
  });

  it('stops at a gap, before the first event and between two', () => {
    expect(() => fold(NOT_STORED, events.slice(1))).toThrow(new ProjectionGap(`payment-${id}`, -1n, 1n));
    expect(() => fold(NOT_STORED, [...events.slice(0, 2), ...events.slice(3)])).toThrow(
      new ProjectionGap(`payment-${id}`, 1n, 3n),
    );
  });

  it('stops at an event that no payment has', () => {
    const foreign = { ...events[0]!, type: 'toString' };
    expect(() => fold(NOT_STORED, [foreign])).toThrow('toString is not an event of a payment');
  });

  it('leaves streams of other categories alone', () => {
    expect(runsOf(PAYMENT_STREAM_PREFIX, recorded(history, 'refund-1')).size).toBe(0);
    expect(runsOf(PAYMENT_STREAM_PREFIX, recorded(history, 'paymentish-1')).size).toBe(0);
  });
});

describe('an open flow', () => {
  const flowAfter = (count: number): FoldedPayment['openFlow'] =>
    fold(NOT_STORED, events.slice(0, count)).openFlow;

  it('is there while an attempt waits, and only then', () => {
    expect([1, 2, 3, 4, 5, 6, 7].map((count) => flowAfter(count)?.kind)).toEqual([
      undefined,
      undefined,
      'outcome_unknown',
      'outcome_unknown',
      'requires_action',
      undefined,
      undefined,
    ]);
  });

  it('keeps the time it began and counts the steps of the search', () => {
    const flow = {
      due: `${at(2)} ${id}`,
      paymentId: id,
      subject: attemptId,
      kind: 'outcome_unknown',
      since: at(2),
    };
    expect(flowAfter(3)).toEqual({ ...flow, tries: 0 });
    expect(flowAfter(4)).toEqual({ ...flow, tries: 1 });
    expect(flowAfter(5)).toMatchObject({ kind: 'requires_action', since: at(4) });
  });
});

describe('the open flow of a payment that is worked on', () => {
  const reversal = (operationId: string) => ({
    operationId,
    attemptId,
    pspReference: 'pi_1',
    amountMinor: initiated.amountMinor,
    currency: 'USD',
  });
  const why = { why: 'refused', detail: '', pspReference: null, occurredAt } as const;
  const declined: PaymentEvent = {
    type: 'AttemptNotSent',
    data: { attemptId, why: 'never_received', detail: '' },
  };
  const started = history[1]!.data as Extract<PaymentEvent, { type: 'AttemptStarted' }>['data'];
  const second: PaymentEvent = {
    type: 'AttemptStarted',
    data: { ...started, attemptId: 'att_2', number: 2 },
  };
  const secondUnknown: PaymentEvent = {
    type: 'AttemptOutcomeUnknown',
    data: { attemptId: 'att_2', why: 'timeout', detail: '', pspReference: null, keyBurnt: false },
  };
  const late: readonly PaymentEvent[] = [
    {
      type: 'LateSuccessFound',
      data: { attemptId, pspReference: 'pi_1', amountMinor: 1n, currency: 'USD', captured: true, occurredAt },
    },
    { type: 'ReversalStarted', data: { ...reversal('r_1'), captured: true } },
  ];
  const pending: PaymentEvent = {
    type: 'ReversalOutcomeUnknown',
    data: {
      operationId: 'r_1',
      attemptId,
      why: 'pending_at_psp',
      detail: '',
      pspReference: null,
      keyBurnt: false,
    },
  };
  const failed: PaymentEvent = { type: 'ReversalFailed', data: { operationId: 'r_1', attemptId, ...why } };
  const flowOf = (...more: readonly PaymentEvent[]): FoldedPayment['openFlow'] =>
    fold(NOT_STORED, recorded([...history.slice(0, 2), ...more])).openFlow;

  it('is the attempt that is live, before what an earlier one left to give back', () => {
    const both = [declined, second, ...late, pending, secondUnknown];
    expect(flowOf(...both)).toMatchObject({ kind: 'outcome_unknown', subject: 'att_2' });
    expect(flowOf(...both.slice(0, -1))).toMatchObject({ kind: 'operation_open', subject: 'r_1' });
  });

  it('is due again after a pause where a charge was refused to be given back', () => {
    const flow = flowOf(declined, ...late, failed);
    expect(flow).toMatchObject({ kind: 'operation_open', subject: 'r_1' });
    const failedAtMs = Date.parse(at(history.slice(0, 2).length + late.length + 1));
    expect(Date.parse(flow!.due.split(' ', 1)[0]!) - failedAtMs).toBe(REVERSED_AGAIN_AFTER_MS[0]);
  });

  it('stays open for a person while a charge was not given back, and until it is', () => {
    const lasts: PaymentEvent = {
      type: 'ReversalFailed',
      data: { operationId: 'r_1', attemptId, ...why, why: 'not_found' },
    };
    const kept = [declined, ...late, lasts];
    expect(flowOf(...kept)).toMatchObject({ kind: 'charge_not_returned', subject: 'r_1' });
    const again: PaymentEvent = { type: 'ReversalStarted', data: { ...reversal('r_2'), captured: true } };
    expect(flowOf(...kept, again)).toBeUndefined();
  });

  const sale: readonly PaymentEvent[] = [
    { type: 'PaymentInitiated', data: { ...initiated, captureMethod: 'manual' } },
    history[1]!,
    history[5]!,
  ];
  const asked = (pspReference: string, operationId: string): PaymentEvent => ({
    type: 'ReversalStarted',
    data: { ...reversal(operationId), pspReference, captured: true },
  });
  const charged = (pspReference: string, operationId: string): readonly PaymentEvent[] => [
    {
      type: 'LateSuccessFound',
      data: { attemptId, pspReference, amountMinor: 1n, currency: 'USD', captured: true, occurredAt },
    },
    asked(pspReference, operationId),
  ];
  const no = (operationId: string): PaymentEvent => ({
    type: 'ReversalFailed',
    data: { operationId, attemptId, ...why },
  });

  it('is a second charge that was refused to be given back, before the capture that the merchant has days for', () => {
    const flowAfter = (...more: readonly PaymentEvent[]): FoldedPayment['openFlow'] =>
      fold(NOT_STORED, recorded([...sale, ...charged('pi_2', 'r_1'), ...more])).openFlow;
    const capture = { kind: 'requires_capture', subject: attemptId };
    expect(flowAfter()).toMatchObject(capture);
    expect(flowAfter(no('r_1'))).toMatchObject({ kind: 'operation_open', subject: 'r_1' });
    const twice = [no('r_1'), asked('pi_2', 'r_2')];
    expect(flowAfter(...twice)).toMatchObject(capture);
    const flow = flowAfter(...twice, no('r_2'));
    expect(flow).toMatchObject({ kind: 'operation_open', subject: 'r_2' });
    const failedAtMs = Date.parse(at(sale.length + 1 + 1 + twice.length));
    expect(Date.parse(flow!.due.split(' ', 1)[0]!) - failedAtMs).toBe(REVERSED_AGAIN_AFTER_MS[1]);
    // by then it is a person's, and the end of the hold is what may still come by itself
    expect(flowAfter(...twice, no('r_2'), asked('pi_2', 'r_3'), no('r_3'))).toMatchObject(capture);
  });

  it('is, of two charges that are given back again, the one that is due first', () => {
    const both = [...sale, ...charged('pi_2', 'r_1'), ...charged('pi_3', 'r_2'), no('r_2'), no('r_1')];
    expect(fold(NOT_STORED, recorded(both)).openFlow).toMatchObject({ subject: 'r_2' });
  });

  it('is due when the buyer has had his time, and when the hold of the PSP ends', () => {
    const dueOf = (flow: FoldedPayment['openFlow'], sinceIndex: number): number =>
      Date.parse(flow!.due.split(' ', 1)[0]!) - Date.parse(at(sinceIndex));
    expect(dueOf(flowOf(history[4]!), 2)).toBe(ACTION_WITHIN_MS);
    expect(dueOf(fold(NOT_STORED, recorded(sale)).openFlow, 2)).toBe(AUTHORIZATION_HELD_FOR_MS.stripe);
  });
});

describe('the document of a payment', () => {
  const bytes = (document: object): Buffer => Buffer.from(BSON.serialize(document));

  it('gives the payment back as it was folded, through BSON', () => {
    for (let count = 1; count <= events.length; count += 1) {
      const state = fold(NOT_STORED, events.slice(0, count));
      const read = BSON.deserialize(bytes(documentOf(state)), { useBigInt64: true });
      expect(fromDocument(read as PaymentDocument)).toStrictEqual(state);
    }
  });

  it('becomes the same bytes by any steps as by a rebuild from zero', () => {
    for (let from = 1; from < events.length; from += 1) {
      for (let to = from + 1; to <= events.length; to += 1) {
        const before = fold(NOT_STORED, events.slice(0, from));
        const after = fold(before, events.slice(0, to));
        if (after.payment === null) throw new Error('no payment');
        const document = structuredClone(documentOf(before)) as unknown as Record<string, unknown>;
        change(document, changeOf(before, after.payment, after));
        expect(bytes(document).equals(bytes(documentOf(after)))).toBe(true);
      }
    }
  });

  it('sends no more than an event touched', () => {
    const before = fold(NOT_STORED, events.slice(0, 2));
    const after = fold(before, events);
    if (after.payment === null) throw new Error('no payment');
    expect(Object.keys(changeOf(before, after.payment, after).$set).sort()).toEqual([
      'payment.attempts',
      'payment.authorizedMinor',
      'payment.capturedMinor',
      'payment.captures',
      'payment.status',
      'payment.updatedAt',
      'status',
      'ver',
    ]);
  });

  it('is refused rather than wrapped when an amount does not fit', () => {
    const huge = fold(
      NOT_STORED,
      recorded([{ type: 'PaymentInitiated', data: { ...initiated, amountMinor: 2n ** 63n } }]),
    );
    expect(() => documentOf(huge)).toThrow('amountMinor');
  });

  it('is refused without a time of creation', () => {
    const [first] = events;
    const timeless = fold(NOT_STORED, [{ ...first!, metadata: { recordedAt: 'soon' } }]);
    expect(() => documentOf(timeless)).toThrow('"soon" is not a time');
  });
});

/** `$set` and `$unset` of plain dotted paths as MongoDB documents them: in place, new ones at the end. */
function change(document: Record<string, unknown>, { $set, $unset }: ReturnType<typeof changeOf>): void {
  for (const [path, value] of Object.entries($set)) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const parent = steps.reduce((inner, step) => inner[step] as Record<string, unknown>, document);
    parent[last] = value;
  }
  if ($unset !== undefined) delete document.openFlow;
}
