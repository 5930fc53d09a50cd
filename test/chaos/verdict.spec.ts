import { refundReferenceOf } from '@tender/domain';
import { SAMPLE_PAYMENT_ID, sampleRefundId } from '@tender/testing';
import type { Evidence, ShownPayment } from './evidence';
import {
  chargeRow,
  disputeRow,
  heardOfRefund,
  honestEvidence,
  PUBLIC_REFUND_ID,
  refundRow,
} from './honest-evidence.fixture';
import { judge } from './verdict';

const rulesBroken = (evidence: Evidence): readonly string[] => [
  ...new Set(judge(evidence).violations.map(({ rule }) => rule)),
];

const honest = honestEvidence({ disputed: true });
const withTruth = (...stripe: Evidence['truth']['stripe']): Evidence => ({
  ...honest,
  truth: { stripe, adyen: [] },
});
const withShown = (change: (shown: ShownPayment) => Partial<ShownPayment>): Evidence => ({
  ...honest,
  shown: new Map([...honest.shown].map(([id, shown]) => [id, { ...shown, ...change(shown) }])),
});
const without = (...types: readonly string[]): Evidence => ({
  ...honest,
  events: honest.events.filter(({ type }) => !types.includes(type)),
});
const [firstBalance, ...otherBalances] = honest.books.balances;
const [posted, ...otherLayers] = honest.trialBalances;
const STRANGE_REFUND = sampleRefundId('nobody asked');

describe('the verdict', () => {
  it.each([true, false])('has nothing to say where all is well (disputed: %s)', (disputed) => {
    const { violations, atPsps, refusals, journals } = judge(honestEvidence({ disputed }));
    expect(violations).toEqual([]);
    expect(atPsps).toMatchObject({ charges: 1, refunds: 1, refundsGiven: 1, disputes: disputed ? 1 : 0 });
    expect(refusals).toEqual({ exceeding: 1, disputed: 0 });
    expect(journals).toBeGreaterThan(1);
  });

  it.each<[string, string, Evidence]>([
    ['a charge made twice', 'one_charge', withTruth(chargeRow(), chargeRow({ reference: 'pi_2' }))],
    ['a refund made twice', 'refunded_once', withTruth(chargeRow(), refundRow(), refundRow(), disputeRow())],
    ['a refund that the PSP does not have', 'refunds_agree', withTruth(chargeRow(), disputeRow())],
    [
      'a refund that has failed at the PSP',
      'refunds_agree',
      withTruth(chargeRow(), refundRow({ status: 'failed' }), disputeRow()),
    ],
    [
      'a refund that nobody asked for',
      'refunds_agree',
      withTruth(
        chargeRow(),
        refundRow(),
        refundRow({
          our_reference: `re_${STRANGE_REFUND.replaceAll('-', '')}`,
          idempotency_key: refundReferenceOf(STRANGE_REFUND, 1),
          amount: 1,
        }),
        disputeRow(),
      ),
    ],
    [
      'a refund of another amount, by the books',
      'books_agree',
      withTruth(chargeRow(), refundRow({ amount: 401 }), disputeRow()),
    ],
    [
      'more given back than was taken',
      'refunds_within_captured',
      withTruth(chargeRow(), refundRow({ amount: 1_100 }), disputeRow()),
    ],
    ['a dispute that no PSP knows', 'disputes_agree', withTruth(chargeRow(), refundRow())],
    [
      'a dispute that was lost, and is told as open',
      'disputes_agree',
      withTruth(chargeRow(), refundRow(), disputeRow({ status: 'succeeded' })),
    ],
    ['money that a dispute did not take', 'books_agree', withTruth(chargeRow(), refundRow())],
    [
      'a dispute that is not recorded',
      'disputes_agree',
      without('DisputeOpened', 'DisputeFundsWithdrawn', 'DisputeUpdated'),
    ],
    ['a refund without an end', 'nothing_left_open', without('RefundSucceeded', 'RefundSettled')],
  ])('sees %s (%s)', (_, rule, evidence) => {
    expect(rulesBroken(evidence)).toContain(rule);
  });

  it.each<[string, string, Evidence]>([
    ['a refund that is not in the read model', 'read_model_follows', { ...honest, refunds: new Map() }],
    [
      'a refund whose document was changed',
      'read_model_follows',
      {
        ...honest,
        refunds: new Map(
          [...honest.refunds].map(([id, one]) => [
            id,
            { ...one, refund: { ...one.refund, amountMinor: 401n } },
          ]),
        ),
      },
    ],
    [
      'a sum of refunds that the API tells otherwise',
      'told_as_recorded',
      withShown(({ payment }) => ({ payment: { ...payment, amount_refunded: 0 } })),
    ],
    ['a refund that the API does not list', 'told_as_recorded', withShown(() => ({ refunds: [] }))],
    ['a dispute that its payment does not show', 'told_as_recorded', withShown(() => ({ disputes: [] }))],
    [
      'an event that the API leaves out',
      'told_as_recorded',
      withShown(({ events }) => ({ events: events.slice(1) })),
    ],
    ['a dispute that is not listed', 'told_as_recorded', { ...honest, disputes: [] }],
    [
      'a dispute that is listed twice',
      'told_as_recorded',
      { ...honest, disputes: [...honest.disputes, ...honest.disputes] },
    ],
    [
      'a dispute that is listed and nowhere else',
      'told_as_recorded',
      { ...honestEvidence({ disputed: false }), disputes: honest.disputes },
    ],
    [
      'a divergence',
      'read_model_follows',
      {
        ...honest,
        divergences: [
          {
            where: 'ledger',
            kind: 'missing',
            id: SAMPLE_PAYMENT_ID,
            at: null,
            expected: 'journal 1',
            found: null,
          },
        ],
      },
    ],
    [
      'a wrong balance',
      'books_balance',
      {
        ...honest,
        books: { ...honest.books, balances: [{ ...firstBalance!, debit: '1' }, ...otherBalances] },
      },
    ],
    [
      'an account without its balance',
      'books_balance',
      { ...honest, books: { ...honest.books, balances: otherBalances } },
    ],
    [
      'a trial balance that does not balance',
      'books_balance',
      { ...honest, trialBalances: [{ ...posted!, debit: '1' }, ...otherLayers] },
    ],
    [
      'a trial balance that leaves accounts out',
      'books_balance',
      { ...honest, trialBalances: [{ ...posted!, balances: [] }, ...otherLayers] },
    ],
    [
      'an answer that changed',
      'same_key_same_outcome',
      {
        ...honest,
        heard: [...honest.heard, heardOfRefund({}, 201, { id: PUBLIC_REFUND_ID, revision: 1 })],
      },
    ],
    [
      'an answer about a refund that is not recorded',
      'acknowledged_survives',
      {
        ...honest,
        heard: [heardOfRefund({}, 201, { id: `re_${'0'.repeat(32)}`, revision: 1 }, 'refund-9')],
      },
    ],
    [
      'an answer that a refund cannot have',
      'key_of_another_body',
      { ...honest, heard: [heardOfRefund({}, 500, {})] },
    ],
    [
      'a refusal without a reason',
      'refunds_within_captured',
      {
        ...honestEvidence({ disputed: false }),
        heard: [heardOfRefund({ amount: 699 }, 422, { code: 'amount_exceeds_captured' }, 'refund-3')],
      },
    ],
    [
      'a refusal for a dispute that is not there',
      'disputes_agree',
      {
        ...honestEvidence({ disputed: false }),
        heard: [heardOfRefund({ amount: 1 }, 422, { code: 'payment_disputed' }, 'refund-3')],
      },
    ],
  ])('sees %s (%s)', (_, rule, evidence) => {
    expect(rulesBroken(evidence)).toEqual([rule]);
  });

  it('counts the refunds that nobody knows the end of', () => {
    expect(judge(honest)).toMatchObject({ refunds: 1, openRefunds: 0 });
    expect(judge(without('RefundSucceeded', 'RefundSettled'))).toMatchObject({ refunds: 1, openRefunds: 1 });
  });
});
