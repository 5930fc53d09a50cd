import type { AuthorizeOutcome, AuthorizeRequest, LookupRequest, RefundRequest } from '@tender/domain';
import { outcomes, ScriptedGateway, settle, VirtualClock } from '@tender/testing';
import { BREAKER_MIN_CALLS, BREAKER_OPEN_FOR_MS } from './circuit-breaker';
import { HEALTH_OF } from './operation-rules';
import { protectGateway, STALE_AFTER_MS, type ProtectionLimits } from './protected-gateway';
import { MAX_UNRESOLVED_KEYS, UnresolvedKeys } from './unresolved-keys';

const LIMITS: ProtectionLimits = { maxConcurrent: 4, maxWaiting: 2, maxWaitMs: 2_000 };

function setUp(change: Partial<ProtectionLimits> = {}, script?: (psp: ScriptedGateway) => unknown) {
  const clock = new VirtualClock();
  const psp = new ScriptedGateway();
  script?.(psp);
  const refused: string[] = [];
  const changes: string[] = [];
  const gateway = protectGateway(psp, {
    limits: { ...LIMITS, ...change },
    clock,
    onRefused: ({ operation, why }) => refused.push(`${operation} ${why}`),
    onBreaker: ({ psp: name, operation, to }) => changes.push(`${name} ${operation} ${to}`),
  });
  const told = async (outcome: AuthorizeOutcome, times = 1): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      psp.next({ charges: false, told: outcome });
      await gateway.authorize(request(`told-${refused.length}-${n}`));
    }
  };
  return { clock, psp, gateway, refused, changes, told };
}

const request = (key = 'key'): AuthorizeRequest => ({
  requestVersion: 1,
  attemptId: `attempt of ${key}`,
  paymentId: 'payment',
  idempotencyKey: key,
  amountMinor: 1099n,
  currency: 'USD',
  token: 'pm_card_visa',
  captureMethod: 'automatic',
  statementDescriptor: null,
  returnUrl: null,
  customerId: null,
});
const question: LookupRequest = {
  attemptId: 'attempt of key',
  pspReference: null,
  startedAt: '2026-03-01T12:00:00.000Z',
  currency: 'USD',
  amountMinor: 1099n,
};
const refundOf = (operationId: string): RefundRequest => ({
  requestVersion: 1,
  operationId,
  refundId: 'refund',
  attemptId: 'attempt of key',
  paymentId: 'payment',
  pspReference: 'pi_1',
  captureReference: null,
  amountMinor: 1n,
  currency: 'USD',
  reason: null,
});
const DOWN = Object.entries(HEALTH_OF).flatMap(([why, health]) => (health === 'down' ? [why] : []));

describe('a protected gateway', () => {
  it('hands on what the PSP says', async () => {
    const { gateway } = setUp();
    expect(await gateway.authorize(request())).toMatchObject({ kind: 'approved', amountMinor: 1099n });
    expect(await gateway.lookup(question)).toMatchObject({ kind: 'found' });
    expect(gateway.protection().permitsInUse).toEqual({ first_send: 0, search: 0 });
  });

  it('counts the wait for a permit into the life of a key, since it begins after the decision to send', () => {
    const { gateway, psp } = setUp();
    expect(gateway.keySafeForMs).toBe(psp.keySafeForMs - LIMITS.maxWaitMs);
  });

  it.each(['circuit_open', 'no_permit', 'rate_limited'] as const)(
    'has not called the PSP when it says not sent: %s',
    async (why) => {
      const { clock, gateway, psp, refused, told } = setUp(
        why === 'rate_limited' ? { perSecond: 1 } : { maxWaiting: 0 },
      );
      if (why === 'circuit_open') await told(outcomes.unknown, BREAKER_MIN_CALLS);
      if (why === 'rate_limited') await gateway.authorize(request('spends the token'));
      if (why === 'no_permit') {
        for (const key of ['1', '2', '3']) {
          psp.holdNext();
          void gateway.authorize(request(key));
        }
      }
      await settle();
      const before = psp.requests.length;
      const asking = gateway.authorize(request());
      await clock.advance(0);
      expect(await asking).toMatchObject({ kind: 'not_sent', why });
      expect(psp.requests).toHaveLength(before);
      expect(refused).toEqual([`authorize ${why}`]);
    },
  );

  it('says of a look-up that was not made that it is unavailable, never that nothing was found', async () => {
    const { gateway, psp } = setUp({ perSecondEachEndpoint: 1 });
    await gateway.lookup(question);
    expect(await gateway.lookup(question)).toMatchObject({ kind: 'unavailable' });
    expect(psp.lookups).toBe(1);
  });

  it('gives the permit back after a call that throws', async () => {
    const { gateway } = setUp({}, (psp) =>
      jest.spyOn(psp, 'authorize').mockRejectedValue(new Error('a bug')),
    );
    await expect(gateway.authorize(request())).rejects.toThrow('a bug');
    expect(gateway.protection().permitsInUse).toEqual({ first_send: 0, search: 0 });
  });
});

describe('a refund', () => {
  const unknown = {
    kind: 'unknown',
    why: 'timeout',
    detail: '',
    pspReference: null,
    keyBurnt: false,
  } as const;

  it('has a breaker of its own, and one that was not made is not sent', async () => {
    const { gateway, psp } = setUp();
    for (let n = 0; n < BREAKER_MIN_CALLS; n += 1) {
      psp.nextRefund({ does: false, told: unknown });
      await gateway.refund(refundOf(`re_${n}`));
    }
    expect(await gateway.refund(refundOf('re_1'))).toMatchObject({ kind: 'not_sent', why: 'circuit_open' });
    expect(gateway.protection().breakers).toMatchObject({ refund: 'open', authorize: 'closed' });
  });

  it('whose outcome is not known is a search when it comes again: new charges cannot take its room', async () => {
    const { gateway, psp } = setUp({ maxWaiting: 0 });
    psp.nextRefund({ does: true, told: unknown });
    await gateway.authorize(request());
    await gateway.refund(refundOf('re_1'));
    for (const key of ['1', '2', '3']) {
      psp.holdNext();
      void gateway.authorize(request(key));
    }
    await settle();
    expect(await gateway.refund(refundOf('re_2'))).toMatchObject({ why: 'no_permit' });
    expect(await gateway.refund(refundOf('re_1'))).toMatchObject({ kind: 'succeeded' });
  });
});

describe('the circuit', () => {
  it.each<[string, AuthorizeOutcome, boolean]>([
    ['a timeout', outcomes.unknown, true],
    ['a refused connection', outcomes.notSent, true],
    ['a server error', { ...outcomes.unknown, why: 'server_error' }, true],
    ['an old server error that is replayed', outcomes.burnt, false],
    ['a decline', outcomes.declined, false],
    ['a rate limit of the PSP', { ...outcomes.notSent, why: 'rate_limited' }, false],
    ['a key that is being worked on', { ...outcomes.unknown, why: 'key_in_progress' }, false],
    ['a question to the buyer', outcomes.actionRequired, false],
  ])('after nothing but %s', async (_what, outcome, opens) => {
    const { changes, told } = setUp();
    await told(outcome, BREAKER_MIN_CALLS);
    expect(changes).toEqual(opens ? ['stripe authorize open'] : []);
  });

  it('counts as down exactly what is technical', () => {
    expect(DOWN.sort()).toEqual([
      'connection_lost',
      'connection_refused',
      'server_error',
      'timeout',
      'unreadable_reply',
    ]);
  });

  it('of one operation is not that of another', async () => {
    const { gateway, told } = setUp();
    await told(outcomes.unknown, BREAKER_MIN_CALLS);
    expect(await gateway.authorize(request())).toMatchObject({ why: 'circuit_open' });
    expect(await gateway.lookup(question)).toMatchObject({ kind: 'not_found' });
    expect(gateway.protection().breakers).toMatchObject({ authorize: 'open', lookup: 'closed' });
  });

  it('that opens while calls wait for a permit refuses them when they get it', async () => {
    const { gateway, psp, refused } = setUp({ maxConcurrent: 22, maxWaiting: 4 });
    const release = Array.from({ length: BREAKER_MIN_CALLS }, () => {
      const held = psp.next({ charges: false, told: outcomes.unknown }).holdNext();
      void gateway.authorize(request(`hangs ${psp.requests.length}`));
      return held;
    });
    await settle();
    const waiting = gateway.authorize(request());
    for (const held of release) held();
    expect(await waiting).toMatchObject({ kind: 'not_sent', why: 'circuit_open' });
    expect(psp.requests).toHaveLength(BREAKER_MIN_CALLS);
    expect(refused).toEqual(['authorize circuit_open']);
  });

  it('closes again once probes come back', async () => {
    const { changes, clock, gateway, told } = setUp();
    await told(outcomes.unknown, BREAKER_MIN_CALLS);
    await clock.advance(BREAKER_OPEN_FOR_MS);
    for (const key of ['1', '2', '3', '4']) {
      expect(await gateway.authorize(request(key))).toMatchObject({ kind: 'approved' });
    }
    expect(changes.at(-1)).toBe('stripe authorize closed');
  });

  it('is not taught by a PSP that has no look-up', async () => {
    const none = { kind: 'unavailable', detail: 'there is none' } as const;
    const { gateway } = setUp({}, (psp) => {
      Object.assign(psp, { canLookUp: false });
      for (const what of ['lookup', 'lookupRefund', 'identify'] as const) {
        jest.spyOn(psp, what).mockResolvedValue(none);
      }
    });
    for (let n = 0; n < 20; n += 1) {
      await gateway.lookup(question);
      await gateway.lookupRefund({ ...refundOf('re_1'), refundReference: null });
      await gateway.identify({ pspReference: 'pi_1' });
    }
    const { lookup, lookupRefund, identify } = gateway.protection().breakers;
    expect([lookup, lookupRefund, identify]).toEqual(['closed', 'closed', 'closed']);
  });

  it('for look-ups opens when they fail, and not when the PSP asks for fewer', async () => {
    const failing = async (rateLimited: boolean): Promise<string> => {
      const { gateway } = setUp({}, (psp) =>
        jest.spyOn(psp, 'lookup').mockResolvedValue({
          kind: 'unavailable',
          detail: '',
          ...(rateLimited && { rateLimited }),
        }),
      );
      for (let n = 0; n < BREAKER_MIN_CALLS; n += 1) await gateway.lookup(question);
      return gateway.protection().breakers.lookup;
    };
    expect([await failing(false), await failing(true)]).toEqual(['open', 'closed']);
  });
});

it.each([
  ['within', 0, 'approved'],
  ['later than', 1, 'not_sent'],
])('a call that gets its permit %s what a standstill may last: %d ms, %s', async (_when, moreMs, kind) => {
  const { clock, gateway, psp } = setUp({ maxWaiting: 1 });
  const releases = ['1', '2', '3'].map((key) => {
    const release = psp.holdNext();
    void gateway.authorize(request(key));
    return release;
  });
  await settle();
  const waiting = gateway.authorize(request('waits'));
  await settle();
  clock.standStill(LIMITS.maxWaitMs + STALE_AFTER_MS + moreMs);
  for (const release of releases) release();
  expect((await waiting).kind).toBe(kind);
});

describe('the same key again', () => {
  it('after an unknown outcome has the room that new charges cannot take', async () => {
    const { gateway, psp } = setUp({ maxWaiting: 0 });
    psp.next({ charges: false, told: outcomes.unknown });
    await gateway.authorize(request('unknown'));
    for (const key of ['1', '2', '3']) {
      psp.holdNext();
      void gateway.authorize(request(key));
    }
    await settle();
    expect(await gateway.authorize(request('new'))).toMatchObject({ why: 'no_permit' });
    expect(await gateway.authorize(request('unknown'))).toMatchObject({ kind: 'approved' });
    // answered: from now on it is no search any more
    expect(await gateway.authorize(request('unknown'))).toMatchObject({ why: 'no_permit' });
  });

  it.each([
    [MAX_UNRESOLVED_KEYS, true],
    [MAX_UNRESOLVED_KEYS + 1, false],
  ])('is known after %d keys: %s', (count, isKnown) => {
    const keys = new UnresolvedKeys();
    for (let n = 0; n < count; n += 1) keys.ended(`key ${n}`, true);
    expect(keys.has('key 0')).toBe(isKnown);
  });
});
