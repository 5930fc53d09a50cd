import { FAULT_KINDS } from '../faults';
import { Driven, errorOf } from './driven-by-sdk';
import { KEY_LIFE_MS, KEY_MAX_LENGTH } from './idempotency';

const charges = async (driven: Driven): Promise<number> => (await driven.truth()).length;

describe('the idempotency layer', () => {
  let driven: Driven;
  beforeAll(async () => {
    driven = await Driven.start({ seed: 7 });
  });
  beforeEach(() => driven.control('POST', 'reset'));
  afterAll(() => driven.simulator.stop());

  it('answers the same request under the same key with the same result, and charges once', async () => {
    const first = await driven.pay('k');
    expect(await driven.pay('k')).toEqual(first);
    expect(await charges(driven)).toBe(1);
    expect(await driven.news()).toHaveLength(1);
  });

  it('stores a refusal: the same key is refused again without a second try', async () => {
    const first = await driven.pay('k', {}, 'card_refused');
    expect(await driven.pay('k', {}, 'card_refused')).toEqual(first);
    expect(await charges(driven)).toBe(1);
  });

  it('the two regions do not share keys: the same one charges twice', async () => {
    const here = await driven.pay('k');
    const elsewhere = await driven.pay('k', {}, 'card_ok', 'elsewhere');
    expect(elsewhere.pspReference).not.toBe(here.pspReference);
    expect(await driven.pay('k', {}, 'card_ok', 'elsewhere')).toEqual(elsewhere);
    expect(await charges(driven)).toBe(2);
  });

  it('refuses another request under a key that was used', async () => {
    await driven.pay('k');
    const error = await errorOf(driven.pay('k', { amount: { currency: 'EUR', value: 1 } }));
    expect(error).toMatchObject({ statusCode: 422, errorCode: '704' });
    expect(await charges(driven)).toBe(1);
  });

  it('says that a request with the key is in progress, and that this will pass', async () => {
    await driven.failNext('authorize', 'slow:1500');
    const slow = driven.pay('k');
    await untilMet(driven, 'slow');
    const error = await errorOf(driven.pay('k'));
    expect(error).toMatchObject({ statusCode: 409, errorCode: '704' });
    expect(error.responseHeaders).toMatchObject({ 'transient-error': 'true', 'idempotency-key': 'k' });
    const paid = await slow;
    expect(await driven.pay('k')).toEqual(paid);
    expect(await charges(driven)).toBe(1);
  });

  it('charges again under the same key once it is 7 days old, and not a millisecond before', async () => {
    let nowMs = Date.parse('2026-01-01T00:00:00Z');
    const frozen = await Driven.start({ clock: () => nowMs });
    const first = await frozen.pay('trap');
    nowMs += KEY_LIFE_MS - 1;
    expect(await frozen.pay('trap')).toEqual(first);
    nowMs += 1;
    expect((await frozen.pay('trap')).pspReference).not.toBe(first.pspReference);
    expect(await charges(frozen)).toBe(2);
    await frozen.simulator.stop();
  });

  it(`takes keys of up to ${KEY_MAX_LENGTH} characters`, async () => {
    const reference = { reference: 'att_1' };
    expect((await driven.pay('k'.repeat(KEY_MAX_LENGTH), reference)).resultCode).toBe('Authorised');
    expect((await errorOf(driven.pay('k'.repeat(KEY_MAX_LENGTH + 1), reference))).statusCode).toBe(422);
  });

  it.each([
    ['timeout_before', 'nothing', 0, 'executed'],
    ['timeout_after_commit', 'nothing', 1, 'replayed'],
    ['reset_before', 'nothing', 0, 'executed'],
    ['reset_after_commit', 'nothing', 1, 'replayed'],
    ['500_after_commit', '500 903', 1, '500 903'],
    ['500_stored_not_executed', '500 903', 0, '500 903'],
    ['500_not_executed', '500 903', 0, 'executed'],
    ['429', '429 429', 0, 'executed'],
    ['429_lock_timeout', '503 703', 0, 'executed'],
    ['409', '409 704', 0, 'executed'],
    ['refused:50', 'nothing', 0, 'executed'],
    ['slow:20', 'Authorised', 1, 'replayed'],
  ])(
    'fault %s: the client hears %s, the PSP holds %d, and the key is then %s',
    async (fault, heard, held, again) => {
      await driven.failNext('authorize', fault);
      expect(await heardBy(driven)).toBe(heard);
      await untilOpen(driven);
      expect(await charges(driven)).toBe(held);
      expect(await driven.news()).toHaveLength(held);
      expect(await driven.control('GET', 'faults')).toMatchObject({
        counts: { [fault.split(':')[0] ?? '']: 1 },
      });
      const second = await heardBy(driven);
      expect(second).toBe(again.startsWith('500') ? again : 'Authorised');
      expect(await charges(driven)).toBe(again === 'executed' ? held + 1 : held);
    },
  );

  it('may keep the result under its key when the 500 came from in front of the API', async () => {
    const edged = await Driven.start({ keyAfter500: 'result' });
    await edged.failNext('authorize', '500_after_commit');
    expect((await errorOf(edged.pay('k'))).statusCode).toBe(500);
    expect((await edged.pay('k')).resultCode).toBe('Authorised');
    expect(await charges(edged)).toBe(1);
    await edged.simulator.stop();
  });

  it('stale is for lists, and there is none here', async () => {
    expect(FAULT_KINDS).toContain('stale');
    await driven.failNext('authorize', 'stale:1000');
    expect(await heardBy(driven)).toBe('Authorised');
  });
});

async function heardBy(driven: Driven): Promise<string> {
  try {
    return String((await driven.pay('k')).resultCode);
  } catch (thrown) {
    const { statusCode, errorCode } = thrown as { statusCode?: number; errorCode?: string };
    return statusCode === undefined ? 'nothing' : `${statusCode} ${errorCode ?? ''}`;
  }
}

/** The fault has struck, so the request that met it holds the key. */
async function untilMet(driven: Driven, fault: string): Promise<void> {
  for (;;) {
    const { counts } = (await driven.control('GET', 'faults')) as { counts: Record<string, number> };
    if ((counts[fault] ?? 0) > 0) return;
  }
}

async function untilOpen(driven: Driven): Promise<void> {
  for (;;) {
    try {
      await driven.truth();
      return;
    } catch {
      // still closed
    }
  }
}
