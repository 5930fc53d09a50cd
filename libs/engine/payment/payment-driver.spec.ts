import { EVENT_CATALOG, hasOutcome, type Payment } from '@tender/domain';
import { createCodec, createMemoryEventLog, ScriptedFaults, type MemoryFaults } from '@tender/eventstore';
import {
  initiate,
  newWorld,
  outcomes,
  recordOutcome,
  SAMPLE_PAYMENT_ID,
  ScriptedGateway,
  seededChance,
  settle,
  startCore,
  VirtualClock,
  type Core,
  type World,
} from '@tender/testing';
import { paymentCommands } from './payment-commands';
import { SEND_WITHIN_MS } from './payment-driver';
import { loadPayment, paymentStream } from './payment-stream';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const DAY_MS = 24 * 3_600_000;
const CONTEXT = { commandId: 'told', correlationId: 'c', causationId: 'c', actor: 'psp:stripe' };

function setUp(faults: MemoryFaults = {}): { world: World; gateway: ScriptedGateway; clock: VirtualClock } {
  const clock = new VirtualClock();
  const gateway = new ScriptedGateway();
  return { world: newWorld(clock, gateway, faults), gateway, clock };
}

const request = (core: Core): Promise<unknown> =>
  core.commands.handle(
    STREAM,
    initiate(),
    { commandId: 'the-request', correlationId: 'c', causationId: 'c', actor: 'key' },
    { expectNew: true },
  );

async function paymentIn(core: Core): Promise<Payment> {
  return (await loadPayment(core.log, STREAM))!.payment;
}

/** Starts the core, makes the payment, and lets everything happen that needs no time. */
async function paid(world: World): Promise<Core> {
  const core = startCore(world);
  await settle();
  await request(core);
  await settle();
  return core;
}

describe('one payment', () => {
  it('is charged once and recorded', async () => {
    const { world, gateway } = setUp();
    const core = await paid(world);
    expect(await paymentIn(core)).toMatchObject({ status: 'succeeded', capturedMinor: 1099n });
    expect(gateway.charges.size).toBe(1);
    await core.stop();
  });

  it('costs the worker no read of its stream while all goes well', async () => {
    const { world } = setUp();
    const core = startCore(world);
    const reads = jest.spyOn(core.log, 'readStream');
    await settle();
    await request(core);
    await settle();
    expect(reads).not.toHaveBeenCalled();
    await core.stop();
  });

  it('is not called at the PSP before its attempt is durable', async () => {
    const { world, gateway } = setUp();
    const core = startCore(world);
    const seen: number[] = [];
    const authorize = gateway.authorize.bind(gateway);
    jest.spyOn(gateway, 'authorize').mockImplementation(async (asked) => {
      seen.push((await core.log.readStream(STREAM)).length);
      return authorize(asked);
    });
    await settle();
    await request(core);
    await settle();
    expect(seen).toEqual([2]);
    await core.stop();
  });
});

describe('a crash', () => {
  const crash = async (core: Core, world: World): Promise<Core> => {
    await core.kill();
    return startCore(world);
  };

  it('between the PSP and its reply ends in one charge, found by the same key', async () => {
    const { world, gateway, clock } = setUp();
    gateway.holdNext();
    const core = await paid(world);
    const after = await crash(core, world);
    await clock.advance(10_000);
    expect((await paymentIn(after)).status).toBe('succeeded');
    expect(gateway.charges.size).toBe(1);
    expect(new Set(gateway.requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
    await after.stop();
  });

  it.each([
    ['an hour', 3_600_000],
    ['two days', 2 * DAY_MS],
  ])(
    'for %s, longer than a first send may take, ends without a charge of yesterday',
    async (_long, downMs) => {
      const { world, gateway, clock } = setUp();
      gateway.next({ charges: false }).holdNext();
      const core = await paid(world);
      await core.kill();
      await clock.advance(downMs);
      const after = startCore(world);
      await clock.advance(DAY_MS);
      expect(await paymentIn(after)).toMatchObject({ status: 'failed', failure: { code: 'never_received' } });
      expect(gateway.charges.size).toBe(0);
      await after.stop();
    },
  );

  it('for as long, after the PSP had charged, ends with that charge', async () => {
    const { world, gateway, clock } = setUp();
    gateway.holdNext();
    const core = await paid(world);
    await core.kill();
    await clock.advance(3_600_000);
    const after = startCore(world);
    await clock.advance(DAY_MS);
    expect((await paymentIn(after)).status).toBe('succeeded');
    expect(gateway.charges.size).toBe(1);
    await after.stop();
  });

  it('after which the PSP refuses the connection proves nothing: the charge of before is found', async () => {
    const { world, gateway, clock } = setUp();
    gateway.holdNext();
    const core = await paid(world);
    gateway.next({ charges: false, told: outcomes.notSent });
    const after = await crash(core, world);
    await settle();
    expect((await paymentIn(after)).status).toBe('outcome_unknown');
    await clock.advance(60_000);
    expect((await paymentIn(after)).status).toBe('succeeded');
    expect(gateway.charges.size).toBe(1);
    await after.stop();
  });
});

describe('an unknown outcome', () => {
  const lost = { charges: true, told: outcomes.unknown } as const;
  const neverArrived = { charges: false, told: outcomes.unknown } as const;

  it.each([
    ['the reply was lost', lost],
    ['the request was lost', neverArrived],
    ['a stored error hides the charge', { charges: true, told: outcomes.burnt }],
  ])('ends with one charge when %s', async (_what, scripted) => {
    const { world, gateway, clock } = setUp();
    gateway.next(scripted);
    const core = await paid(world);
    expect((await paymentIn(core)).status).toBe('outcome_unknown');
    await clock.advance(DAY_MS);
    expect((await paymentIn(core)).status).toBe('succeeded');
    expect(gateway.charges.size).toBe(1);
    await core.stop();
  });

  it('is told in the stream before its request leaves again', async () => {
    const { world, gateway, clock } = setUp();
    gateway.next(lost);
    const core = await paid(world);
    const told: string[] = [];
    const authorize = gateway.authorize.bind(gateway);
    jest.spyOn(gateway, 'authorize').mockImplementation(async (asked) => {
      const last = (await core.log.readStream(STREAM)).at(-1);
      told.push(`${last?.type ?? ''} ${String((last?.data as { answer?: string } | undefined)?.answer)}`);
      return authorize(asked);
    });
    await clock.advance(DAY_MS);
    expect(told).toEqual(['EvidenceRecorded sending']);
    await core.stop();
  });

  it.each([
    [SEND_WITHIN_MS - 1, 1],
    [SEND_WITHIN_MS, 0],
  ])('leaves no more when telling it took %d ms: %d requests', async (tookMs, sent) => {
    const { world, gateway, clock } = setUp();
    gateway.next(neverArrived);
    const core = await paid(world);
    const before = gateway.requests.length;
    const handle = core.commands.handle.bind(core.commands);
    jest.spyOn(core.commands, 'handle').mockImplementation(async (stream, command, ...rest) => {
      const handled = await handle(stream, command, ...rest);
      if (command.type === 'RecordResend') clock.standStill(tookMs);
      return handled;
    });
    const { attempts } = await paymentIn(core);
    await core.driver.wake({ stream: STREAM, subject: attempts[0]!.id });
    expect(gateway.requests.length - before).toBe(sent);
    await core.stop();
  });

  const heardAgainAsNew = async (core: Core): Promise<void> => {
    const [initiated, started] = await core.log.readStream(STREAM);
    core.commands.folded.forget(STREAM);
    for (const event of [initiated!, started!]) await core.driver.handle(event, { again: false });
  };

  it.each([
    [SEND_WITHIN_MS - 1, 1],
    [SEND_WITHIN_MS, 0],
  ])(
    'is read again before its first send, which is heard of after %d ms: %d requests',
    async (late, sent) => {
      const { world, gateway, clock } = setUp();
      gateway.next(neverArrived);
      const core = await paid(world);
      const before = gateway.requests.length;
      clock.standStill(late);
      await heardAgainAsNew(core);
      expect(gateway.requests.length - before).toBe(sent);
      await core.stop();
    },
  );

  it('is not sent by a reading of its stream that took too long: the event comes again', async () => {
    const { world, gateway, clock } = setUp();
    const core = startCore(world);
    const read = core.log.readStream.bind(core.log);
    const slowly = jest.spyOn(core.log, 'readStream').mockImplementation(async (...args) => {
      const events = await read(...args);
      clock.standStill(SEND_WITHIN_MS);
      return events;
    });
    const handle = core.driver.handle.bind(core.driver);
    // its only delivery is one that somebody else may have had before
    jest.spyOn(core.driver, 'handle').mockReturnValue(undefined);
    await settle();
    await request(core);
    await settle();
    const started = (await read(STREAM))[1]!;
    clock.standStill(SEND_WITHIN_MS);
    core.commands.folded.forget(STREAM);
    await expect(handle(started, { again: false })).rejects.toThrow('too slowly');
    expect(gateway.requests).toEqual([]);
    slowly.mockRestore();
    await core.stop();
  });

  it('lesson 4: is never turned into a failure by thirty days of silence', async () => {
    const { world, gateway, clock } = setUp();
    gateway.next({ charges: true, told: outcomes.unknown });
    jest.spyOn(gateway, 'lookup').mockResolvedValue({ kind: 'unavailable', detail: 'silence' });
    const core = await paid(world);
    gateway.next(...Array.from({ length: 2_000 }, () => lost));
    await clock.advance(30 * DAY_MS);
    const payment = await paymentIn(core);
    expect(payment.status).toBe('outcome_unknown');
    expect(hasOutcome(payment)).toBe(false);
    await core.stop();
  });

  it('is not searched by a key that the PSP may have forgotten', async () => {
    const { world, gateway, clock } = setUp();
    gateway.next(...Array.from({ length: 500 }, () => neverArrived));
    jest.spyOn(gateway, 'lookup').mockResolvedValue({ kind: 'unavailable', detail: '' });
    const core = await paid(world);
    await clock.advance(gateway.keySafeForMs);
    const sentInTime = gateway.requests.length;
    await clock.advance(3 * DAY_MS);
    expect(gateway.requests).toHaveLength(sentInTime);
    await core.stop();
  });

  it('lesson 12: is not ended by a search that the PSP’s own word overtakes', async () => {
    const { world, gateway, clock } = setUp();
    gateway.next(lost, lost);
    jest.spyOn(gateway, 'lookup').mockResolvedValue({ kind: 'found', outcome: outcomes.declined });
    const core = await paid(world);
    const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG), store: world.store });
    const elsewhere = paymentCommands({ log, clock, chance: seededChance(99) });
    const append = core.log.append.bind(core.log);
    // another process hears of the charge when the search has decided, and has not recorded it yet
    jest.spyOn(core.log, 'append').mockImplementation(async (stream, expected, events) => {
      if (events.some(({ type }) => type === 'AttemptDeclined')) {
        await elsewhere.handle(STREAM, recordOutcome(outcomes.captured, false), CONTEXT);
      }
      return append(stream, expected, events);
    });
    await clock.advance(DAY_MS);
    const types = (await log.readStream(STREAM)).map(({ type }) => type);
    expect(types.slice(-2)).toEqual(['AttemptAuthorized', 'PaymentCaptured']);
    expect((await paymentIn(core)).status).toBe('succeeded');
    await core.stop();
  });

  it('lesson 13: goes on being searched after a rung that broke', async () => {
    const { world, gateway, clock } = setUp();
    gateway.next(lost, lost);
    const lookup = jest.spyOn(gateway, 'lookup');
    for (let times = 0; times < 5; times += 1) lookup.mockRejectedValueOnce(new Error('a bug of ours'));
    const core = await paid(world);
    await clock.advance(DAY_MS);
    expect(world.problems.filter(({ what }) => what === 'rung_failed')).toHaveLength(5);
    expect((await paymentIn(core)).status).toBe('succeeded');
    await core.stop();
  });

  it('lesson 13: goes on being searched after a restart, from the open flows', async () => {
    const { world, gateway, clock } = setUp();
    gateway.next(lost);
    const core = await paid(world);
    await clock.advance(10); // the checkpoint moves on behind the event that scheduled the search
    await core.stop();
    const after = startCore(world);
    await settle();
    const [attempt] = (await paymentIn(after)).attempts;
    after.driver.derive([{ stream: STREAM, subject: attempt!.id, tries: 0 }]);
    await clock.advance(10_000);
    expect((await paymentIn(after)).status).toBe('succeeded');
    await after.stop();
  });
});

describe('what the PSP said', () => {
  it('is kept until the store has it', async () => {
    const faults = new ScriptedFaults();
    const { world, gateway, clock } = setUp(faults);
    const release = gateway.holdNext();
    const core = await paid(world);
    for (let times = 0; times < 100; times += 1) faults.nextAppend('lost');
    release();
    await clock.advance(600_000);
    expect((await paymentIn(core)).status).toBe('succeeded');
    expect(gateway.requests).toHaveLength(1);
    await core.stop();
  });

  it('after "not charged" is reported as money to give back', async () => {
    const { world, gateway } = setUp();
    gateway.next({ charges: true, told: outcomes.declined });
    const core = await paid(world);
    const { attempts } = await paymentIn(core);
    const outcome = { ...outcomes.captured, pspReference: 'pi_late' };
    const { id: attemptId } = attempts[0]!;
    await core.commands.handle(
      STREAM,
      {
        type: 'RecordAttemptOutcome',
        data: {
          attemptId,
          outcome,
          heardBy: 'reply',
          surelyFirstSend: false,
          heardAt: '2026-03-01T12:00:01.000Z',
        },
      },
      { commandId: 'late', correlationId: 'c', causationId: 'c', actor: 'test' },
    );
    await settle();
    expect(world.problems).toContainEqual({ what: 'late_success', stream: STREAM, detail: 'pi_late' });
    await core.stop();
  });
});
