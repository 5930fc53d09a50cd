import { connectEventStore, ConsumerGroups, createCodec, EventLog } from '@tender/eventstore';
import { CURRENT, OpenedLog } from './fixture';
import { operatorOver } from './group-operator';

/** The production client on a server, whoever runs it. */
export function overGrpc(url: string, stop: () => Promise<void>): OpenedLog {
  const log = connectEventStore({ url, codec: createCodec(CURRENT) });
  const readers: (EventLog & ConsumerGroups)[] = [];
  const { operator, dispose } = operatorOver(url, log);
  return {
    log,
    reader: (catalog) => {
      const reader = connectEventStore({ url, codec: createCodec(catalog), readOnly: true });
      readers.push(reader);
      return reader;
    },
    operator,
    close: async () => {
      await dispose();
      await Promise.all([log, ...readers].map((one) => one.close()));
      await stop();
    },
  };
}
