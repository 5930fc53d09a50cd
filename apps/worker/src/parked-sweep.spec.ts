import type { NoticeResult } from '@tender/engine';
import type { StoredParkedNotice } from '@tender/readmodels';
import { MAX_PAGE_SIZE } from '@tender/readmodels';
import { pino } from 'pino';
import { ParkedAges, rereadParked } from './parked-sweep';

const SINCE_MS = Date.parse('2026-03-01T12:00:00.000Z');
const notice = (n: number): StoredParkedNotice => ({
  stream: `webhook-stripe_${n}`,
  psp: 'stripe',
  because: 'no_payment',
  since: new Date(SINCE_MS + n * 1_000).toISOString(),
});

/** So many notices wait; what comes of reading each is said by `resultOf`. */
async function swept(count: number, resultOf: (stream: string) => NoticeResult['what'] | 'fails') {
  const all = Array.from({ length: count }, (_, n) => notice(n));
  const read: string[] = [];
  const ages = new ParkedAges();
  await rereadParked({
    ages,
    logger: pino({ level: 'silent' }),
    parked: {
      list: ({ limit, after }) => {
        const from = after === undefined ? 0 : all.findIndex(({ stream }) => stream === after.stream) + 1;
        return Promise.resolve(all.slice(from, from + limit));
      },
    },
    driver: {
      reread: (stream) => {
        read.push(stream);
        const what = resultOf(stream);
        if (what === 'fails') return Promise.reject(new Error('the store is away'));
        return Promise.resolve({ what, because: 'no_payment' } as NoticeResult);
      },
    },
  });
  return { read, ages };
}

it('every parked notice is read again, over pages, the oldest first', async () => {
  const { read } = await swept(MAX_PAGE_SIZE + 1, () => 'parked');
  expect(read).toEqual(Array.from({ length: MAX_PAGE_SIZE + 1 }, (_, n) => notice(n).stream));
});

it('tells how many still wait and how old the oldest one is, and of none that it is none', async () => {
  const { ages } = await swept(3, (stream) => (stream.endsWith('_0') ? 'applied' : 'parked'));
  expect([ages.count, ages.oldestAgeS(SINCE_MS + 61_000)]).toEqual([2, 60]);
  const { ages: empty } = await swept(1, () => 'foreign');
  expect([empty.count, empty.oldestAgeS(SINCE_MS)]).toEqual([0, 0]);
});

it('one that cannot be read waits on, and does not stop the others', async () => {
  const { read, ages } = await swept(3, (stream) => (stream.endsWith('_0') ? 'fails' : 'applied'));
  expect(read).toHaveLength(3);
  expect(ages.count).toBe(1);
});
