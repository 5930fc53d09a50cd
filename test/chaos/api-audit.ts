import { isDeepStrictEqual } from 'node:util';
import {
  type Payment,
  type Refund,
  representDispute,
  representPayment,
  representRefund,
} from '@tender/domain';
import { PAYMENT_PREFIX, REFUND_PREFIX, representEvent } from '@tender/engine';
import type { RecordedEvent } from '@tender/eventstore';
import type { Auditor } from '@tender/testing';
import type { Json } from '../stack/api-client';
import type { Evidence, ShownPayment } from './evidence';

/** Everything of one payment as its streams have it. */
interface Story {
  readonly payment: Payment;
  readonly revision: bigint;
  readonly events: readonly RecordedEvent[];
  /** The last one first, as they are listed. */
  readonly refunds: readonly { readonly refund: Refund; readonly revision: bigint }[];
}

/** What the read store holds and what the API shows has to be what the streams say, to the last field. */
export function auditShown(auditor: Auditor, evidence: Evidence): void {
  const { payments, refunds, shown } = evidence;
  for (const [id, { payment, revision }] of payments) auditor.documented(id, payment, revision);
  const listed: Json[] = [];
  for (const story of storiesIn(auditor, evidence)) {
    const { payment } = story;
    for (const { refund, revision } of story.refunds) {
      const document = refunds.get(refund.id);
      if (document?.revision === revision && isDeepStrictEqual(document.refund, refund)) continue;
      const detail = `the document of refund ${refund.id} is at ${document?.revision ?? 'nothing'}, not ${revision}`;
      auditor.violated('read_model_follows', payment.id, detail);
    }
    auditPayment(auditor, story, shown.get(payment.id));
    listed.push(...payment.disputes.map((dispute) => representDispute(dispute, payment.id)));
  }
  auditDisputeList(auditor, listed, evidence.disputes);
}

function* storiesIn(auditor: Auditor, { events }: Evidence): Iterable<Story> {
  const refundStates = new Map([...auditor.refunds.states()].map((refund) => [refund.id, refund]));
  const revisions = new Map<string, bigint>();
  const eventsOf = new Map<string, RecordedEvent[]>();
  for (const event of events) {
    const { stream, revision } = event;
    revisions.set(stream, revision);
    const paymentId = stream.startsWith(PAYMENT_PREFIX)
      ? stream.slice(PAYMENT_PREFIX.length)
      : (refundStates.get(stream.slice(REFUND_PREFIX.length))?.paymentId ?? stream);
    const its = eventsOf.get(paymentId);
    if (its === undefined) eventsOf.set(paymentId, [event]);
    else its.push(event);
  }
  for (const [paymentId, its] of eventsOf) {
    const payment = auditor.stateOf(paymentId);
    if (payment === null) continue;
    const revision = revisions.get(`${PAYMENT_PREFIX}${paymentId}`) ?? -1n;
    const refunds = payment.refunds.toReversed().flatMap(({ id }) => {
      const refund = refundStates.get(id);
      return refund === undefined
        ? []
        : [{ refund, revision: revisions.get(`${REFUND_PREFIX}${id}`) ?? -1n }];
    });
    yield { payment, revision, events: its, refunds };
  }
}

function auditPayment(auditor: Auditor, story: Story, shown: ShownPayment | undefined): void {
  const { payment, revision, events, refunds } = story;
  const expected: ShownPayment = {
    payment: representPayment(payment, revision),
    events: events.map(representEvent) as unknown as ShownPayment['events'],
    refunds: refunds.map((one) => representRefund(one.refund, one.revision)),
    disputes: payment.disputes.toReversed().map((dispute) => representDispute(dispute, payment.id)),
  };
  for (const what of ['payment', 'events', 'refunds', 'disputes'] as const) {
    const [is, ought] = [JSON.stringify(shown?.[what]), JSON.stringify(expected[what])];
    if (is !== ought) auditor.violated('told_as_recorded', payment.id, `${what}: ${is} instead of ${ought}`);
  }
}

/** Every dispute is listed once, whatever page it came on. */
function auditDisputeList(auditor: Auditor, expected: readonly Json[], shown: readonly Json[]): void {
  const left = new Map<string, Json[]>();
  for (const dispute of shown)
    left.set(String(dispute.id), [...(left.get(String(dispute.id)) ?? []), dispute]);
  for (const dispute of expected) {
    const found = left.get(String(dispute.id)) ?? [];
    left.delete(String(dispute.id));
    if (found.length === 1 && isDeepStrictEqual({ ...found[0] }, { ...dispute })) continue;
    const detail = `dispute ${JSON.stringify(dispute)} is listed as ${JSON.stringify(found)}`;
    auditor.violated('told_as_recorded', String(dispute.payment), detail);
  }
  for (const [id, [dispute]] of left)
    auditor.violated('told_as_recorded', String(dispute?.payment), `nobody has recorded the dispute ${id}`);
}
