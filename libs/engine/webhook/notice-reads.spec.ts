import { refundReferenceOf } from '@tender/domain';
import {
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  refundFailed,
  refundNews,
  reserveRefund,
  sampleRefundId,
  seededChance,
} from '@tender/testing';
import { refundCommands } from '../refund/refund-commands';
import { refundStream } from '../refund/refund-stream';
import { about, setUp, STREAM } from './plain-notices.fixture';

/** A payment of which much was given back in small parts, in a process that has just started. */
async function paymentWithRefunds(count: number) {
  const world = setUp();
  const { send, sendRefund, forget, log } = world;
  await send(initiate({ amountMinor: 100_000n }));
  await send(recordOutcome({ ...outcomes.captured, amountMinor: 100_000n }));
  const ids = Array.from({ length: count }, (_, at) => sampleRefundId(`refund-${at}`));
  for (const [at, refundId] of ids.entries()) {
    await send(reserveRefund(400n, `refund-${at}`));
    await sendRefund(initiateRefund({ refundId }), refundId);
  }
  forget(STREAM, ...ids.map(refundStream));
  const reads = jest.spyOn(log, 'readStream');
  /** Streams that were read since, except those of the notices themselves. */
  const readSince = (): readonly string[] => {
    const streams = reads.mock.calls.map(([stream]) => stream).filter((one) => !one.startsWith('webhook-'));
    reads.mockClear();
    return streams;
  };
  return { ...world, ids, readSince };
}

const COUNTS = [2, 150];

describe('of a payment with many refunds', () => {
  it.each(COUNTS)('(%i) a notice of one reads that one, once', async (count) => {
    const { driver, notice, results, ids, readSince } = await paymentWithRefunds(count);
    const refundId = ids.at(-1)!;
    const event = await notice(about('refunded', refundReferenceOf(refundId, 1)));
    readSince();
    await driver.handle(event);
    expect(readSince()).toStrictEqual([refundStream(refundId)]);
    await driver.handle(event);
    expect(results).toStrictEqual([{ what: 'applied' }, { what: 'known' }]);
    // that it is no news is said of the stream as it is
    expect(readSince()).toStrictEqual([refundStream(refundId)]);
  });

  it.each(COUNTS)(
    '(%i) as many notices of the charge read the payment once, and no refund',
    async (count) => {
      const { driver, notice, results, ids, readSince } = await paymentWithRefunds(count);
      for (const at of ids.keys()) await driver.handle(await notice(about(`given back ${at}`)));
      expect(readSince()).toStrictEqual([STREAM]);
      await driver.handle(await notice(about('authorized')));
      expect(results.map(({ what }) => what)).toStrictEqual([...ids.map(() => 'ignored'), 'known']);
      expect(readSince()).toStrictEqual([STREAM]);
    },
  );

  it('a try that another process began is found, though the refund is known without it', async () => {
    const { driver, notice, results, ids, log, clock } = await paymentWithRefunds(2);
    const [refundId] = ids as [string];
    await driver.handle(await notice(about('refunded', refundReferenceOf(refundId, 1))));
    const elsewhere = refundCommands({ log, clock, chance: seededChance(2) });
    for (const command of [
      refundNews(refundFailed(true, 60), 2),
      { type: 'RetryRefund', data: { requestId: 'again', number: 2 } } as const,
    ]) {
      const context = { commandId: command.type, correlationId: 'c', causationId: 'c', actor: 'test' };
      await elsewhere.handle(refundStream(refundId), command, context);
    }
    await driver.handle(await notice(about('refunded', refundReferenceOf(refundId, 2))));
    expect(results).toStrictEqual([{ what: 'applied' }, { what: 'applied' }]);
  });
});
