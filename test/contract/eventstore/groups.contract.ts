import type { EventLog, GroupDelivery, GroupSubscription } from '@tender/eventstore';
import { MAX_UNACKNOWLEDGED, UnknownEventType } from '@tender/eventstore';
import { appended, event, events, OLDER, OpenedLog, Place, placeOf } from './fixture';

/** A consumer that keeps what it is given until the test says what becomes of it. */
class Consumer {
  readonly taken: GroupDelivery[] = [];
  private readonly batches: AsyncIterator<readonly GroupDelivery[]>;

  private constructor(readonly subscription: GroupSubscription) {
    this.batches = subscription[Symbol.asyncIterator]();
  }

  /** Resolves when the group has let it in. */
  static async of(log: OpenedLog['log'], place: Place, maxUnacknowledged = 100): Promise<Consumer> {
    const { category: group, prefixes } = place;
    const consumer = new Consumer(log.join({ group, prefixes, maxUnacknowledged }));
    await consumer.next();
    return consumer;
  }

  async next(): Promise<readonly GroupDelivery[]> {
    const next = await this.batches.next();
    if (next.done === true) throw new Error('the subscription has ended');
    this.taken.push(...next.value);
    return next.value;
  }

  /** What comes until so many deliveries were taken in all. */
  async until(count: number): Promise<readonly string[]> {
    while (this.taken.length < count) await this.next();
    return this.taken.map(summary);
  }

  async workUntilClosed(): Promise<void> {
    for await (const batch of this.subscription) {
      this.taken.push(...batch);
      for (const delivery of batch) this.subscription.acknowledge(delivery);
    }
  }

  acknowledgeAll(): void {
    for (const delivery of this.taken) this.subscription.acknowledge(delivery);
  }
}

/** `a@0 first` or `a@0 again`. */
const summary = ({ event: { stream, revision }, first }: GroupDelivery): string =>
  `${stream.slice(stream.indexOf('-') + 1)}@${revision.toString()} ${first ? 'first' : 'again'}`;

async function append(log: EventLog, place: Place, id: string, from: number, count: number): Promise<void> {
  const stream = place.stream(id);
  for (let n = from; n < from + count; n += 1) {
    appended(await log.append(stream, n === 0 ? 'no_stream' : BigInt(n - 1), [event(stream, `c${n}`)]));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function groups(opened: () => OpenedLog): void {
  describe('a consumer group', () => {
    it('gives a lone consumer what there was, not as the first, and what comes, as the first', async () => {
      const { log } = opened();
      const place = new Place();
      await append(log, place, 'a', 0, 2);
      const consumer = await Consumer.of(log, place);
      await append(log, place, 'a', 2, 2);
      await append(log, new Place(), 'stranger', 0, 1);
      expect(await consumer.until(4)).toEqual(['a@0 again', 'a@1 again', 'a@2 first', 'a@3 first']);
      await consumer.subscription.close();
    });

    it('delivers the events themselves', async () => {
      const { log } = opened();
      const place = new Place();
      const consumer = await Consumer.of(log, place);
      await append(log, place, 'a', 0, 1);
      await consumer.until(1);
      expect(consumer.taken.map((delivery) => delivery.event)).toEqual(await log.readStream(place.stream()));
      await consumer.subscription.close();
    });

    it('shares streams out, each to one consumer and in order', async () => {
      const { log } = opened();
      const place = new Place();
      const consumers = [await Consumer.of(log, place), await Consumer.of(log, place)];
      const streams = 12;
      for (let round = 0; round < 3; round += 1) {
        for (let stream = 0; stream < streams; stream += 1) await append(log, place, `s${stream}`, round, 1);
      }
      const working = consumers.map((consumer) => consumer.workUntilClosed());
      while (consumers.reduce((sum, { taken }) => sum + taken.length, 0) < 3 * streams) await pause(2);
      const owners = consumers.map(({ taken }) => new Set(taken.map((delivery) => delivery.event.stream)));
      expect(owners.map(({ size }) => size > 0)).toEqual([true, true]);
      expect([...(owners[0] ?? [])].filter((stream) => owners[1]?.has(stream))).toEqual([]);
      for (const { taken } of consumers) {
        for (const stream of new Set(taken.map((delivery) => delivery.event.stream))) {
          const revisions = taken
            .filter((one) => one.event.stream === stream)
            .map((one) => one.event.revision);
          expect(revisions).toEqual([0n, 1n, 2n]);
        }
      }
      await Promise.all(consumers.map(({ subscription }) => subscription.close()));
      await Promise.all(working);
    });

    it('gives a consumer no more than it may hold, and more for each acknowledgement', async () => {
      const { log } = opened();
      const place = new Place();
      const consumer = await Consumer.of(log, place, 3);
      await append(log, place, 'a', 0, 5);
      await consumer.until(3);
      const more = consumer.next();
      expect(await Promise.race([more, pause(50).then(() => 'nothing')])).toBe('nothing');
      consumer.acknowledgeAll();
      await more;
      expect(await consumer.until(5)).toHaveLength(5);
      await consumer.subscription.close();
    });

    it('never gives what was acknowledged to anybody again', async () => {
      const { log } = opened();
      const place = new Place();
      const consumer = await Consumer.of(log, place);
      await append(log, place, 'a', 0, 3);
      await consumer.until(3);
      consumer.acknowledgeAll();
      await consumer.subscription.close();
      await append(log, place, 'a', 3, 1);
      const next = await Consumer.of(log, place);
      const seen = new Set(await next.until(1));
      // what was said at the very end may be lost with the connection: then it comes again, and says so
      expect([...seen].filter((one) => one.endsWith('first'))).toEqual([]);
      await next.subscription.close();
    });
  });

  describe('what a consumer had and did not acknowledge', () => {
    it('goes to the others when it leaves, and is not the first there', async () => {
      const { log } = opened();
      const place = new Place();
      const [leaving, other] = [await Consumer.of(log, place), await Consumer.of(log, place)];
      const streams = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      for (const stream of streams) await append(log, place, stream, 0, 1);
      await leaving.until(1);
      const had = leaving.taken.length;
      expect(leaving.taken.every(({ first }) => first)).toBe(true);
      await leaving.subscription.close();
      const summaries = await other.until(streams.length);
      expect(new Set(summaries.map((one) => one.split('@')[0])).size).toBe(streams.length);
      // what was still on its way to the one that left counts as given to it
      expect(summaries.filter((one) => one.endsWith('again')).length).toBeGreaterThanOrEqual(had);
      for (const { event: had } of leaving.taken) {
        const again = other.taken.find((delivery) => delivery.event.stream === had.stream);
        expect([had.stream, again?.first]).toEqual([had.stream, false]);
      }
      await other.subscription.close();
    });

    it('comes again after a restart of the server, with what it had not written down, and is not the first', async () => {
      const { log, operator } = opened();
      const place = new Place();
      const consumer = await Consumer.of(log, place);
      await append(log, place, 'a', 0, 3);
      await consumer.until(3);
      await operator.restart();
      await expect(consumer.until(4)).rejects.toThrow('subscription dropped');
      const after = await Consumer.of(log, place);
      await append(log, place, 'a', 3, 1);
      expect(await after.until(4)).toEqual(['a@0 again', 'a@1 again', 'a@2 again', 'a@3 first']);
      await after.subscription.close();
    });

    it('is not the first for a consumer that enters after it was recorded and before it is delivered', async () => {
      const { log, operator } = opened();
      const place = new Place();
      const busy = await Consumer.of(log, place, 1);
      await append(log, place, 'a', 0, 2);
      expect(await busy.until(1)).toEqual(['a@0 first']);
      await operator.restart();
      // its retries are forgotten: only the end of the log tells that somebody may have had it
      const after = await Consumer.of(log, place);
      expect(await after.until(2)).toEqual(['a@0 again', 'a@1 again']);
      await after.subscription.close();
    });
  });

  describe('a parked event', () => {
    it('is counted, and driven again, but never as the first', async () => {
      const { log, operator } = opened();
      const place = new Place();
      expect(await log.parked(place.category)).toBe(0);
      expect(await operator.park(place, () => append(log, place, 'a', 0, 1))).toBe(1);
      expect(await log.parked(place.category)).toBe(1);
      const consumer = await Consumer.of(log, place);
      await append(log, place, 'b', 0, 1);
      expect(await consumer.until(1)).toEqual(['b@0 first']);
      await log.driveParked(place.category);
      expect(await consumer.until(2)).toEqual(['b@0 first', 'a@0 again']);
      expect(await log.parked(place.category)).toBe(0);
      await consumer.subscription.close();
    });

    it('is not the first either for whoever was there before it was recorded', async () => {
      const { log, operator } = opened();
      const place = new Place();
      const present = await Consumer.of(log, place);
      const streams = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const parked = await operator.park(place, async () => {
        for (const stream of streams) await append(log, place, stream, 0, 1);
      });
      const summaries = await present.until(streams.length - parked);
      expect(summaries.filter((one) => one.endsWith('again'))).toEqual([]);
      await log.driveParked(place.category);
      const all = await present.until(streams.length);
      expect([parked > 0, all.filter((one) => one.endsWith('again')).length]).toEqual([true, parked]);
      await present.subscription.close();
    });
  });

  describe('the end of a place in a group', () => {
    it('comes by close, also while a consumer waits', async () => {
      const consumer = await Consumer.of(opened().log, new Place());
      const ended = expect(consumer.next()).rejects.toThrow('has ended');
      await consumer.subscription.close();
      await ended;
    });

    it('comes before an event of an unknown type, which stays for those who know it', async () => {
      const place = new Place();
      const stream = place.stream();
      const older = await Consumer.of(opened().reader(OLDER), place);
      await opened().log.append(stream, 'no_stream', [
        ...events(stream, 'known', 2),
        event(stream, 'unknown', { type: 'Tomorrow', index: 2 }),
      ]);
      await expect(older.until(3)).rejects.toThrow(UnknownEventType);
      expect(older.taken.map((delivery) => placeOf(delivery.event))).toEqual([`${stream}@0`, `${stream}@1`]);
      await older.subscription.close();
      const newer = await Consumer.of(opened().log, place);
      expect(await newer.until(3)).toEqual(['a@0 again', 'a@1 again', 'a@2 again']);
      await newer.subscription.close();
    });

    it('is refused before it begins without prefixes, or with too much to hold', () => {
      const { log } = opened();
      const join = (prefixes: string[], maxUnacknowledged: number) =>
        log.join({ group: 'g', prefixes, maxUnacknowledged });
      expect(() => join([], 1)).toThrow(RangeError);
      expect(() => join(['a-'], 0)).toThrow(RangeError);
      expect(() => join(['a-'], MAX_UNACKNOWLEDGED + 1)).toThrow(RangeError);
    });
  });
}
