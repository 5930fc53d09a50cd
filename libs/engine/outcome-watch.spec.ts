import { EVENT_CATALOG } from '@tender/domain';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import {
  initiate,
  outcomes,
  recordOutcome,
  SAMPLE_PAYMENT_ID,
  seededChance,
  settle,
  VirtualClock,
} from '@tender/testing';
import { MAX_WATCHED_GOALS, OutcomeWatch } from './outcome-watch';
import { paymentCommands } from './payment/payment-commands';
import { loadPayment, OUTCOME, PAYMENTS, paymentStream, type PaymentGoal } from './payment/payment-stream';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);

async function setUp() {
  const clock = new VirtualClock();
  const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  const reads = jest.spyOn(log, 'readStream');
  const commands = paymentCommands({ log, clock, chance: seededChance(1) });
  let ids = 0;
  const handle = (command: Parameters<typeof commands.handle>[1]) =>
    commands.handle(STREAM, command, {
      commandId: `c-${(ids += 1)}`,
      correlationId: 'c',
      causationId: 'c',
      actor: 'test',
    });
  const watch = new OutcomeWatch(PAYMENTS, { log, clock, report: () => undefined });
  await watch.start();
  return { clock, log, reads, handle, watch };
}

describe('waiting for an outcome', () => {
  it('ends with the payment at its outcome, without reading the stream', async () => {
    const { watch, handle, clock, reads } = await setUp();
    const watcher = watch.watch(STREAM, OUTCOME);
    await handle(initiate());
    reads.mockClear();
    const outcome = watcher.outcome(10_000);
    await handle(recordOutcome(outcomes.captured));
    await clock.advance(1);
    expect(await outcome).toMatchObject({ payment: { status: 'succeeded' }, revision: 3n });
    expect(reads).not.toHaveBeenCalled();
    watcher.release();
  });

  it('ends empty-handed after the wait, neither before nor later', async () => {
    const { watch, handle, clock } = await setUp();
    const watcher = watch.watch(STREAM, OUTCOME);
    await handle(initiate());
    let ended = false;
    const outcome = watcher.outcome(10_000).finally(() => (ended = true));
    await clock.advance(9_999);
    expect(ended).toBe(false);
    await clock.advance(1);
    expect(await outcome).toBeUndefined();
  });

  it('sees an outcome that was recorded between the watch and the wait', async () => {
    const { watch, handle } = await setUp();
    const watcher = watch.watch(STREAM, OUTCOME);
    await handle(initiate());
    await handle(recordOutcome(outcomes.declined));
    await settle();
    expect(await watcher.outcome(0)).toMatchObject({ payment: { status: 'failed' } });
  });

  it('of a payment that is older than the watch ends, too', async () => {
    const { watch, handle, clock } = await setUp();
    await handle(initiate());
    await settle();
    const watcher = watch.watch(STREAM, OUTCOME);
    const outcome = watcher.outcome(10_000);
    await handle(recordOutcome(outcomes.captured));
    await clock.advance(1);
    expect(await outcome).toMatchObject({ payment: { status: 'succeeded' } });
  });

  it('is one answer for all who wait', async () => {
    const { watch, handle, clock } = await setUp();
    const watchers = Array.from({ length: 100 }, () => watch.watch(STREAM, OUTCOME));
    await handle(initiate());
    const all = Promise.all(watchers.map((watcher) => watcher.outcome(10_000)));
    await handle(recordOutcome(outcomes.captured));
    await clock.advance(1);
    expect(new Set((await all).map((at) => at!.payment)).size).toBe(1);
  });

  it('survives a dropped subscription', async () => {
    const { watch, handle, clock, log } = await setUp();
    const watcher = watch.watch(STREAM, OUTCOME);
    await handle(initiate());
    await settle();
    const outcome = watcher.outcome(10_000);
    log.dropSubscriptions('the server went away');
    await handle(recordOutcome(outcomes.captured));
    await clock.advance(5_000);
    expect(await outcome).toMatchObject({ payment: { status: 'succeeded' } });
  });

  it('for several goals of one payment ends for each at its own event', async () => {
    const { watch, handle, clock, log } = await setUp();
    await handle(initiate());
    const { payment: state, revision } = (await loadPayment(log, STREAM))!;
    const authorized: PaymentGoal = {
      name: 'authorized',
      isReached: ({ authorizedMinor }) => authorizedMinor > 0n,
    };
    const watchers = [watch.watch(STREAM, OUTCOME), watch.watch(STREAM, authorized, { state, revision })];
    const waiting = Promise.all(watchers.map((watcher) => watcher.outcome(10_000)));
    await handle(recordOutcome(outcomes.captured));
    await clock.advance(1);
    const [outcome, firstAuthorized] = await waiting;
    expect(firstAuthorized).toMatchObject({ payment: { status: 'processing' }, revision: 2n });
    expect(outcome).toMatchObject({ payment: { status: 'succeeded' }, revision: 3n });
    for (const watcher of watchers) watcher.release();
    expect(watch.size).toBe(0);
  });

  it('leaves nothing behind', async () => {
    const { watch, handle } = await setUp();
    const watchers = [watch.watch(STREAM, OUTCOME), watch.watch(STREAM, OUTCOME)];
    await handle(initiate());
    for (const watcher of watchers) watcher.release();
    expect(watch.size).toBe(0);
  });

  it('is refused beyond the limit: the caller is answered with what is known', async () => {
    const { watch } = await setUp();
    for (let index = 0; index < MAX_WATCHED_GOALS; index += 1) watch.watch(`payment-${index}`, OUTCOME);
    expect(await watch.watch('payment-one-too-many', OUTCOME).outcome(10_000)).toBeUndefined();
    expect(watch.size).toBe(MAX_WATCHED_GOALS);
  });
});
