import type { PspGateway } from '@tender/domain';
import { VirtualClock } from '@tender/testing';
import { createAdyenGateway } from './adyen';
import * as adyen from './adyen/scripted-adyen.fixture';
import type { WholeReply } from './one-shot-request';
import { OneShotSender } from './one-shot-request';
import { protectGateway, type WindowedGateway } from './resilience';
import type { ScriptedPsp } from './scripted-psp.fixture';
import { json, startScriptedPsp } from './scripted-psp.fixture';
import { LEAVES_WITHIN_MS, SendWindows } from './send-windows';
import { createStripeGateway } from './stripe';
import * as stripe from './stripe/scripted-stripe.fixture';

const LIMITS = { maxConcurrent: 10, maxWaiting: 1, maxWaitMs: 2_000 };

let psp: ScriptedPsp;

beforeEach(async () => {
  psp = await startScriptedPsp(json(200, stripe.intent({ status: 'requires_confirmation' })));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await psp.stop();
});

describe('what comes to an open connection too late is not written', () => {
  let now: number;
  let windows: SendWindows;
  let sender: OneShotSender;

  beforeEach(() => {
    now = 1_000;
    windows = new SendWindows([() => now]);
    sender = new OneShotSender('http', windows);
  });

  afterEach(() => {
    sender.close();
  });

  const send = (idempotencyKey: string | undefined): Promise<WholeReply> =>
    sender.send({
      ...{ host: '127.0.0.1', port: new URL(psp.url).port, path: '/', method: 'POST', idempotencyKey },
      ...{ headers: { 'content-length': 2 }, body: '{}', timeoutMs: 2_000 },
    });

  it.each([
    ['a new connection', 0],
    ['one that was used before', 1],
  ])('%s', async (_name, before) => {
    for (let n = 0; n < before; n += 1) await send(`before-${n}`);
    const held = (key: string, forMs: number): Promise<WholeReply> => {
      const close = windows.opened(key, 500);
      const sent = send(key);
      now += forMs;
      return sent.finally(close);
    };
    await expect(held('in-time', 500)).resolves.toMatchObject({ status: 200 });
    await expect(held('too-late', 501)).rejects.toMatchObject({ kind: 'too_late' });
    expect(psp.seen).toHaveLength(before + 1);
  });

  it('nor where the process stands still while the connection opens', async () => {
    windows.opened('key', 500);
    const sent = send('key');
    // the request has its socket by then, and the socket is not open yet
    for (let tick = 0; tick < 10; tick += 1) await Promise.resolve();
    await new Promise<void>((ticked) => {
      process.nextTick(() => {
        process.nextTick(ticked);
      });
    });
    now += 501;
    await expect(sent).rejects.toMatchObject({ kind: 'too_late' });
    expect(psp.seen).toEqual([]);
  });

  it('counts from its own beginning where nobody has said when it was decided', async () => {
    const sent = send('nobodys');
    now += LEAVES_WITHIN_MS + 1;
    await expect(sent).rejects.toMatchObject({ kind: 'too_late' });
  });

  it('is never too late for a question', async () => {
    const sent = send(undefined);
    now += 3_600_000;
    await expect(sent).resolves.toMatchObject({ status: 200 });
  });
});

describe('a window', () => {
  it('has passed as soon as one of its timepieces says so: one may be set back, the other stand still', () => {
    const at = { wall: 0, steady: 0 };
    const windows = new SendWindows([() => at.wall, () => at.steady]);
    windows.opened('key', 100);
    const window = windows.of('key');
    const passed = (wall: number, steady: number): boolean => {
      Object.assign(at, { wall, steady });
      return window.hasPassed();
    };
    expect([passed(100, 100), passed(-5_000, 101), passed(101, 0)]).toEqual([false, true, true]);
  });

  it('is as long as the latest decision on the same request says, until every call with it is over', () => {
    let now = 0;
    const windows = new SendWindows([() => now]);
    const closeFirst = windows.opened('key', 100);
    const first = windows.of('key');
    now = 90;
    const closeSecond = windows.opened('key', 100);
    now = 150;
    expect(first.hasPassed()).toBe(false);
    closeSecond();
    now = 191;
    expect([first.hasPassed(), windows.of('key').hasPassed()]).toEqual([true, true]);
    closeFirst();
    expect(windows.of('key').hasPassed()).toBe(false);
  });
});

const SAMPLES = {
  stripe: { ...stripe, COMPLETION: { ...adyen.COMPLETION, pspReference: 'pi_1' } },
  adyen,
};

type Samples = (typeof SAMPLES)[keyof typeof SAMPLES];

const CALLS: Readonly<Record<string, (to: PspGateway, of: Samples) => Promise<object>>> = {
  authorize: (to, { REQUEST }) => to.authorize(REQUEST),
  completeAction: (to, { COMPLETION }) => to.completeAction(COMPLETION),
  capture: (to, { OPERATION }) => to.capture(OPERATION),
  cancel: (to, { OPERATION }) => to.cancel({ ...OPERATION, kind: 'cancel' }),
  reverse: (to, { OPERATION }) => to.reverse({ ...OPERATION, kind: 'reversal' }),
  refund: (to, { REFUND }) => to.refund(REFUND),
};

const gatewayOf = (name: keyof typeof SAMPLES): WindowedGateway & { close(): void } =>
  name === 'stripe'
    ? createStripeGateway({ apiKey: 'sk_test_x', baseUrl: psp.url, callTimeoutMs: 2_000 })
    : createAdyenGateway({
        ...{ apiKey: 'key', merchantAccount: 'TenderECOM', returnUrl: 'https://shop.example/back' },
        ...{ baseUrl: psp.url, callTimeoutMs: 2_000 },
      });

describe('a process that stands still after its last check does not send any more', () => {
  const cases = (['stripe', 'adyen'] as const).flatMap((name) =>
    Object.keys(CALLS).map((operation) => ({ name, operation })),
  );

  it.each(cases)('$name $operation', async ({ name, operation }) => {
    const gateway = gatewayOf(name);
    const guarded = protectGateway(gateway, { limits: LIMITS, clock: new VirtualClock() });
    const wokenAtMs = Date.now() + LIMITS.maxWaitMs + LEAVES_WITHIN_MS + 1_000;
    const sending = CALLS[operation]!(guarded, SAMPLES[name]);
    // the SDK is at work, and the connection opens, when the process goes on
    jest.spyOn(Date, 'now').mockReturnValue(wokenAtMs);
    const outcome = await sending;
    gateway.close();
    // Stripe's completion says in words that it was not sent: the charge itself had left before
    expect(Object.values(outcome).join(' ')).toContain('expired');
    expect(psp.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  });
});
