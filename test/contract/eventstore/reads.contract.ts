import * as fc from 'fast-check';
import {
  EventLog,
  MAX_EVENTS_PER_APPEND,
  MAX_INT64,
  MAX_PAGE_EVENTS,
  MAX_STREAM_EVENTS,
  MIN_INT64,
  StreamTooLong,
  UnencodableValue,
  UnknownEventType,
  UnknownSchemaVersion,
} from '@tender/eventstore';
import {
  appended,
  commandsOf,
  CURRENT,
  event,
  events,
  OLDER,
  OpenedLog,
  Place,
  placeOf,
  readToEnd,
} from './fixture';

export function streamReads(opened: () => OpenedLog): void {
  describe('reading a stream', () => {
    it('gives nothing for one that does not exist', async () => {
      expect(await opened().log.readStream(new Place().stream())).toEqual([]);
    });

    it('starts at a revision, that one included; beyond the end there is nothing', async () => {
      const stream = new Place().stream();
      await opened().log.append(stream, 'no_stream', events(stream, 'c', 5));
      const revisions = async (from: bigint) =>
        (await opened().log.readStream(stream, from)).map(({ revision }) => revision);
      expect(await revisions(0n)).toEqual([0n, 1n, 2n, 3n, 4n]);
      expect(await revisions(3n)).toEqual([3n, 4n]);
      expect(await revisions(5n)).toEqual([]);
    });

    it('gives back everything that was appended, in any script', async () => {
      const { log } = opened();
      const data = fc.record({
        text: fc.string({ unit: 'binary' }),
        amountMinor: fc.bigInt({ min: MIN_INT64, max: MAX_INT64 }),
        lines: fc.array(fc.record({ feeMinor: fc.option(fc.bigInt({ min: 0n, max: MAX_INT64 })) }), {
          maxLength: 3,
        }),
      });
      await fc.assert(
        fc.asyncProperty(
          data,
          fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
          async (content, id) => {
            const stream = new Place().stream(id);
            const written = event(stream, 'c', { data: content });
            const { position } = appended(await log.append(stream, 'no_stream', [written]));
            expect(await log.readStream(stream)).toEqual([{ ...written, stream, revision: 0n, position }]);
          },
        ),
        { numRuns: 20 },
      );
    });

    it('refuses one that is too long, and reads one of exactly the limit', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      for (let count = 0; count < MAX_STREAM_EVENTS; count += MAX_EVENTS_PER_APPEND) {
        const expected = count === 0 ? 'no_stream' : BigInt(count - 1);
        appended(await log.append(stream, expected, events(stream, `c${count}`, MAX_EVENTS_PER_APPEND)));
      }
      expect(await log.readStream(stream)).toHaveLength(MAX_STREAM_EVENTS);
      await log.append(stream, BigInt(MAX_STREAM_EVENTS - 1), [event(stream, 'one too many')]);
      await expect(log.readStream(stream)).rejects.toThrow(StreamTooLong);
      expect(await log.readStream(stream, 1n)).toHaveLength(MAX_STREAM_EVENTS);
    });
  });
}

export function pages(opened: () => OpenedLog): void {
  describe('reading the whole log', () => {
    it.each([1, 2, 7, MAX_PAGE_EVENTS])('in pages of %i misses and repeats nothing', async (maxCount) => {
      const { log } = opened();
      const place = new Place();
      const before = await beforeNow(log);
      const written: string[] = [];
      for (const [index, id] of ['a', 'b', 'a', 'c', 'b', 'a'].entries()) {
        const stream = place.stream(id);
        const revision = BigInt(written.filter((name) => name.startsWith(`${stream}@`)).length);
        const expected = revision === 0n ? 'no_stream' : revision - 1n;
        appended(await log.append(stream, expected, events(stream, `c${index}`, 2)));
        written.push(`${stream}@${revision.toString()}`, `${stream}@${(revision + 1n).toString()}`);
      }
      const { events: all, pages: list } = await readToEnd(log, {
        after: before,
        prefixes: place.prefixes,
        maxCount,
      });
      expect(all.map(placeOf)).toEqual(written);
      expect(list.every((page) => page.events.length <= maxCount)).toBe(true);
    });

    it('leaves out other streams but moves past them', async () => {
      const { log } = opened();
      const [place, other] = [new Place(), new Place()];
      const before = await beforeNow(log);
      await log.append(other.stream(), 'no_stream', events(other.stream(), 'c', 3));
      const page = await log.readAll({ after: before, prefixes: place.prefixes, maxCount: 3 });
      expect(page.events).toEqual([]);
      const rest = await log.readAll({
        after: page.position ?? 'start',
        prefixes: other.prefixes,
        maxCount: 10,
      });
      expect(rest.events).toEqual([]);
    });

    it('at the end gives back where it was', async () => {
      const { log } = opened();
      const place = new Place();
      const stream = place.stream();
      const { position } = appended(await log.append(stream, 'no_stream', [event(stream, 'c')]));
      const { pages: list } = await readToEnd(log, {
        after: position,
        prefixes: place.prefixes,
        maxCount: 100,
      });
      const end = list.at(-1);
      expect(end?.end).toBe(true);
      const again = await log.readAll({
        after: end?.position ?? 'start',
        prefixes: place.prefixes,
        maxCount: 1,
      });
      expect(again).toEqual({ events: [], position: end?.position, end: true });
    });

    it('needs prefixes of application streams and a page size within its limits', async () => {
      const { log } = opened();
      const read = (prefixes: string[], maxCount: number) =>
        log.readAll({ after: 'start', prefixes, maxCount });
      for (const prefixes of [[], [''], ['$'], ['a-', '']])
        await expect(read(prefixes, 1)).rejects.toThrow(RangeError);
      for (const maxCount of [0, 1.5, MAX_PAGE_EVENTS + 1])
        await expect(read(['a-'], maxCount)).rejects.toThrow(RangeError);
    });
  });
}

/** The end of a log that others may be writing to. */
async function beforeNow(log: EventLog) {
  const place = new Place();
  const outcome = await log.append(place.stream(), 'no_stream', [event(place.stream(), 'mark')]);
  return appended(outcome).position;
}

export function versions(opened: () => OpenedLog): void {
  describe('events of another version of the program', () => {
    it('of an unknown type stop every reader', async () => {
      const place = new Place();
      const stream = place.stream();
      const before = await beforeNow(opened().log);
      await opened().log.append(stream, 'no_stream', [
        event(stream, 'c'),
        event(stream, 'd', { type: 'Tomorrow' }),
      ]);
      const older = opened().reader(OLDER);
      await expect(older.readStream(stream)).rejects.toThrow(UnknownEventType);
      const page = older.readAll({ after: before, prefixes: place.prefixes, maxCount: 10 });
      await expect(page).rejects.toThrow(UnknownEventType);
      // not in the filter: not its business
      const others = new Place();
      const rest = await older.readAll({ after: before, prefixes: others.prefixes, maxCount: 10 });
      expect(rest.events).toEqual([]);
    });

    it('of a newer schema version stop an older reader; of an older one are brought forward', async () => {
      const stream = new Place().stream();
      const price = event(stream, 'c', { type: 'Priced', data: { price: { valueMinor: 5n } } });
      await opened().log.append(stream, 'no_stream', [price]);
      await expect(opened().reader(OLDER).readStream(stream)).rejects.toThrow(UnknownSchemaVersion);
      const later = opened().reader({
        ...CURRENT,
        Priced: {
          version: 3,
          upcast: { 1: (data) => data, 2: (data) => ({ ...data, tax: { valueMinor: 1n } }) },
        },
      });
      const [read] = await later.readStream(stream);
      expect(read?.data).toEqual({ price: { valueMinor: 5n }, tax: { valueMinor: 1n } });
      expect(read?.metadata.schemaVersion).toBe(3);
    });

    it('are never written: an unknown type, another schema version or a stray bigint throws', async () => {
      const { log } = opened();
      const stream = new Place().stream();
      const append = (one: ReturnType<typeof event>) =>
        log.append(stream, 'no_stream', [event(stream, 'c'), one]);
      const stale = event(stream, 'd', { type: 'Priced' });
      await expect(append(event(stream, 'd', { type: 'Never' }))).rejects.toThrow(UnknownEventType);
      const metadata = { ...stale.metadata, schemaVersion: 1 };
      await expect(append({ ...stale, metadata })).rejects.toThrow(UnknownSchemaVersion);
      await expect(append(event(stream, 'd', { data: { amount: 1n } }))).rejects.toThrow(UnencodableValue);
      expect(commandsOf(await log.readStream(stream))).toEqual([]);
    });
  });
}
