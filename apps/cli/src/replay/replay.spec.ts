import { EVENT_CATALOG } from '@tender/domain';
import { foldPayment, paymentCommands, paymentStream } from '@tender/engine';
import { createCodec, createMemoryEventLog, type RecordedEvent } from '@tender/eventstore';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  seededChance,
  VirtualClock,
} from '@tender/testing';
import { CliFailure } from '../exit-codes';
import { momentFrom } from './moment';
import { replayPayment } from './replay';
import { replayAccount } from './replay-account';

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

describe('the replay of an account', () => {
  interface AccountJson {
    readonly as_of_seq: number;
    readonly totals: readonly {
      readonly debit: string;
      readonly credit: string;
      readonly currency: string;
    }[];
  }

  const accountAt = async (
    log: Parameters<typeof replayAccount>[0],
    account: string,
    to: string,
    key?: string,
  ): Promise<AccountJson> =>
    JSON.parse(await replayAccount(log, { account, key, to: momentFrom(to), json: true })) as AccountJson;

  it('is the sum of the journals of what had been recorded by then', async () => {
    const { log, events } = await recordedPayment();
    const captured = events.at(-1);
    const before = events.at(-2);
    const placeOf = (event: RecordedEvent | undefined): string =>
      `${event?.position.commit ?? 0n}/${event?.position.prepare ?? 0n}`;
    const totals = [{ ledger: 'demo', currency: 'USD', debit: '1099', credit: '0', balance: '1099' }];
    expect(await accountAt(log, '1110', placeOf(captured))).toMatchObject({ as_of_seq: 1, totals });
    expect(await accountAt(log, '1110', placeOf(before))).toMatchObject({ as_of_seq: 0, totals: [] });
    expect(await accountAt(log, '1110', '1', SAMPLE_ATTEMPT_ID)).toMatchObject({ totals });
    expect(await accountAt(log, '1110', '1', 'another')).toMatchObject({ totals: [] });
    expect(await accountAt(log, '1110', '0')).toMatchObject({ as_of_seq: 0, totals: [] });
  });

  it('of no account in the chart is a mistake', async () => {
    const { log } = await recordedPayment();
    await expect(accountAt(log, '1111', '1')).rejects.toThrow('There is no account "1111" in the chart.');
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
