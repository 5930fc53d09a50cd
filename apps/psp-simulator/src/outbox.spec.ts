import { Outbox } from './outbox';

const NOTHING = { headers: {}, body: '' };

it('forgets the oldest of what was delivered at the limit, and nothing that was not', () => {
  const outbox = new Outbox<{ readonly name: string }>({
    rules: {
      retryPausesMs: [1],
      retriedForMs: 1_000,
      acknowledgeWithinMs: 1,
      inFlightMax: 1,
      holdsBack: false,
    },
    itemsPerWebhook: 1,
    secret: '',
    nowMs: () => 0,
    write: () => NOTHING,
    keep: () => undefined,
    drawFault: () => undefined,
    injected: () => undefined,
    deliveredKept: 2,
  });
  const entries = outbox.numbered(['a', 'b', 'c', 'd'].map((name) => ({ name, dueMs: 0 })));
  outbox.put(entries);
  outbox.put(entries.slice(1, 3).map((entry) => ({ ...entry, deliveredMs: 0 })));
  expect(outbox.all().map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
  outbox.put(entries.slice(3).map((entry) => ({ ...entry, deliveredMs: 0 })));
  expect(outbox.all().map(({ name }) => name)).toEqual(['a', 'c', 'd']);
});
