import { randomUUID } from 'node:crypto';
import { EVENT_CATALOG } from '@tender/domain';
import { connectEventStore, createCodec, eventId, streamName, type NewEvent } from '@tender/eventstore';

/** What the event store alone can do, with nothing of a payment around it. */
export interface RawAppends {
  readonly perSecond: number;
  readonly concurrency: number;
}

const CONCURRENCY = 64;
const WARM_UP_MS = 500;
const MEASURE_MS = 2_000;
/** A category of its own: nobody subscribes to it. */
const CATEGORY = 'benchAppend';

/** Appends events of a payment's size, each to a new stream as a payment's first event is. */
export async function measureRawAppends(eventStoreUrl: string): Promise<RawAppends> {
  const log = connectEventStore({ url: eventStoreUrl, codec: createCodec(EVENT_CATALOG) });
  const startedAt = performance.now();
  const countFrom = startedAt + WARM_UP_MS;
  const endAt = countFrom + MEASURE_MS;
  let counted = 0;
  const appendOn = async (): Promise<void> => {
    for (;;) {
      const stream = streamName(CATEGORY, randomUUID());
      const outcome = await log.append(stream, 'no_stream', [eventFor(stream)]);
      if (outcome.kind !== 'appended') throw new Error(`a raw append ended as ${outcome.kind}`);
      const now = performance.now();
      if (now >= endAt) return;
      if (now >= countFrom) counted += 1;
    }
  };
  try {
    await Promise.all(Array.from({ length: CONCURRENCY }, appendOn));
    return { perSecond: (counted * 1000) / MEASURE_MS, concurrency: CONCURRENCY };
  } finally {
    await log.close();
  }
}

/** Shaped as a `PaymentInitiated`, the largest event of a plain payment. */
function eventFor(stream: string): NewEvent {
  const commandId = randomUUID();
  return {
    id: eventId(stream, commandId, 0),
    type: 'PaymentInitiated',
    data: {
      paymentId: `pay_${commandId}`,
      merchant: 'bench',
      fingerprint: 'f'.repeat(64),
      representation: 1,
      waitUntil: '2026-01-01T00:00:10.000Z',
      amountMinor: 1099n,
      currency: 'USD',
      captureMethod: 'automatic',
      paymentMethod: 'pm_card_visa',
      statementDescriptor: null,
      returnUrl: null,
      routingWish: null,
      candidates: [{ psp: 'stripe', token: 'pm_card_visa' }],
      freeText: { customerId: null, description: null, metadata: [] },
    },
    metadata: {
      schemaVersion: EVENT_CATALOG.PaymentInitiated.version,
      correlationId: stream,
      causationId: commandId,
      commandId,
      actor: 'bench',
      recordedAt: '2026-01-01T00:00:00.000Z',
    },
  };
}
