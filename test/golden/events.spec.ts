import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EVENT_CATALOG,
  evolvePayment,
  evolveRefund,
  PAYMENT_EVENTS,
  REFUND_EVENTS,
  webhookDecider,
  type EventType,
  type PaymentEvent,
  type PaymentState,
  type RefundEvent,
  type RefundState,
  type WebhookEvent,
} from '@tender/domain';
import { createCodec } from '@tender/eventstore';
import { SAMPLE_PAYMENT_ID, sampleStart } from '@tender/testing';
import { EVENT_SAMPLES } from './event-samples';

const FOLDER = join(__dirname, 'events');
const codec = createCodec(EVENT_CATALOG);
const types = Object.keys(EVENT_CATALOG) as EventType[];
const fileOf = (type: string, version: number): string => join(FOLDER, `${type}.v${version}.json`);
const metadataOf = (type: EventType) => ({
  schemaVersion: EVENT_CATALOG[type].version,
  correlationId: 'c',
  causationId: 'c',
  commandId: 'c',
  actor: 'test',
  recordedAt: '2026-03-01T12:00:00.000Z',
});

/** What the codec would store of the sample, as text that a person can review. */
function storedForm(type: EventType): string {
  const encoded = codec.encode({
    id: SAMPLE_PAYMENT_ID,
    type,
    data: { ...EVENT_SAMPLES[type] },
    metadata: metadataOf(type),
  });
  return `${JSON.stringify(encoded.data, undefined, 2)}\n`;
}

/** A refund whose first try is under way. */
const begunRefund = (at: string): RefundState =>
  [
    { type: 'RefundInitiated', data: EVENT_SAMPLES.RefundInitiated } as const,
    { type: 'RefundAttemptStarted', data: EVENT_SAMPLES.RefundAttemptStarted } as const,
  ].reduce<RefundState>((state, event) => evolveRefund(state, event, at), null);

/** Onto a stream of its kind that has begun. */
function foldOf(event: { readonly type: string }, at: string): void {
  if (Object.hasOwn(REFUND_EVENTS, event.type)) {
    evolveRefund(begunRefund(at), event as RefundEvent, at);
  } else if (Object.hasOwn(PAYMENT_EVENTS, event.type)) {
    const begun = sampleStart().reduce<PaymentState>((state, past) => evolvePayment(state, past, at), null);
    evolvePayment(begun, event as PaymentEvent, at);
  } else {
    webhookDecider.evolve(null, event as WebhookEvent, at);
  }
}

describe('stored events', () => {
  it.each(types)('%s keeps the fields that it has been stored with', (type) => {
    const file = fileOf(type, EVENT_CATALOG[type].version);
    if (!existsSync(file) && process.env.UPDATE_GOLDEN === '1') writeFileSync(file, storedForm(type));
    // a file is never changed: what is in the streams stays there; give the event a new version and an upcaster
    expect(storedForm(type)).toBe(readFileSync(file, 'utf8'));
  });

  it('of every version ever written can still be folded', () => {
    for (const file of readdirSync(FOLDER)) {
      const [, type, version] = /^(\w+)\.v(\d+)\.json$/.exec(file)!;
      const metadata = { ...metadataOf(type as EventType), schemaVersion: Number(version) };
      const event = codec.decode({
        id: SAMPLE_PAYMENT_ID,
        type: type!,
        stream: `any-${SAMPLE_PAYMENT_ID}`,
        revision: 0n,
        position: { commit: 1n, prepare: 1n },
        data: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
        metadata,
      });
      // a version of before is read with every field of today
      const sample = EVENT_SAMPLES[type as EventType];
      expect(Object.keys(event.data).sort()).toEqual(Object.keys(sample).sort());
      expect(() => {
        foldOf(event, metadata.recordedAt);
      }).not.toThrow();
    }
  });
});
