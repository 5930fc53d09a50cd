import {
  EVENT_CATALOG,
  evolvePayment,
  evolveRefund,
  type Journal,
  type Payment,
  publicId,
  type Refund,
  refundReferenceOf,
  representDispute,
  representPayment,
  representRefund,
} from '@tender/domain';
import { journalsBehind, paymentStream, refundStream, representEvent } from '@tender/engine';
import type { RecordedEvent } from '@tender/eventstore';
import {
  disputeTold,
  initiate,
  outcomes,
  recordOutcome,
  refunded,
  refundReply,
  refundStands,
  reserveRefund,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleInitiated,
  sampleRefundId,
  SOME_TIME,
  tell,
  tellRefund,
} from '@tender/testing';
import type { Json } from '../stack/api-client';
import { type BookBalance, BookSums } from '../stack/book-sums';
import type { TruthRow } from '../stack/psp-truth';
import type { Heard } from './asking';
import type { Evidence, ShownPayment, ShownTrialBalance } from './evidence';

const TOKEN = 'pm_card_createDispute';
export const REFUND_ID = sampleRefundId();
export const PUBLIC_REFUND_ID = publicId('re', REFUND_ID);
const PAYMENT_PATH = `/v1/payments/${publicId('pay', SAMPLE_PAYMENT_ID)}`;

/** What a run of one payment leaves behind if all is well: 10.99 charged, 4.00 given back, all of it disputed if wanted. */
export function honestEvidence({ disputed }: { readonly disputed: boolean }): Evidence {
  const events = recordedEvents(disputed);
  const payment = stateOf(events, evolvePayment, paymentStream(SAMPLE_PAYMENT_ID));
  const refund = stateOf(events, evolveRefund, refundStream(REFUND_ID));
  const journals = [...journalsBehind(events).values()].flat();
  const shown = shownAs(events, payment, refund);
  return {
    events,
    truth: { stripe: truthRows(disputed), adyen: [] },
    payments: new Map([[SAMPLE_PAYMENT_ID, { payment: payment.state, revision: payment.revision }]]),
    refunds: new Map([[REFUND_ID, { refund: refund.state, revision: refund.revision }]]),
    shown: new Map([[SAMPLE_PAYMENT_ID, shown]]),
    disputes: shown.disputes,
    books: booksOf(journals),
    trialBalances: ['posted', 'memo'].map((layer) => trialBalanceOf(journals, layer)),
    divergences: [],
    heard: heardBy(payment, refund),
  };
}

/** The payment up to the reservation, its refund, and what became of the payment then. */
function recordedEvents(disputed: boolean): readonly RecordedEvent[] {
  const candidates = sampleInitiated().candidates.map((one) => ({ ...one, token: TOKEN }));
  const { events: ofPayment } = tell(
    [
      recordOutcome(outcomes.captured),
      reserveRefund(400n),
      refundStands('settled', 2),
      ...(disputed
        ? [disputeTold('opened', 4), disputeTold('funds_withdrawn', 5, 1099n, { feeMinor: 1_500n })]
        : []),
    ],
    initiate({ paymentMethod: TOKEN, candidates }),
  );
  const { events: ofRefund } = tellRefund([refundReply(refunded())]);
  const reserved = ofPayment.findIndex(({ type }) => type === 'RefundReserved') + 1;
  const [paymentName, refundName] = [paymentStream(SAMPLE_PAYMENT_ID), refundStream(REFUND_ID)];
  const all = [
    ...ofPayment.slice(0, reserved).map((event) => ({ ...event, stream: paymentName })),
    ...ofRefund.map((event) => ({ ...event, stream: refundName })),
    ...ofPayment.slice(reserved).map((event) => ({ ...event, stream: paymentName })),
  ];
  const revisions = new Map<string, bigint>();
  return all.map(({ stream, type, data }, index): RecordedEvent => {
    const revision = (revisions.get(stream) ?? -1n) + 1n;
    revisions.set(stream, revision);
    const position = { commit: BigInt(index), prepare: BigInt(index) };
    return {
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      type,
      data: { ...data },
      stream,
      revision,
      position,
      metadata: {
        schemaVersion: EVENT_CATALOG[type].version,
        commandId: `command-${index}`,
        recordedAt: SOME_TIME,
        correlationId: SAMPLE_PAYMENT_ID,
        causationId: SAMPLE_PAYMENT_ID,
        actor: 'worker',
      },
    };
  });
}

interface Folded<State> {
  readonly state: State;
  readonly revision: bigint;
}

function stateOf<State>(
  events: readonly RecordedEvent[],
  evolve: (state: State | null, event: never, recordedAt: string) => State | null,
  stream: string,
): Folded<State> {
  const its = events.filter((one) => one.stream === stream);
  const state = its.reduce<State | null>((folded, event) => evolve(folded, event as never, SOME_TIME), null);
  if (state === null) throw new Error(`${stream} is empty`);
  return { state, revision: BigInt(its.length - 1) };
}

export const chargeRow = (change: Partial<TruthRow> = {}): TruthRow => ({
  reference: 'pi_1',
  our_reference: SAMPLE_ATTEMPT_ID,
  idempotency_key: `${SAMPLE_ATTEMPT_ID}-authorize-1`,
  kind: 'charge',
  amount: 1099,
  currency: 'USD',
  status: 'succeeded',
  ...change,
});

export const refundRow = (change: Partial<TruthRow> = {}): TruthRow =>
  chargeRow({
    our_reference: PUBLIC_REFUND_ID,
    idempotency_key: refundReferenceOf(REFUND_ID, 1),
    kind: 'refund',
    amount: 400,
    ...change,
  });

export const disputeRow = (change: Partial<TruthRow> = {}): TruthRow =>
  chargeRow({ idempotency_key: null, kind: 'dispute', status: 'pending', ...change });

const truthRows = (disputed: boolean): readonly TruthRow[] => [
  chargeRow(),
  refundRow(),
  ...(disputed ? [disputeRow()] : []),
];

function shownAs(
  events: readonly RecordedEvent[],
  payment: Folded<Payment>,
  refund: Folded<Refund>,
): ShownPayment {
  return {
    payment: representPayment(payment.state, payment.revision),
    events: events.map(representEvent) as unknown as ShownPayment['events'],
    refunds: [representRefund(refund.state, refund.revision)],
    disputes: payment.state.disputes.map((one): Json => representDispute(one, payment.state.id)),
  };
}

function booksOf(journals: readonly Journal[]): Evidence['books'] {
  const sums = new BookSums();
  for (const { layer, lines } of journals) {
    sums.add({ layer, lines: lines.map((line) => ({ ...line, amount: line.amountMinor.toString() })) });
  }
  const balances = [...sums.byAccount].map(([name, { debit, credit }]): BookBalance => {
    const [account = '', currency = ''] = name.split(' ');
    return { account, currency, debit: debit.toString(), credit: credit.toString() };
  });
  return { sums, balances };
}

function trialBalanceOf(journals: readonly Journal[], layer: string): ShownTrialBalance {
  const { balances } = booksOf(journals.filter((journal) => journal.layer === layer));
  const sumOf = (side: 'debit' | 'credit'): string =>
    balances.reduce((sum, balance) => sum + BigInt(balance[side]), 0n).toString();
  return { layer, currency: 'USD', debit: sumOf('debit'), credit: sumOf('credit'), balances };
}

/** The merchant's requests of both, as they were answered, and one that was refused. */
function heardBy({ state, revision }: Folded<Payment>, refund: Folded<Refund>): readonly Heard[] {
  const payment = { about: { kind: 'payment' }, path: '/v1/payments', key: 'order-17', body: {} } as const;
  const fingerprint = 'fingerprint-of-the-body';
  return [
    { request: payment, fingerprint, status: 201, text: JSON.stringify(representPayment(state, revision)) },
    heardOfRefund({}, 201, representRefund(refund.state, refund.revision)),
    heardOfRefund({ amount: 1_000 }, 422, { code: 'amount_exceeds_captured' }, 'refund-2'),
  ];
}

export const heardOfRefund = (body: Json, status: number, answer: object, key = 'refund-1'): Heard => ({
  request: {
    about: { kind: 'refund', paymentId: SAMPLE_PAYMENT_ID },
    path: `${PAYMENT_PATH}/refunds`,
    key,
    body,
  },
  fingerprint: 'body',
  status,
  text: JSON.stringify(answer),
});
