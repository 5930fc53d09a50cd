import { EventLog, MAX_BATCH_EVENTS, Position, RecordedEvent, UnknownEventType } from '@tender/eventstore';
import {
  appended,
  commandsOf,
  event,
  events,
  iteratorOf,
  OLDER,
  OpenedLog,
  Place,
  placeOf,
  takeUntil,
} from './fixture';

const placesOf = (list: readonly RecordedEvent[]): string[] => list.map(placeOf);

/** Several streams at once, each with its own writer. */
async function writeConcurrently(
  log: EventLog,
  place: Place,
  writers: number,
  appends: number,
): Promise<number> {
  await Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      const stream = place.stream(`w${writer}`);
      for (let n = 0; n < appends; n += 1) {
        const expected = n === 0 ? 'no_stream' : BigInt(n * 2 - 1);
        appended(await log.append(stream, expected, events(stream, `c${n}`, 2)));
      }
    }),
  );
  return writers * appends * 2;
}

async function positionNow(log: EventLog): Promise<Position> {
  const stream = new Place().stream();
  return appended(await log.append(stream, 'no_stream', [event(stream, 'mark')])).position;
}

export function deliveries(opened: () => OpenedLog): void {
  describe('a subscription', () => {
    it('that starts before, between and after concurrent writers gets everything once, in the order of the log', async () => {
      const { log } = opened();
      const place = new Place();
      const before = await positionNow(log);
      const count = 6 * 25 * 2;
      const follow = async (after: Position | 'start') => {
        const subscription = log.subscribe({ after, prefixes: place.prefixes, maxBatch: 16 });
        const taken = await takeUntil(iteratorOf(subscription), (list) => list.length >= count);
        await subscription.close();
        return placesOf(taken.events);
      };
      const writing = writeConcurrently(log, place, 6, 25);
      const early = follow(before);
      const alsoEarly = follow('start');
      await writing;
      const late = follow('start');
      const { events: truth } = await log.readAll({
        after: before,
        prefixes: place.prefixes,
        maxCount: 10_000,
      });
      expect(truth).toHaveLength(count);
      for (const seen of await Promise.all([early, alsoEarly, late])) expect(seen).toEqual(placesOf(truth));
    });

    it('resumed after the position of any batch gets exactly the rest', async () => {
      const { log } = opened();
      const [place, noise] = [new Place(), new Place()];
      const before = await positionNow(log);
      const [count] = await Promise.all([
        writeConcurrently(log, place, 3, 8),
        writeConcurrently(log, noise, 3, 8),
      ]);
      const subscription = log.subscribe({ after: before, prefixes: place.prefixes, maxBatch: 5 });
      const { events: all, batches } = await takeUntil(
        iteratorOf(subscription),
        (list) => list.length >= count,
      );
      await subscription.close();
      let passed = 0;
      for (const batch of batches) {
        passed += batch.events.length;
        if (batch.position === undefined || passed === count) continue;
        const rest = log.subscribe({ after: batch.position, prefixes: place.prefixes });
        const taken = await takeUntil(iteratorOf(rest), (list) => list.length >= count - passed);
        await rest.close();
        expect(placesOf(taken.events)).toEqual(placesOf(all.slice(passed)));
      }
    });

    it('from the end gets what is appended after its first batch, and nothing older', async () => {
      const { log } = opened();
      const place = new Place();
      await writeConcurrently(log, place, 2, 3);
      const subscription = log.subscribe({ after: 'end', prefixes: place.prefixes });
      const iterator = iteratorOf(subscription);
      const { events: first } = await takeUntil(iterator, (_, { live }) => live);
      expect(first).toEqual([]);
      const stream = place.stream('new');
      for (let n = 0n; n < 5n; n += 1n) {
        appended(
          await log.append(stream, n === 0n ? 'no_stream' : n - 1n, [event(stream, `c${n.toString()}`)]),
        );
      }
      const { events: seen } = await takeUntil(iterator, (list) => list.length >= 5);
      await subscription.close();
      expect(commandsOf(seen)).toEqual(['c0', 'c1', 'c2', 'c3', 'c4']);
    });

    it('says that it is live with nothing to deliver, and each event while it is live', async () => {
      const { log } = opened();
      const place = new Place();
      const stream = place.stream();
      const after = await positionNow(log);
      const subscription = log.subscribe({ after, prefixes: place.prefixes });
      const iterator = iteratorOf(subscription);
      await takeUntil(iterator, (_, { live }) => live);
      for (let n = 0n; n < 3n; n += 1n) {
        await log.append(stream, n === 0n ? 'no_stream' : n - 1n, [event(stream, `c${n.toString()}`)]);
        const { events: seen, batches } = await takeUntil(iterator, (list) => list.length > 0);
        expect(seen.map(({ revision }) => revision)).toEqual([n]);
        expect(batches.at(-1)?.live).toBe(true);
      }
      await subscription.close();
    });

    it('takes streams of several prefixes and no others', async () => {
      const { log } = opened();
      const [one, two, other] = [new Place(), new Place(), new Place()];
      const after = await positionNow(log);
      for (const place of [one, other, two, other, one]) {
        const stream = place.stream(`${Math.random()}`);
        await log.append(stream, 'no_stream', [event(stream, 'c')]);
      }
      const subscription = log.subscribe({ after, prefixes: [...one.prefixes, ...two.prefixes] });
      const { events: seen } = await takeUntil(iteratorOf(subscription), (list) => list.length >= 3);
      await subscription.close();
      expect(seen.map(({ stream }) => stream.split('-')[0])).toEqual([
        one.category,
        two.category,
        one.category,
      ]);
    });

    it('moves its position past events that it leaves out', async () => {
      const { log } = opened();
      const [place, noise] = [new Place(), new Place()];
      const after = await positionNow(log);
      for (let n = 0; n < 6; n += 1) {
        const stream = noise.stream(`n${n}`);
        await log.append(stream, 'no_stream', events(stream, 'c', 500));
      }
      const subscription = log.subscribe({ after, prefixes: place.prefixes });
      const { batches } = await takeUntil(iteratorOf(subscription), (_, { live }) => live);
      await subscription.close();
      const position = batches.at(-1)?.position ?? after;
      const rest = await log.readAll({ after: position, prefixes: noise.prefixes, maxCount: 10_000 });
      // a server reports only now and then how far it looked, but 3,000 events are more than one report
      expect(rest.events.length).toBeLessThan(3_000);
    });

    it('never exceeds the batch size asked for, and refuses one beyond its limits', async () => {
      const { log } = opened();
      const place = new Place();
      const after = await positionNow(log);
      const count = await writeConcurrently(log, place, 2, 10);
      const subscription = log.subscribe({ after, prefixes: place.prefixes, maxBatch: 3 });
      const { batches } = await takeUntil(iteratorOf(subscription), (list) => list.length >= count);
      await subscription.close();
      expect(batches.filter((batch) => batch.events.length > 3)).toEqual([]);
      for (const maxBatch of [0, 1.5, MAX_BATCH_EVENTS + 1]) {
        expect(() => log.subscribe({ after, prefixes: place.prefixes, maxBatch })).toThrow(RangeError);
      }
      expect(() => log.subscribe({ after, prefixes: [] })).toThrow(RangeError);
    });
  });
}

export function endings(opened: () => OpenedLog): void {
  describe('the end of a subscription', () => {
    it('comes by close, also while a consumer waits', async () => {
      const subscription = opened().log.subscribe({ after: 'end', prefixes: new Place().prefixes });
      const iterator = iteratorOf(subscription);
      await takeUntil(iterator, (_, { live }) => live);
      const waiting = iterator.next();
      await subscription.close();
      expect(await waiting).toEqual({ done: true, value: undefined });
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it('comes by leaving the loop', async () => {
      const { log } = opened();
      const place = new Place();
      const stream = place.stream();
      await log.append(stream, 'no_stream', events(stream, 'c', 4));
      const subscription = log.subscribe({ after: 'start', prefixes: place.prefixes, maxBatch: 1 });
      for await (const batch of subscription) if (batch.events.length > 0) break;
      expect(await iteratorOf(subscription).next()).toEqual({ done: true, value: undefined });
    });

    it('comes before an event of an unknown type: what lies before it is delivered, then the reader stops', async () => {
      const place = new Place();
      const stream = place.stream();
      const after = await positionNow(opened().log);
      const older = opened().reader(OLDER);
      await opened().log.append(stream, 'no_stream', [
        ...events(stream, 'known', 3),
        event(stream, 'unknown', { type: 'Tomorrow', index: 3 }),
        event(stream, 'behind', { index: 4 }),
      ]);
      const subscription = older.subscribe({ after, prefixes: place.prefixes });
      const seen: RecordedEvent[] = [];
      let reached: Position | undefined;
      const reading = async () => {
        for await (const batch of subscription) {
          seen.push(...batch.events);
          reached = batch.position;
        }
      };
      await expect(reading()).rejects.toThrow(UnknownEventType);
      expect(commandsOf(seen)).toEqual(['known', 'known', 'known']);
      expect(reached).toEqual(seen.at(-1)?.position);
    });
  });
}
