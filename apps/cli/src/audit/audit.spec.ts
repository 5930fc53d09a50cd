import { EVENT_CATALOG } from '@tender/domain';
import { paymentCommands, paymentStream, webhookCommands, webhookStream } from '@tender/engine';
import {
  createCodec,
  createMemoryEventLog,
  eventId,
  type EventLog,
  type ExpectedRevision,
} from '@tender/eventstore';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  sampleRefundInitiated,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { CliFailure } from '../exit-codes';
import { paymentIdOfSubject } from '../subject';
import { auditPayment } from './audit';
import { amountText } from './event-words';
import { durationText } from './timeline';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const NO_PAYMENT = '00000000-0000-4000-8000-000000000000';

/** A charge whose reply was lost, and that the PSP's own notice settled. */
async function settledByNotice() {
  const clock = new VirtualClock();
  const chance = seededChance(1);
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const deps = { log, clock, chance };
  const commands = paymentCommands(deps);
  const from = (actor: string, causationId: string) => ({
    commandId: chance.uuid(),
    correlationId: SAMPLE_PAYMENT_ID,
    causationId,
    actor,
  });
  await commands.handle(STREAM, initiate(), from('api-key:k', 'request-1'));
  const [, started] = await log.readStream(STREAM);
  await commands.handle(
    STREAM,
    recordOutcome(outcomes.unknown),
    from('system:payment-process', started?.id ?? ''),
  );
  const stream = webhookStream('stripe', 'evt_1');
  const data = { psp: 'stripe', noticeId: 'evt_1', fields: {}, bodySha256: 'ab'.repeat(32) } as const;
  await webhookCommands(deps).handle(stream, { type: 'ReceiveNotice', data }, from('webhook', 'request-2'));
  const [notice] = await log.readStream(stream);
  await commands.handle(
    STREAM,
    recordOutcome(outcomes.captured, false),
    from('psp:stripe', notice?.id ?? ''),
  );
  return { log };
}

async function append(
  log: EventLog,
  stream: string,
  expected: ExpectedRevision,
  type: keyof typeof EVENT_CATALOG,
  data: object,
): Promise<void> {
  const metadata = {
    schemaVersion: EVENT_CATALOG[type].version,
    ...{ correlationId: 'c', causationId: 'c', commandId: `${type} ${expected}`, actor: 'test' },
    recordedAt: '2026-03-01T12:00:02.000Z',
  };
  const event = { id: eventId(stream, metadata.commandId, 0), type, data: { ...data }, metadata };
  const outcome = await log.append(stream, expected, [event]);
  expect(outcome.kind).toBe('appended');
}

interface AuditJson {
  readonly payment: { readonly status: string };
  readonly events: readonly {
    readonly type: string;
    readonly revision: number;
    readonly cause: { readonly kind: string; readonly number?: number; readonly notice?: object };
  }[];
}

describe('the audit of a payment', () => {
  it('tells each event once, in order, with what it followed from', async () => {
    const { log } = await settledByNotice();
    const audit = JSON.parse(await auditPayment(log, SAMPLE_PAYMENT_ID, { json: true })) as AuditJson;
    const recorded = await log.readStream(STREAM);
    expect(audit.payment.status).toBe('succeeded');
    expect(audit.events.map(({ type, revision }) => [type, BigInt(revision)])).toStrictEqual(
      recorded.map(({ type, revision }) => [type, revision]),
    );
    expect(audit.events.map(({ cause }) => cause.kind)).toStrictEqual([
      'request',
      'request',
      'event',
      'notice',
      'notice',
    ]);
    expect(audit.events[2]?.cause).toMatchObject({ number: 1, type: 'AttemptStarted' });
    expect(audit.events[3]?.cause.notice).toMatchObject({ noticeId: 'evt_1', bodySha256: 'ab'.repeat(32) });
  });

  it('names in its lines every event, actor, PSP reference and cause', async () => {
    const { log } = await settledByNotice();
    const text = await auditPayment(log, SAMPLE_PAYMENT_ID, { json: false });
    for (const { type, metadata, position } of await log.readStream(STREAM)) {
      expect(text).toContain(type);
      expect(text).toContain(metadata.actor);
      expect(text).toContain(`${position.commit}/${position.prepare}`);
    }
    for (const told of [
      'pi_1',
      'evt_1',
      'because of #1 AttemptStarted',
      `1110 psp_receivable[${SAMPLE_ATTEMPT_ID}]`,
    ]) {
      expect(text).toContain(told);
    }
  });

  it('has the events of its refunds among its own, in the order of the log, and is found by a refund', async () => {
    const { log } = await settledByNotice();
    const refund = `refund-${sampleRefundId()}`;
    const { refundId, amountMinor, currency } = sampleRefundInitiated();
    const given = { refundId, amountMinor, currency };
    const taken = { number: 1, pspReference: 're_psp', first: true, occurredAt: '2026-03-01T12:00:01.000Z' };
    const { paymentId: _payment, merchant: _merchant, ...reserved } = sampleRefundInitiated();
    await append(log, STREAM, 4n, 'RefundReserved', reserved);
    await append(log, refund, 'no_stream', 'RefundInitiated', sampleRefundInitiated());
    await append(log, refund, 0n, 'RefundAccepted', { ...given, ...taken });
    const settled = { ...given, refundRevision: 1, number: 1, occurredAt: taken.occurredAt };
    await append(log, STREAM, 5n, 'RefundSettled', settled);
    const publicRefund = `re_${sampleRefundId().replaceAll('-', '')}`;
    const paymentId = await paymentIdOfSubject(log, publicRefund);
    expect(paymentId).toBe(SAMPLE_PAYMENT_ID);
    const text = await auditPayment(log, paymentId, { json: false });
    const told = [...text.matchAll(/#\d+ {2}(\w+):/g)].map(([, type]) => type);
    expect(told.slice(-4)).toStrictEqual([
      'RefundReserved',
      'RefundInitiated',
      'RefundAccepted',
      'RefundSettled',
    ]);
    expect(text).toContain('2010 refunds_payable');
  });

  it('of no payment says so', async () => {
    const { log } = await settledByNotice();
    const asked = auditPayment(log, NO_PAYMENT, { json: false });
    await expect(asked).rejects.toThrow(CliFailure);
    await expect(asked).rejects.toThrow('There is no payment pay_00000000000040008000000000000000');
  });
});

describe('amounts and times', () => {
  it.each([
    [1099n, 'USD', 'USD 10.99'],
    [5n, 'USD', 'USD 0.05'],
    [1099n, 'JPY', 'JPY 1099'],
    [1n, 'BHD', 'BHD 0.001'],
    [-250n, 'EUR', 'EUR -2.50'],
    [9_223_372_036_854_775_807n, 'USD', 'USD 92233720368547758.07'],
  ])('write %d of %s as %s', (amountMinor, currency, text) => {
    expect(amountText({ amountMinor, currency })).toBe(text);
  });

  it.each([
    [0, '0 ms'],
    [9_999, '9999 ms'],
    [10_000, '10.0 s'],
    [600_000, '0.2 h'],
    [7 * 86_400_000, '7.0 d'],
  ])('write %d ms as %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });
});
