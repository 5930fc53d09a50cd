import type {
  AuthorizeOutcome,
  DisputeStage,
  HeardBy,
  LookupOutcome,
  OperationOutcome,
  Payment,
  PaymentCommand,
  PaymentEvent,
  PaymentInitiated,
  PspName,
  RecordRefundStanding,
} from '@tender/domain';
import {
  attemptIdOf,
  evolvePayment,
  isOpenOperation,
  paymentDecider,
  paymentIdOf,
  refundIdOf,
} from '@tender/domain';
import type { ProjectedEvent } from '@tender/readmodels';
import { sampleInitiated } from '@tender/testing';
import * as fc from 'fast-check';

/** What happened to one payment, as its decider recorded it. */
export interface History {
  readonly id: string;
  readonly stream: string;
  readonly events: readonly ProjectedEvent[];
}

type Move =
  | {
      readonly kind: 'outcome';
      readonly outcome: AuthorizeOutcome;
      readonly heardBy: HeardBy;
      readonly surelyFirstSend: boolean;
    }
  | { readonly kind: 'lookup'; readonly answer: LookupOutcome }
  | { readonly kind: 'request'; readonly what: 'RequestCapture' | 'RequestCancel' }
  | { readonly kind: 'return' }
  /** Of all that is left, or what became of the first one that there is. */
  | { readonly kind: 'refund'; readonly standing: RecordRefundStanding['standing'] | null }
  | { readonly kind: 'dispute'; readonly reference: string; readonly stage: DisputeStage }
  /** About the operation that is open then, if one is. */
  | { readonly kind: 'operation'; readonly outcome: OperationOutcome };

/** With the prototype that parsed JSON has; fast-check would mix in objects that have none. */
const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record<T>(fields, { noNullPrototype: true });

const START_MS = Date.parse('2026-03-01T12:00:00.000Z');

/** Merchants write what they like; a lone surrogate is no text and the API refuses it. */
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const metadataKey = fc.oneof(
  text,
  fc.constantFrom('a.b', '$set', '$', '.', '', '__proto__', 'constructor', '0'),
);

const initiatedChanges = record({
  amountMinor: fc.oneof(
    fc.bigInt({ min: 1n, max: 1_000_000n }),
    fc.bigInt({ min: 2n ** 53n - 2n, max: 2n ** 53n + 2n }),
    fc.constant(2n ** 63n - 1n),
  ),
  captureMethod: fc.constantFrom('automatic' as const, 'manual' as const),
  paymentMethod: fc.constantFrom(
    'pm_card_visa',
    { stripe: 'pm_card_visa', adyen: 'adyen_1' },
    { adyen: 'adyen_1' },
  ),
  statementDescriptor: fc.option(text),
  returnUrl: fc.option(fc.webUrl()),
  candidates: fc
    .subarray<PspName>(['stripe', 'adyen'], { minLength: 1 })
    .map((psps) =>
      psps.map((psp) => ({ psp, token: `${psp}_token`, requestVersion: 1, reason: 'default order' })),
    ),
  freeText: record({
    customerId: fc.option(text),
    description: fc.option(text),
    metadata: fc
      .uniqueArray(fc.tuple(metadataKey, text), { maxLength: 5, selector: ([key]) => key })
      .map((pairs) => pairs.map(([key, value]) => ({ key, value }))),
  }),
});

const occurredAt = '2026-03-01T12:00:01.000Z';
const pspReference = fc.constantFrom('pi_1', 'pi_2');

const outcome: fc.Arbitrary<AuthorizeOutcome> = fc.oneof(
  record({
    kind: fc.constant('approved' as const),
    pspReference,
    amountMinor: fc.constant(0n),
    captured: fc.boolean(),
    card: fc.constantFrom(null, { brand: 'visa', last4: '4242' }),
    occurredAt: fc.constant(occurredAt),
  }),
  record({ kind: fc.constant('pending' as const), pspReference }),
  record({
    kind: fc.constant('action_required' as const),
    pspReference,
    action: record({ type: fc.constant('redirect' as const), url: fc.webUrl() }),
  }),
  record({
    kind: fc.constant('declined' as const),
    pspReference: fc.option(pspReference),
    decline: record({
      code: fc.constant('insufficient_funds'),
      category: fc.constant('soft_decline' as const),
      message: text,
      pspCode: text,
    }),
    occurredAt: fc.constant(occurredAt),
  }),
  record({ kind: fc.constant('not_sent' as const), why: fc.constant('no_permit' as const), detail: text }),
  record({
    kind: fc.constant('unknown' as const),
    why: fc.constantFrom('timeout' as const, 'server_error' as const),
    detail: text,
    pspReference: fc.option(pspReference),
    keyBurnt: fc.boolean(),
  }),
);

const operationOutcome: fc.Arbitrary<OperationOutcome> = fc.oneof(
  record({
    kind: fc.constant('succeeded' as const),
    pspReference,
    amountMinor: fc.constant(0n),
    occurredAt: fc.constant(occurredAt),
  }),
  record({ kind: fc.constant('pending' as const), pspReference }),
  record({
    kind: fc.constant('failed' as const),
    why: fc.constantFrom(
      'not_found' as const,
      'already_captured' as const,
      'already_canceled' as const,
      'expired' as const,
      'never_received' as const,
      'refused' as const,
    ),
    detail: text,
    pspReference: fc.option(pspReference),
    occurredAt: fc.constant(occurredAt),
  }),
  record({ kind: fc.constant('not_sent' as const), why: fc.constant('no_permit' as const), detail: text }),
  record({
    kind: fc.constant('unknown' as const),
    why: fc.constant('timeout' as const),
    detail: text,
    pspReference: fc.option(pspReference),
    keyBurnt: fc.boolean(),
  }),
);

const move: fc.Arbitrary<Move> = fc.oneof(
  record({
    kind: fc.constant('outcome' as const),
    outcome,
    heardBy: fc.constantFrom('reply' as const, 'webhook' as const),
    surelyFirstSend: fc.boolean(),
  }),
  record({ kind: fc.constant('operation' as const), outcome: operationOutcome }),
  record({
    kind: fc.constant('request' as const),
    what: fc.constantFrom('RequestCapture' as const, 'RequestCancel' as const),
  }),
  record({ kind: fc.constant('return' as const) }),
  record({
    kind: fc.constant('refund' as const),
    standing: fc.constantFrom(null, null, 'settled' as const, 'returned' as const, 'failed' as const),
  }),
  record({
    kind: fc.constant('dispute' as const),
    reference: fc.constantFrom('du_1', 'du_2'),
    stage: fc.constantFrom('opened' as const, 'funds_withdrawn' as const, 'won' as const, 'lost' as const),
  }),
  record({
    kind: fc.constant('lookup' as const),
    answer: fc.oneof(
      record({ kind: fc.constant('found' as const), outcome }),
      record({ kind: fc.constant('not_found' as const) }),
      record({ kind: fc.constant('unavailable' as const), detail: text }),
    ),
  }),
);

/** Unlike any other payment's, in this run and in one before it on the same server. */
let made = 0;
const newPaymentId = (): string => paymentIdOf(`test-${process.pid}-${Date.now()}`, String((made += 1)));

export const history = (change: Partial<PaymentInitiated> = {}): fc.Arbitrary<History> =>
  record({ asked: initiatedChanges, moves: fc.array(move, { maxLength: 10 }) }).map(({ asked, moves }) =>
    historyOf({ ...asked, ...change }, moves),
  );

function historyOf(change: Partial<PaymentInitiated>, moves: readonly Move[]): History {
  const initiated = sampleInitiated({ ...change, paymentId: newPaymentId() });
  const events: PaymentEvent[] = [];
  let payment: Payment | null = null;
  const take = (command: PaymentCommand | undefined): void => {
    const decision = command === undefined ? undefined : paymentDecider.decide(command, payment);
    if (decision?.kind !== 'record') return;
    for (const event of decision.events) {
      payment = evolvePayment(payment, event, recordedAt(events.length));
      events.push(event);
    }
  };
  take({ type: 'InitiatePayment', data: { initiated } });
  for (const [step, one] of moves.entries()) take(commandOf(payment, one, step));
  return recorded(initiated.paymentId, events);
}

function commandOf(payment: Payment | null, move: Move, step: number): PaymentCommand | undefined {
  if (payment === null) return undefined;
  const { id, amountMinor, operations } = payment;
  const attemptId = attemptIdOf(id, 1);
  switch (move.kind) {
    case 'request': {
      const request = { requestId: `request-${step}`, fingerprint: 'f' };
      return move.what === 'RequestCapture'
        ? { type: move.what, data: { ...request, amountMinor: null } }
        : { type: move.what, data: { ...request, reason: null } };
    }
    case 'return':
      return {
        type: 'ReturnFromAction',
        data: { attemptId, result: [{ name: 'redirectResult', value: 'x' }] },
      };
    case 'refund':
      return refundCommandOf(payment, move.standing, step);
    case 'dispute':
      return disputeCommandOf(attemptId, move, step);
    case 'operation': {
      const open = operations.find(isOpenOperation);
      if (open === undefined) return undefined;
      const { outcome: said } = move;
      const outcome = said.kind === 'succeeded' ? { ...said, amountMinor: open.amountMinor } : said;
      const heard = { outcome, heardAt: '2026-03-01T13:00:00.000Z', settlesAfterMs: 1000 };
      return { type: 'RecordOperationOutcome', data: { operationId: open.id, ...heard } };
    }
    case 'outcome':
    case 'lookup':
      return newsOf(attemptId, amountMinor, move);
  }
}

function refundCommandOf(
  { refunds, id, merchant }: Payment,
  standing: RecordRefundStanding['standing'] | null,
  step: number,
): PaymentCommand | undefined {
  const freeText = { reason: null, metadata: [{ key: '$set', value: 'a.b' }] };
  if (standing === null) {
    const refundId = refundIdOf('m', id, String(step));
    const data = { merchant, refundId, fingerprint: 'f', amountMinor: null, freeText };
    return { type: 'ReserveRefund', data };
  }
  const [first] = refunds;
  if (first === undefined) return undefined;
  const data = { refundId: first.id, number: 1, refundRevision: step, standing, occurredAt };
  return { type: 'RecordRefundStanding', data };
}

const disputeCommandOf = (
  attemptId: string,
  { reference, stage }: Extract<Move, { kind: 'dispute' }>,
  step: number,
): PaymentCommand => ({
  type: 'RecordDisputeFact',
  data: {
    attemptId,
    fact: {
      disputeReference: reference,
      paymentReference: null,
      stage,
      amountMinor: 1n,
      currency: 'USD',
      fee: null,
      reason: null,
      networkReasonCode: null,
      evidenceDueBy: null,
      occurredAt: recordedAt(step),
      rank: 1,
    },
  },
});

function newsOf(
  attemptId: string,
  amountMinor: bigint,
  move: Extract<Move, { kind: 'outcome' | 'lookup' }>,
): PaymentCommand {
  const exact = (said: AuthorizeOutcome): AuthorizeOutcome =>
    said.kind === 'approved' ? { ...said, amountMinor } : said;
  if (move.kind === 'outcome') {
    const { heardBy, surelyFirstSend } = move;
    const heardAt = '2026-03-01T12:00:01.000Z';
    return {
      type: 'RecordAttemptOutcome',
      data: { attemptId, outcome: exact(move.outcome), heardBy, surelyFirstSend, heardAt },
    };
  }
  const answer: LookupOutcome =
    move.answer.kind === 'found' ? { kind: 'found', outcome: exact(move.answer.outcome) } : move.answer;
  return {
    type: 'RecordLookup',
    data: { attemptId, answer, askedAt: '2026-03-01T13:00:00.000Z', settlesAfterMs: 1000 },
  };
}

const recordedAt = (step: number, startMs = START_MS): string => new Date(startMs + step).toISOString();

/** The events of a new payment as the log gives them back. `position` is given by `interleaved`. */
export function recorded(id: string, events: readonly PaymentEvent[], startMs = START_MS): History {
  const stream = `payment-${id}`;
  return {
    id,
    stream,
    events: events.map((event, step) => ({
      ...event,
      stream,
      revision: BigInt(step),
      position: { commit: BigInt(step), prepare: BigInt(step) },
      metadata: { recordedAt: recordedAt(step, startMs) },
    })),
  };
}

/** The payment as a command handler would fold it. */
export function foldedPayment({ events }: History): Payment {
  let payment: Payment | null = null;
  for (const event of events) {
    payment = evolvePayment(payment, event as ProjectedEvent & PaymentEvent, event.metadata.recordedAt);
  }
  if (payment === null) throw new Error('a history has a first event');
  return payment;
}

/** One log of all histories: each in its order, mixed by chance. */
export function interleaved(histories: readonly History[], chance: () => number): readonly ProjectedEvent[] {
  const waiting = histories.map(({ events }) => [...events]).filter((events) => events.length > 0);
  const log: ProjectedEvent[] = [];
  while (waiting.length > 0) {
    const at = Math.floor(chance() * waiting.length);
    const next = waiting[at]?.shift();
    if (next !== undefined) {
      const place = BigInt(log.length);
      log.push({ ...next, position: { commit: place, prepare: place } });
    }
    if (waiting[at]?.length === 0) waiting.splice(at, 1);
  }
  return log;
}

/** Mulberry32: a seed names the whole run. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
