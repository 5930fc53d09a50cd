import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { FaultyLink } from './faulty-link';

/** Answers every byte with itself, in capitals. */
async function echo(): Promise<{ server: Server; port: number; received: () => string }> {
  let received = '';
  const server = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (bytes) => {
        received += bytes.toString();
        socket.write(bytes.toString().toUpperCase());
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port, received: () => received };
}

class Caller {
  heard = '';
  failed = '';
  readonly closed: Promise<void>;

  constructor(readonly socket: Socket) {
    socket.on('data', (bytes) => (this.heard += bytes.toString()));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.failed = error.code ?? 'failed'));
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        resolve();
      }),
    );
  }

  async hears(text: string): Promise<void> {
    while (this.heard !== text) await pause(5);
  }
}

const pause = (ms: number): Promise<void> => new Promise((wake) => setTimeout(wake, ms));
const QUIET_MS = 100;

describe('a link', () => {
  let target: Awaited<ReturnType<typeof echo>>;
  let link: FaultyLink;
  let callers: Caller[] = [];

  const call = (): Caller => {
    const caller = new Caller(connect(link.port, '127.0.0.1'));
    callers.push(caller);
    return caller;
  };

  beforeEach(async () => {
    callers = [];
    target = await echo();
    link = await FaultyLink.open(target.port);
  });

  afterEach(async () => {
    for (const { socket } of callers) socket.destroy();
    await link.close();
    await new Promise((resolve) => target.server.close(resolve));
  });

  it('passes everything on, both ways, and the end of it', async () => {
    const caller = call();
    caller.socket.write('one');
    await caller.hears('ONE');
    caller.socket.end();
    await caller.closed;
    expect(caller.failed).toBe('');
  });

  it('that delays keeps the order, also when it is healed meanwhile', async () => {
    const caller = call();
    await link.become({ kind: 'delay', ms: QUIET_MS });
    caller.socket.write('one ');
    await pause(QUIET_MS / 4);
    expect(caller.heard).toBe('');
    await link.become(undefined);
    caller.socket.write('two');
    await caller.hears('ONE TWO');
  });

  it('that drops is silent, and breaks what it has robbed of bytes when it is healed', async () => {
    const [robbed, spared] = [call(), call()];
    for (const { socket } of [robbed, spared])
      await new Promise((resolve) => socket.once('connect', resolve));
    await link.become({ kind: 'drop' });
    robbed.socket.write('lost');
    await pause(QUIET_MS);
    expect([robbed.heard, target.received(), robbed.socket.destroyed]).toStrictEqual(['', '', false]);
    await link.become(undefined);
    await robbed.closed;
    expect(robbed.failed).toBe('ECONNRESET');
    spared.socket.write('whole');
    await spared.hears('WHOLE');
  });

  it('that is half open lets requests arrive, and no answers', async () => {
    const caller = call();
    await link.become({ kind: 'half_open' });
    caller.socket.write('charge');
    while (target.received() !== 'charge') await pause(5);
    await pause(QUIET_MS);
    expect([caller.heard, caller.socket.destroyed]).toStrictEqual(['', false]);
    await link.become(undefined);
    await caller.closed;
    expect(caller.failed).toBe('ECONNRESET');
  });

  it.each([
    ['resets breaks old connections and new ones', 'reset', 'ECONNRESET'],
    ['refuses breaks old connections and opens no new one', 'refuse', 'ECONNREFUSED'],
  ] as const)('that %s', async (_, kind, expected) => {
    const before = call();
    before.socket.write('one');
    await before.hears('ONE');
    await link.become({ kind });
    await before.closed;
    expect(before.failed).toBe('ECONNRESET');
    const during = call();
    await during.closed;
    expect(during.failed).toBe(expected);
    await link.become(undefined);
    const after = call();
    after.socket.write('two');
    await after.hears('TWO');
  });
});
