import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EVENT_CATALOG, evolvePayment, type PaymentEvent, type PaymentEventType } from '@tender/domain';
import { createCodec } from '@tender/eventstore';
import { SAMPLE_PAYMENT_ID, sampleStart } from '@tender/testing';
import { EVENT_SAMPLES } from './event-samples';

const FOLDER = join(__dirname, 'events');
const codec = createCodec(EVENT_CATALOG);
const types = Object.keys(EVENT_CATALOG) as PaymentEventType[];
const fileOf = (type: string, version: number): string => join(FOLDER, `${type}.v${version}.json`);
const metadataOf = (type: PaymentEventType) => ({
  schemaVersion: EVENT_CATALOG[type].version,
  correlationId: 'c',
  causationId: 'c',
  commandId: 'c',
  actor: 'test',
  recordedAt: '2026-03-01T12:00:00.000Z',
});

/** What the codec would store of the sample, as text that a person can review. */
function storedForm(type: PaymentEventType): string {
  const encoded = codec.encode({
    id: SAMPLE_PAYMENT_ID,
    type,
    data: { ...EVENT_SAMPLES[type] },
    metadata: metadataOf(type),
  });
  return `${JSON.stringify(encoded.data, undefined, 2)}\n`;
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
      const metadata = { ...metadataOf(type as PaymentEventType), schemaVersion: Number(version) };
      const event = codec.decode({
        id: SAMPLE_PAYMENT_ID,
        type: type!,
        stream: `payment-${SAMPLE_PAYMENT_ID}`,
        revision: 0n,
        position: { commit: 1n, prepare: 1n },
        data: JSON.parse(readFileSync(join(FOLDER, file), 'utf8')),
        metadata,
      }) as unknown as PaymentEvent;
      // a version of before is read with every field of today
      expect(Object.keys(event.data).sort()).toEqual(Object.keys(EVENT_SAMPLES[event.type]).sort());
      const payment = sampleStart().reduce(
        (state, before) => evolvePayment(state, before, metadata.recordedAt),
        evolvePayment(null, sampleStart()[0]!, metadata.recordedAt),
      );
      expect(() => evolvePayment(payment, event, metadata.recordedAt)).not.toThrow();
    }
  });
});
