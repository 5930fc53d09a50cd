import type {
  IdentifyOutcome,
  NoticeFields,
  NoticeSubject,
  NoticeTranslator,
  PaymentCommand,
  PspNews,
  RefundCommand,
} from '@tender/domain';
import { EVENT_CATALOG, partsOfRefundReference, refundReferenceOf } from '@tender/domain';
import { createCodec, createMemoryEventLog, type RecordedEvent } from '@tender/eventstore';
import {
  outcomes,
  refunded,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { paymentCommands } from '../payment/payment-commands';
import { loadPayment, paymentStream } from '../payment/payment-stream';
import { refundCommands } from '../refund/refund-commands';
import { refundStream } from '../refund/refund-stream';
import { WebhookDriver, type NoticeReader, type NoticeResult, type ParkedNotice } from './webhook-driver';
import { webhookCommands, webhookStream } from './webhook-stream';

export const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const AT = '2026-03-01T12:00:05.000Z';

/** Notices that say in so many words what they mean. */
export interface Told {
  readonly attempt: string | null;
  readonly news: string;
}

export const SAYINGS: Readonly<Record<string, PspNews>> = {
  authorized: { kind: 'authorization', outcome: outcomes.authorized },
  declined: { kind: 'authorization', outcome: outcomes.declined },
  captured: {
    kind: 'operation',
    operation: 'capture',
    pspReference: 'pi_1',
    paymentReference: 'pi_1',
    rank: 1,
    outcome: { kind: 'succeeded', pspReference: 'pi_1', amountMinor: 1099n, occurredAt: AT },
  },
  'captured too much': {
    kind: 'operation',
    operation: 'capture',
    pspReference: 'pi_1',
    paymentReference: 'pi_1',
    rank: 1,
    outcome: { kind: 'succeeded', pspReference: 'pi_1', amountMinor: 1100n, occurredAt: AT },
  },
  canceled: {
    kind: 'operation',
    operation: 'cancel',
    pspReference: 'pi_1',
    paymentReference: 'pi_1',
    rank: 1,
    outcome: { kind: 'succeeded', pspReference: 'pi_1', amountMinor: null, occurredAt: AT },
  },
  expired: { kind: 'expired', pspReference: 'pi_1', occurredAt: AT },
  disputed: {
    kind: 'dispute',
    fact: {
      disputeReference: 'du_1',
      paymentReference: 'pi_1',
      stage: 'opened',
      amountMinor: 1099n,
      currency: 'USD',
      fee: null,
      reason: 'fraudulent',
      networkReasonCode: null,
      evidenceDueBy: null,
      occurredAt: AT,
      rank: 2,
    },
  },
  nothing: { kind: 'ignored', because: 'it is not read' },
  'money gone': { kind: 'ignored', because: 'nobody has asked for it', needsPerson: true },
};

export const operationId = refundReferenceOf(sampleRefundId(), 1);
const CHARGES: Readonly<Record<string, IdentifyOutcome>> = {
  pi_1: { kind: 'ours', attemptId: SAMPLE_ATTEMPT_ID },
  pi_2: { kind: 'foreign' },
};

/** An attempt's id, a charge's reference, or a try's of a refund. */
function subjectNamed(name: string): NoticeSubject {
  const refund = partsOfRefundReference(name);
  if (refund !== undefined) return { kind: 'refund', refundId: refund.refundId, operationId: name };
  return name.startsWith('pi_')
    ? { kind: 'charge', pspReference: name }
    : { kind: 'attempt', attemptId: name };
}

const plainWords: NoticeTranslator = {
  psp: 'stripe',
  subjectOf: ({ attempt }) => (attempt === null ? null : subjectNamed(attempt as string)),
  translateRefund: ({ news }) =>
    news === 'refunded'
      ? { kind: 'refund', pspReference: 'psp_refund_1', outcome: refunded(), rank: 1 }
      : { kind: 'ignored', because: 'it is not read' },
  translate: ({ news }) => SAYINGS[String(news)] ?? { kind: 'ignored', because: 'unknown word' },
};

export function setUp() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const deps = { log, clock, chance: seededChance(1) };
  const commands = paymentCommands(deps);
  const refunds = refundCommands(deps);
  const inbox = webhookCommands(deps);
  const results: NoticeResult[] = [];
  /** Words that are read as others. */
  const mended = new Map<string, string>();
  const reader: NoticeReader = {
    translator: {
      ...plainWords,
      translate: (fields, asked) => {
        const news = String(fields.news);
        return plainWords.translate({ ...fields, news: mended.get(news) ?? news }, asked);
      },
    },
    settlesAfterMs: 0,
    identify: ({ pspReference }) =>
      Promise.resolve(CHARGES[pspReference] ?? { kind: 'unavailable', detail: 'nobody answers' }),
  };
  const waiting = new Map<string, ParkedNotice>();
  const driver = new WebhookDriver({
    log,
    commands,
    refunds,
    inbox,
    parked: {
      park: (notice) => Promise.resolve(void waiting.set(notice.stream, notice)),
      release: (stream) => Promise.resolve(void waiting.delete(stream)),
    },
    clock,
    readers: { stripe: reader, adyen: reader },
    chance: deps.chance,
    report: (_, result) => results.push(result),
  });
  let ids = 0;
  const context = () => ({
    commandId: `c-${(ids += 1)}`,
    correlationId: 'c',
    causationId: 'c',
    actor: 'test',
  });
  return {
    log,
    clock,
    driver,
    results,
    /** From now on a word means what another one does. */
    readAs: (word: string, meaning: string) => mended.set(word, meaning),
    /** Parked notices by stream. */
    waiting,
    /** What was recorded of a notice after it came. */
    asideOf: async ({ stream }: RecordedEvent) =>
      (await log.readStream(stream)).slice(1).map(({ type, data }) => ({ type, data })),
    send: (command: PaymentCommand) => commands.handle(STREAM, command, context()),
    sendRefund: (command: RefundCommand, refundId = sampleRefundId()) =>
      refunds.handle(refundStream(refundId), command, context()),
    /** As after a restart: nothing is known but what is in the log. */
    forget: (...streams: readonly string[]) => {
      for (const stream of streams) {
        commands.folded.forget(stream);
        refunds.folded.forget(stream);
      }
    },
    /** The stored event of a notice. */
    async notice(told: Told, psp: 'stripe' | 'adyen' = 'stripe'): Promise<RecordedEvent> {
      const noticeId = `${told.news} of ${told.attempt}`;
      const data = { psp, noticeId, fields: { ...told } as NoticeFields, bodySha256: '00' };
      await inbox.handle(webhookStream(psp, noticeId), { type: 'ReceiveNotice', data }, context());
      const [event] = await log.readStream(webhookStream(psp, noticeId));
      if (event === undefined) throw new Error('the notice is not stored');
      return event;
    },
    payment: async () => (await loadPayment(log, STREAM))?.payment,
  };
}

export const about = (news: string, attempt: string | null = SAMPLE_ATTEMPT_ID): Told => ({ attempt, news });
