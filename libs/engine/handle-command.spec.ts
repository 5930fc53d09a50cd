import type { Decider } from '@tender/domain';
import { nothing, record, refuse } from '@tender/domain';
import { createCodec, createMemoryEventLog, MemoryStore, ScriptedFaults } from '@tender/eventstore';
import { seededChance, VirtualClock } from '@tender/testing';
import { MAX_COMMANDS_WAITING_PER_STREAM, StreamCommands, type CommandContext } from './handle-command';

/** A till that never pays out more than it holds: small, but it can be double-spent like anything else. */
type TillEvent =
  | { readonly type: 'PaidIn'; readonly data: { readonly amountMinor: bigint } }
  | { readonly type: 'PaidOut'; readonly data: { readonly amountMinor: bigint } };
type TillCommand = { readonly put: bigint } | { readonly take: bigint } | { readonly ping: true };

const till: Decider<bigint, TillCommand, TillEvent, 'too_little'> = {
  initial: 0n,
  evolve: (held, { type, data }) => (type === 'PaidIn' ? held + data.amountMinor : held - data.amountMinor),
  decide: (command, held) => {
    if ('ping' in command) return nothing('a ping');
    if ('put' in command) return record({ type: 'PaidIn', data: { amountMinor: command.put } });
    return command.take > held
      ? refuse('too_little')
      : record({ type: 'PaidOut', data: { amountMinor: command.take } });
  },
};

const STREAM = 'till-1';
let commandIds = 0;
const context = (commandId = `command-${(commandIds += 1)}`): CommandContext => ({
  commandId,
  correlationId: 'c',
  causationId: 'c',
  actor: 'test',
});

function setUp(faults = new ScriptedFaults(), store = new MemoryStore()) {
  const clock = new VirtualClock();
  const codec = createCodec({ PaidIn: { version: 1 }, PaidOut: { version: 1 } });
  const log = createMemoryEventLog({ codec, store, faults });
  const appends = jest.spyOn(log, 'append');
  const reads = jest.spyOn(log, 'readStream');
  const commands = new StreamCommands({
    log,
    decider: till,
    schemaVersionOf: () => 1,
    clock,
    chance: seededChance(1),
  });
  return { clock, log, appends, reads, commands, faults, store };
}

const eventsIn = async ({ log }: ReturnType<typeof setUp>): Promise<readonly string[]> =>
  (await log.readStream(STREAM)).map(({ type }) => type);

describe('a command', () => {
  it('is not sent again by a process that stood still until its caller had gone', async () => {
    const bench = setUp();
    bench.faults.nextAppend('lost');
    const handled = bench.commands.handle(STREAM, { put: 5n }, context(), { waitMs: 2_000 });
    // the append is lost, and its sender pauses before it sends it again
    await bench.clock.advance(0);
    bench.clock.standStill(7 * 24 * 3_600_000);
    await bench.clock.advance(10_000);
    expect((await handled).kind).toBe('unconfirmed');
    expect(await eventsIn(bench)).toEqual([]);
  });

  it('is recorded once however often the very same sending is repeated after a lost reply', async () => {
    const bench = setUp();
    bench.faults.nextAppend('reply_lost');
    bench.faults.nextAppend('reply_lost');
    const handled = bench.commands.handle(STREAM, { put: 5n }, context(), { expectNew: true });
    await bench.clock.advance(5_000);
    expect(await handled).toMatchObject({ kind: 'recorded', state: 5n, revision: 0n });
    expect(await eventsIn(bench)).toEqual(['PaidIn']);
  });

  it('is recorded once when the store applies the first append only after we gave up on it', async () => {
    const bench = setUp();
    bench.faults.nextAppend('late');
    const handled = bench.commands.handle(STREAM, { put: 5n }, context(), { expectNew: true });
    await bench.clock.advance(5_000);
    expect((await handled).kind).toBe('recorded');
    expect(await eventsIn(bench)).toEqual(['PaidIn']);
  });

  it('is answered as unconfirmed when the store stays unsure beyond the wait, never as done or failed', async () => {
    const bench = setUp();
    for (let times = 0; times < 1_000; times += 1) bench.faults.nextAppend('lost');
    const handled = bench.commands.handle(STREAM, { put: 5n }, context(), { expectNew: true, waitMs: 1_000 });
    await bench.clock.advance(2_000);
    expect((await handled).kind).toBe('unconfirmed');
  });

  it('that was left unconfirmed is recorded once when it is sent again, whatever was written and known since', async () => {
    const bench = setUp();
    bench.faults.nextAppend('reply_lost');
    const sending = context();
    const unsure = bench.commands.handle(STREAM, { put: 5n }, sending, { waitMs: 0 });
    await bench.clock.advance(10);
    expect((await unsure).kind).toBe('unconfirmed');
    await bench.commands.handle(STREAM, { put: 1n }, context());
    expect(bench.commands.folded.get(STREAM)).toMatchObject({ revision: 1n });
    const again = await bench.commands.handle(STREAM, { put: 5n }, sending, { again: true });
    expect(again).toMatchObject({ kind: 'recorded', state: 6n, revision: 1n });
    expect(await eventsIn(bench)).toEqual(['PaidIn', 'PaidIn']);
  });

  it('that shares its append with others is known by itself when it is sent again', async () => {
    const bench = setUp();
    bench.faults.nextAppend('reply_lost');
    const sendings = [context(), context()];
    const unsure = sendings.map((one) => bench.commands.handle(STREAM, { put: 5n }, one, { waitMs: 0 }));
    await bench.clock.advance(10);
    await Promise.all(unsure);
    const again = [...sendings, context()].map((one) =>
      bench.commands.handle(STREAM, { put: 5n }, one, { again: true }),
    );
    expect((await Promise.all(again)).map(({ kind }) => kind)).toEqual(again.map(() => 'recorded'));
    expect(await eventsIn(bench)).toEqual(again.map(() => 'PaidIn'));
  });

  it('expected to be the first costs no read', async () => {
    const bench = setUp();
    await bench.commands.handle(STREAM, { put: 5n }, context(), { expectNew: true });
    expect(bench.reads).not.toHaveBeenCalled();
  });

  it('expected to be the first is decided again on what the stream holds when it is not', async () => {
    const bench = setUp();
    await setUp(new ScriptedFaults(), bench.store).commands.handle(STREAM, { put: 1n }, context());
    const handled = await bench.commands.handle(STREAM, { put: 2n }, context(), { expectNew: true });
    expect(handled).toMatchObject({ kind: 'recorded', state: 3n, revision: 1n });
  });

  it.each([{ ping: true as const }, { take: 5n }])(
    'that records nothing is never answered from memory alone: %o',
    async (command) => {
      const bench = setUp();
      await bench.commands.handle(STREAM, { put: 1n }, context());
      // another process makes the till richer, and this one does not know
      await setUp(new ScriptedFaults(), bench.store).commands.handle(STREAM, { put: 10n }, context());
      const handled = await bench.commands.handle(STREAM, command, context());
      expect(handled).toMatchObject(
        'take' in command ? { kind: 'recorded', state: 6n } : { kind: 'nothing', state: 11n },
      );
    },
  );

  it('is rejected when the stream cannot be read, and the next one is heard', async () => {
    const bench = setUp();
    bench.faults.nextRead('failed');
    await expect(bench.commands.handle(STREAM, { put: 1n }, context())).rejects.toThrow('readStream');
    expect((await bench.commands.handle(STREAM, { put: 1n }, context())).kind).toBe('recorded');
  });

  it('is a conflict when others keep writing until the wait is over, and nothing of it is recorded', async () => {
    const bench = setUp();
    bench.appends.mockImplementation(() => Promise.resolve({ kind: 'wrong_revision', current: 7n }));
    const handled = bench.commands.handle(STREAM, { put: 1n }, context(), { waitMs: 1_000 });
    await bench.clock.advance(2_000);
    expect((await handled).kind).toBe('conflict');
  });
});

describe('many commands on one stream at once', () => {
  it('never take more than there is', async () => {
    const bench = setUp();
    await bench.commands.handle(STREAM, { put: 100n }, context());
    const handled = await Promise.all(
      Array.from({ length: 200 }, () => bench.commands.handle(STREAM, { take: 1n }, context())),
    );
    expect(handled.filter(({ kind }) => kind === 'recorded')).toHaveLength(100);
    expect(handled.filter(({ kind }) => kind === 'refused')).toHaveLength(100);
    expect(await eventsIn(bench)).toHaveLength(101);
  });

  it('share appends and reads instead of racing each other', async () => {
    const bench = setUp();
    await Promise.all(
      Array.from({ length: 200 }, () => bench.commands.handle(STREAM, { put: 1n }, context())),
    );
    expect(bench.appends.mock.calls.length).toBeLessThan(10);
    expect(bench.reads.mock.calls.length).toBeLessThan(3);
  });

  it('lesson 15: of several processes never take more than there is, either', async () => {
    const store = new MemoryStore();
    const clock = new VirtualClock();
    const codec = createCodec({ PaidIn: { version: 1 }, PaidOut: { version: 1 } });
    const processes = [1, 2, 3].map((seed) => {
      const log = createMemoryEventLog({ codec, store });
      return new StreamCommands({
        log,
        decider: till,
        schemaVersionOf: () => 1,
        clock,
        chance: seededChance(seed),
      });
    });
    await processes[0]!.handle(STREAM, { put: 50n }, context());
    const all = Promise.all(
      Array.from({ length: 120 }, (_, index) =>
        processes[index % 3]!.handle(STREAM, { take: 1n }, context()),
      ),
    );
    await clock.advance(60_000);
    expect((await all).filter(({ kind }) => kind === 'recorded')).toHaveLength(50);
  });

  it('beyond the limit of the queue are turned away with nothing recorded', async () => {
    const bench = setUp();
    const sent = Array.from({ length: MAX_COMMANDS_WAITING_PER_STREAM + 2 }, () =>
      bench.commands.handle(STREAM, { put: 1n }, context()),
    );
    const handled = await Promise.all(sent);
    // the first one is taken off the queue at once, so one more than the limit is heard
    expect(handled.filter(({ kind }) => kind === 'unconfirmed')).toHaveLength(1);
    expect(await eventsIn(bench)).toHaveLength(MAX_COMMANDS_WAITING_PER_STREAM + 1);
  });
});
