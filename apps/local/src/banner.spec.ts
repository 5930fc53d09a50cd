import { banner, DEMO_KEY } from './banner';

const EMBEDDED = {
  apiUrl: 'http://127.0.0.1:3000',
  stripeUrl: 'http://127.0.0.1:4010',
  adyenUrl: 'http://127.0.0.1:4020',
  eventStoreUrl: 'esdb://127.0.0.1:40001?tls=false',
  mongoUri: 'mongodb://127.0.0.1:40002/tender',
  redisUrl: undefined,
  embedded: { eventStore: true, readStore: true, redis: false },
  workers: 1,
  demoKey: true,
};
const FACTS = { dataPath: '/somewhere/.data', seconds: '1.5' };

it('shows the demo key, and a payment through each PSP, on the embedded stores', () => {
  const text = banner(EMBEDDED, FACTS);
  expect(text).toContain(`Authorization: Bearer ${DEMO_KEY}`);
  expect(text).toContain('pm_card_visa');
  expect(text).toContain('adyen_card_ok');
  expect(text).toContain('embedded EventStoreDB-compatible server');
  expect(text).toContain('no redis-server on the PATH');
});

it('offers no demo key on given stores, and calls them what they are even on loopback', () => {
  const text = banner(
    { ...EMBEDDED, embedded: { eventStore: false, readStore: false, redis: false }, demoKey: false },
    FACTS,
  );
  expect(text).not.toContain(DEMO_KEY);
  expect(text).not.toContain('embedded EventStoreDB');
  expect(text).not.toContain('embedded MongoDB');
  expect(text).toContain('Bearer $KEY');
});

it.each([
  [true, 'in Redis, a private redis-server, redis://127.0.0.1:40003'],
  [false, 'in Redis, yours, not stopped with this, redis://127.0.0.1:40003'],
])('says whose Redis holds the timers (private: %s)', (redis, expected) => {
  const stack = {
    ...EMBEDDED,
    redisUrl: 'redis://127.0.0.1:40003',
    embedded: { ...EMBEDDED.embedded, redis },
  };
  expect(banner(stack, FACTS)).toContain(expected);
});

it('keeps the passwords of given addresses to itself', () => {
  const text = banner(
    {
      ...EMBEDDED,
      eventStoreUrl: 'esdb://admin:changeit@events.example:2113',
      mongoUri: 'mongodb://tender:hushhush@docs.example/tender',
      redisUrl: 'rediss://:whisper@timers.example:6380',
    },
    FACTS,
  );
  expect(text).not.toMatch(/changeit|hushhush|whisper/);
  expect(text).toContain('//***@timers.example:6380');
});
