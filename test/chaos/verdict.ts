import { paymentIdOf, uuidOf, type PspName } from '@tender/domain';
import { PAYMENT_PREFIX } from '@tender/engine';
import { connectReadStore, PaymentStatusModel } from '@tender/readmodels';
import { Auditor, type Note, type Violation } from '@tender/testing';
import type { Stack } from '../../apps/local/src/stack';
import type { ApiClient, PaymentJson } from '../stack/api-client';
import { PspTruth, type TruthRow } from '../stack/psp-truth';
import { RecordedEvents } from '../stack/recorded-events';
import type { Heard } from './shoppers';

export interface Verdict {
  readonly violations: readonly Violation[];
  readonly payments: number;
  readonly events: number;
  readonly charges: number;
  readonly answers: number;
  /** Attempts whose outcome was unknown for a while. */
  readonly unknowns: number;
  /** Payments that were charged at the second PSP that was asked. */
  readonly failovers: number;
  readonly historyOf: (paymentId: string) => readonly Note[];
}

const MERCHANT = 'demo';
const AT_ONCE = 16;
/** Projections catch up within this after everything has ended. */
const READ_MODEL_WITHIN_MS = 60_000;
/** Whatever a valid request may be answered with besides a payment: nothing happened, or nobody can say yet. */
const NO_PAYMENT = new Set([409, 429, 503]);

/** Everything that remembers the run, laid before one auditor: log, API, PSPs, read store, and what customers heard. */
export async function judge(stack: Stack, api: ApiClient, heard: readonly Heard[]): Promise<Verdict> {
  const violations: Violation[] = [];
  const startedAtMs = Date.now();
  const auditor = new Auditor({
    report: (violation) => violations.push(violation),
    nowMs: () => Date.now() - startedAtMs,
    honestPsps: true,
    outlastsBuyers: false,
  });
  const log = new RecordedEvents(stack.eventStoreUrl);
  const events = await log.all();
  await log.close();
  const revisions = new Map<string, bigint>();
  let unknowns = 0;
  for (const event of events) {
    const paymentId = event.stream.slice(PAYMENT_PREFIX.length);
    auditor.recorded(paymentId, event);
    revisions.set(paymentId, event.revision);
    if (event.type === 'AttemptOutcomeUnknown') unknowns += 1;
  }
  const paymentIds = [...revisions.keys()];
  const charges = await auditPsps(stack, auditor, paymentIds);
  await auditReadStore(stack, auditor, revisions);
  await auditEventLists(api, auditor, paymentIds);
  for (const each of heard) auditAnswer(auditor, each, violations);
  auditor.finish({});
  const states = paymentIds.map((id) => auditor.stateOf(id));
  const failovers = states.filter(
    (state) => state?.status === 'succeeded' && state.attempts.length > 1,
  ).length;
  return {
    violations,
    payments: paymentIds.length,
    events: events.length,
    charges,
    answers: heard.length,
    unknowns,
    failovers,
    historyOf: (paymentId) => auditor.historyOf(paymentId),
  };
}

async function auditPsps(stack: Stack, auditor: Auditor, paymentIds: readonly string[]): Promise<number> {
  const paymentOf = new Map(
    paymentIds.flatMap(
      (id) => auditor.stateOf(id)?.attempts.map((attempt) => [attempt.id, id] as const) ?? [],
    ),
  );
  let charges = 0;
  for (const psp of ['stripe', 'adyen'] as const) {
    const rows = await new PspTruth(psp === 'stripe' ? stack.stripeUrl : stack.adyenUrl).rows();
    for (const row of rows) {
      const attemptId = row.our_reference ?? 'nobody';
      auditRow(auditor, psp, row, paymentOf.get(attemptId) ?? attemptId);
      if (row.kind === 'charge') charges += 1;
    }
  }
  return charges;
}

function auditRow(auditor: Auditor, psp: PspName, row: TruthRow, paymentId: string): void {
  const attemptId = row.our_reference ?? 'nobody';
  if (row.kind === 'charge') {
    auditor.called(paymentId, attemptId, 'authorize', row);
    if (row.status !== 'succeeded' && row.status !== 'requires_capture') return;
    auditor.charged({
      psp,
      paymentId,
      attemptId,
      pspReference: row.reference,
      amountMinor: BigInt(row.amount),
      captured: row.status === 'succeeded',
    });
  } else if ((row.kind === 'void' || row.kind === 'refund') && row.status === 'succeeded') {
    auditor.givenBack(paymentId, row.reference);
  }
}

async function auditReadStore(
  { mongoUri }: Stack,
  auditor: Auditor,
  revisions: ReadonlyMap<string, bigint>,
): Promise<void> {
  const store = await connectReadStore({ uri: mongoUri, appName: 'tender-chaos' });
  const model = new PaymentStatusModel(store);
  const deadlineMs = performance.now() + READ_MODEL_WITHIN_MS;
  let documents = await model.getMany([...revisions.keys()]);
  const isBehind = (): boolean =>
    [...revisions].some(([id, revision]) => (documents.get(id)?.revision ?? -1n) < revision);
  while (isBehind() && performance.now() < deadlineMs) {
    await new Promise((wake) => setTimeout(wake, 500));
    documents = await model.getMany([...revisions.keys()]);
  }
  for (const [id, { payment, revision }] of documents) auditor.documented(id, payment, revision);
  await store.close();
}

async function auditEventLists(
  api: ApiClient,
  auditor: Auditor,
  paymentIds: readonly string[],
): Promise<void> {
  for (let from = 0; from < paymentIds.length; from += AT_ONCE) {
    const some = paymentIds.slice(from, from + AT_ONCE);
    const answers = await Promise.all(
      some.map((id) => api.get(`/v1/payments/pay_${id.replaceAll('-', '')}/events`)),
    );
    for (const [index, answer] of answers.entries()) {
      const types = answer.status === 200 ? answer.events().map(({ type }) => type) : [String(answer.status)];
      auditor.listed(some[index] ?? '', types);
    }
  }
}

function auditAnswer(
  auditor: Auditor,
  { key, fingerprint, status, text }: Heard,
  violations: Violation[],
): void {
  if (NO_PAYMENT.has(status)) return;
  const paymentId = paymentIdOf(MERCHANT, key);
  if (status === 422 && text.includes('"idempotency_key_reused"')) {
    auditor.answered({ keyName: key, paymentId, fingerprint, requestId: null, told: { kind: 'key_reused' } });
    return;
  }
  if (status !== 201 && status !== 202) {
    violations.push({ rule: 'key_of_another_body', paymentId, detail: `answered ${status}: ${text}` });
    return;
  }
  const payment = JSON.parse(text) as PaymentJson;
  auditor.answered({
    keyName: key,
    paymentId: uuidOf('pay', payment.id) ?? payment.id,
    fingerprint,
    requestId: null,
    told: {
      kind: 'payment',
      payment,
      revision: BigInt(payment.revision),
      settled: status === 201 ? text : undefined,
    },
  });
}
