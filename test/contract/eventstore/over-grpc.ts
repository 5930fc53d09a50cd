import { connectEventStore, createCodec, EventLog } from '@tender/eventstore';
import { CURRENT, OpenedLog } from './fixture';

/** The production client on a server, whoever runs it. */
export function overGrpc(url: string, stop: () => Promise<void>): OpenedLog {
  const log = connectEventStore({ url, codec: createCodec(CURRENT) });
  const readers: EventLog[] = [];
  return {
    log,
    reader: (catalog) => {
      const reader = connectEventStore({ url, codec: createCodec(catalog), readOnly: true });
      readers.push(reader);
      return reader;
    },
    close: async () => {
      await Promise.all([log, ...readers].map((one) => one.close()));
      await stop();
    },
  };
}
