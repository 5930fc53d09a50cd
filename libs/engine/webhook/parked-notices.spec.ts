import { initiate, initiateRefund } from '@tender/testing';
import { about, operationId, setUp } from './plain-notices.fixture';
import { replayNotices } from './replay-notices';
import { PARKED_AT_MOST_MS } from './webhook-driver';

const parked = (because: string) => ({ type: 'WebhookNoticeSetAside', data: { as: 'parked', because } });
const TAKEN_UP = { type: 'WebhookNoticeTakenUp', data: { setAsideAs: 'parked' } };

describe('a notice of something that is not known yet', () => {
  it('lesson 19: is parked, and driven again when its payment appears, and the PSP need not tell it again', async () => {
    const { driver, send, notice, payment, results, waiting, asideOf } = setUp();
    const event = await notice(about('declined'));
    await driver.handle(event);
    expect([...waiting.values()]).toMatchObject([{ stream: event.stream, because: 'no_payment' }]);
    await driver.reread(event.stream);
    await send(initiate());
    await driver.reread(event.stream);
    expect(results.map(({ what }) => what)).toStrictEqual(['parked', 'parked', 'applied']);
    expect(await payment()).toMatchObject({ status: 'failed' });
    expect(waiting.size).toBe(0);
    expect(await asideOf(event)).toStrictEqual([parked('no_payment'), TAKEN_UP]);
  });

  it('is driven again when its refund appears', async () => {
    const { driver, sendRefund, notice, results, waiting } = setUp();
    const event = await notice(about('refunded', operationId));
    await driver.handle(event);
    expect(waiting.size).toBe(1);
    await sendRefund(initiateRefund());
    await driver.reread(event.stream);
    expect(results.map(({ what }) => what)).toStrictEqual(['parked', 'applied']);
    expect(waiting.size).toBe(0);
  });

  it.each([
    [PARKED_AT_MOST_MS - 1, 'parked', 1],
    [PARKED_AT_MOST_MS, 'foreign', 0],
  ])('after %d ms it is %s: it was about somebody else’s', async (ageMs, what, stillWaiting) => {
    const { driver, clock, notice, waiting, asideOf } = setUp();
    const event = await notice(about('declined'));
    await driver.handle(event);
    await clock.advance(ageMs);
    expect(await driver.reread(event.stream)).toMatchObject({ what });
    expect(waiting.size).toBe(stillWaiting);
    expect((await asideOf(event)).at(-1)).toMatchObject({ data: { as: what } });
  });

  it('is found again although the process died before it was recorded', async () => {
    const { driver, log, notice, waiting, asideOf } = setUp();
    const event = await notice(about('declined'));
    jest.spyOn(log, 'append').mockRejectedValueOnce(new Error('the store is away'));
    await expect(driver.handle(event)).rejects.toThrow();
    expect(waiting.size).toBe(1);
    await driver.handle(event);
    expect(await asideOf(event)).toStrictEqual([parked('no_payment')]);
  });
});

it('a notice waits though another worker released it before its word was recorded', async () => {
  const { driver, log, notice, waiting } = setUp();
  const event = await notice(about('declined'));
  const append = log.append.bind(log);
  jest.spyOn(log, 'append').mockImplementationOnce((...args) => {
    waiting.delete(event.stream);
    return append(...args);
  });
  await driver.handle(event);
  expect([...waiting.keys()]).toStrictEqual([event.stream]);
});

it('what is recorded of a notice is no notice: nothing is done about it', async () => {
  const { driver, log, notice, results } = setUp();
  const { stream } = await notice(about('nothing'));
  for (let n = 0; n < 2; n += 1) {
    for (const event of await log.readStream(stream)) await driver.handle(event);
  }
  expect(results).toHaveLength(2);
});

describe('a replay', () => {
  it('tells what was read wrongly before, and may be run again', async () => {
    const { driver, log, send, notice, payment, readAs, asideOf } = setUp();
    await send(initiate());
    const event = await notice(about('misread'));
    await driver.handle(event);
    expect(await asideOf(event)).toMatchObject([{ data: { as: 'ignored', because: 'unknown word' } }]);
    readAs('misread', 'declined');
    expect(await replayNotices({ log, driver })).toStrictEqual({
      read: 1,
      byResult: { applied: 1 },
      failed: [],
    });
    expect(await payment()).toMatchObject({ status: 'failed' });
    const size = log.store.size;
    expect((await replayNotices({ log, driver })).byResult).toStrictEqual({ known: 1 });
    expect(log.store.size).toBe(size);
    expect((await asideOf(event)).map(({ type }) => type)).toStrictEqual([
      'WebhookNoticeSetAside',
      'WebhookNoticeTakenUp',
    ]);
  });

  it('reads those of one PSP, or of one time, and no other', async () => {
    const { driver, log, clock, send, notice } = setUp();
    await send(initiate());
    await notice(about('nothing'));
    await notice(about('nothing'), 'adyen');
    await clock.advance(60_000);
    const later = await notice(about('nothing', null));
    const { recordedAt } = later.metadata;
    const read = async (options: object) => (await replayNotices({ log, driver }, options)).read;
    expect(await read({})).toBe(3);
    expect(await read({ psp: 'adyen' })).toBe(1);
    expect(await read({ recordedFrom: recordedAt })).toBe(1);
    expect(await read({ recordedBefore: recordedAt })).toBe(2);
  });

  it('names what it cannot read, and goes on', async () => {
    const { driver, log, send, notice } = setUp();
    await send(initiate());
    const { stream } = await notice(about('disputed', 'pi_3'));
    await notice(about('nothing'));
    const counts = await replayNotices({ log, driver });
    expect(counts).toMatchObject({ read: 2, byResult: { ignored: 1 } });
    expect(counts.failed).toMatchObject([
      { stream, detail: expect.stringContaining('nobody answers') as string },
    ]);
  });
});
