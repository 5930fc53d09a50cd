import { EVENT_CATALOG } from '@tender/domain';
import { createCodec, createMemoryEventLog, UnknownEventType, type EventLog } from '@tender/eventstore';
import { refuseEmbeddedServers } from './embedded-guard';

const realLog = (): EventLog => createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
const embeddedLog = (): EventLog => ({
  ...realLog(),
  // its marker is an event that no catalogue of ours knows
  readStream: () => Promise.reject(new UnknownEventType('$embedded', '$tender-embedded@0')),
});
const readStore = (embedded: boolean) => ({ isEmbedded: () => Promise.resolve(embedded) });

describe('a start on embedded servers', () => {
  it.each([
    ['event store', embeddedLog(), readStore(false), 'EVENTSTORE_URL'],
    ['read store', realLog(), readStore(true), 'MONGODB_URI'],
  ])('is refused for the %s', async (_what, log, store, variable) => {
    await expect(refuseEmbeddedServers({ log, readStore: store }, false)).rejects.toThrow(variable);
  });

  it('is allowed where somebody said so', async () => {
    await expect(
      refuseEmbeddedServers({ log: embeddedLog(), readStore: readStore(true) }, true),
    ).resolves.toBeUndefined();
  });

  it('says nothing against real ones', async () => {
    await expect(
      refuseEmbeddedServers({ log: realLog(), readStore: readStore(false) }, false),
    ).resolves.toBeUndefined();
  });
});
