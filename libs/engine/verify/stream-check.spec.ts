import { EVENT_CATALOG } from '@tender/domain';
import {
  createCodec,
  createMemoryEventLog,
  type InspectedRecord,
  type RecordedEvent,
} from '@tender/eventstore';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_PAYMENT_ID,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { paymentCommands } from '../payment/payment-commands';
import { paymentStream } from '../payment/payment-stream';
import { StreamCheck } from './stream-check';
import { StreamHistories } from './stream-histories';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);

async function recorded() {
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const chance = seededChance(1);
  const commands = paymentCommands({ log, clock: new VirtualClock(), chance });
  const context = () => ({ commandId: chance.uuid(), correlationId: 'c', causationId: 'c', actor: 'test' });
  await commands.handle(STREAM, initiate(), context());
  await commands.handle(STREAM, recordOutcome(outcomes.captured), context());
  return { log, events: await log.readStream(STREAM) };
}

const asRecords = (events: readonly RecordedEvent[]): readonly InspectedRecord[] =>
  events.map((event) => ({ kind: 'event', event }));

/** A check that reads streams as they are given here, one after another. */
async function checked(events: readonly RecordedEvent[], stream = events, maxStreams?: number) {
  const { log } = await recorded();
  const readStream = () => Promise.resolve(stream);
  const histories = new StreamHistories({ readStream });
  const check = new StreamCheck({ inspection: log, histories }, maxStreams);
  const { found } = await check.take(asRecords(events));
  return found.map(({ kind, at }) => `${kind} ${at ?? ''}`);
}

describe('the check of streams', () => {
  it('finds nothing in a whole stream, wherever the walk begins', async () => {
    const { events } = await recorded();
    for (let from = 0; from < events.length; from += 1) {
      expect(await checked(events.slice(from), events)).toStrictEqual([]);
    }
  });

  it('names each revision that is missing', async () => {
    const { events } = await recorded();
    for (let gone = 1; gone < events.length - 1; gone += 1) {
      expect(await checked(events.filter((_, index) => index !== gone))).toContain(`gap ${gone}`);
    }
  });

  it('names a stream whose beginning is gone', async () => {
    const { events } = await recorded();
    expect(await checked(events.slice(2), [])).toContain('truncated_stream 0');
  });

  it('names a payment that begins a second time', async () => {
    const { events } = await recorded();
    const [first] = events;
    if (first === undefined) throw new Error('no event');
    const again = { ...first, revision: BigInt(events.length) };
    expect(await checked([...events, again])).toStrictEqual([`broken_outcome ${events.length}`]);
  });

  it('names a payment in the stream of another', async () => {
    const { events } = await recorded();
    const other = events.map((event) => ({
      ...event,
      stream: paymentStream('00000000-0000-4000-8000-000000000000'),
    }));
    expect(await checked(other)).toContain('broken_outcome 0');
  });

  it('names an outcome that this release cannot render', async () => {
    const { events } = await recorded();
    const [first, ...rest] = events;
    if (first === undefined) throw new Error('no event');
    const later = { ...first, data: { ...first.data, representation: 2 } };
    const found = await checked([later, ...rest]);
    expect(found[0]).toMatch(/^broken_outcome \d$/);
  });

  it('names what it cannot read, once, and goes on', async () => {
    const { log, events } = await recorded();
    const histories = new StreamHistories({ readStream: () => Promise.resolve(events) });
    const check = new StreamCheck({ inspection: log, histories });
    const records = asRecords(events).map((record, index): InspectedRecord => {
      const event = events[index];
      if (index !== 1 || event === undefined) return record;
      const { stream, revision, position } = event;
      return { kind: 'unreadable', stream, revision, position, reason: 'unknown type' };
    });
    const { found } = await check.take(records);
    expect(found.map(({ kind }) => kind)).toContain('unreadable_event');
    expect(found.map(({ kind }) => kind)).not.toContain('gap');
  });
});
