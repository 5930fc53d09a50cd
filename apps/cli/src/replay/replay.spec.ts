import { EVENT_CATALOG } from '@tender/domain';
import { foldPayment, paymentCommands, paymentStream } from '@tender/engine';
import { createCodec, createMemoryEventLog, type RecordedEvent } from '@tender/eventstore';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_PAYMENT_ID,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { CliFailure } from '../exit-codes';
import { momentFrom } from './moment';
import { replayPayment } from './replay';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const GAP_MS = 1_000;

/** Two appends, a second apart. */
async function recordedPayment() {
  const clock = new VirtualClock();
  const chance = seededChance(1);
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const commands = paymentCommands({ log, clock, chance });
  const context = () => ({ commandId: chance.uuid(), correlationId: 'c', causationId: 'c', actor: 'test' });
  await commands.handle(STREAM, initiate(), context());
  await clock.advance(GAP_MS);
  await commands.handle(STREAM, recordOutcome(outcomes.captured), context());
  return { log, events: await log.readStream(STREAM) };
}

const momentsOf = ({ revision, position, metadata }: RecordedEvent): readonly string[] => [
  revision.toString(),
  `${position.commit}/${position.prepare}`,
  metadata.recordedAt,
];

describe('a replay', () => {
  it('by revision, position or time is the fold of what had been recorded by then', async () => {
    const { log, events } = await recordedPayment();
    for (const [index, event] of events.entries()) {
      const [byRevision = '', byPosition = '', byTime = ''] = momentsOf(event);
      const sameTime = events.filter(({ metadata }) => metadata.recordedAt <= event.metadata.recordedAt);
      for (const [to, upTo] of [
        [byRevision, events.slice(0, index + 1)],
        [byPosition, events.slice(0, index + 1)],
        [byTime, sameTime],
      ] as const) {
        const replayed = JSON.parse(
          await replayPayment(log, SAMPLE_PAYMENT_ID, { to: momentFrom(to), json: true }),
        ) as { payment: { revision: number }; state: { status: string } };
        const expected = foldPayment(upTo);
        expect(BigInt(replayed.payment.revision)).toBe(expected?.revision);
        expect(replayed.state.status).toBe(expected?.payment.status);
      }
    }
  });

  it('before the payment began says when it did', async () => {
    const { log, events } = await recordedPayment();
    const begins = events[0]?.metadata.recordedAt ?? '';
    const to = momentFrom(new Date(Date.parse(begins) - 1).toISOString());
    const replay = replayPayment(log, SAMPLE_PAYMENT_ID, { to, json: false });
    await expect(replay).rejects.toThrow(`it begins at ${begins}`);
  });
});

describe('a moment', () => {
  it.each(['', 'yesterday', '-1', '1/2/3', '2026-01-31', '2026-13-31T12:00:00Z', '1.5'])(
    'is not "%s"',
    (text) => {
      expect(() => momentFrom(text)).toThrow(CliFailure);
    },
  );
});
