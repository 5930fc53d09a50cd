import { connectEventStore, ConsumerGroups, createCodec, EventLog } from '@tender/eventstore';
import { CURRENT, OpenedLog } from './fixture';
import { operatorOver } from './group-operator';

/** The longest stream there may be is read on a machine that does much else, too. */
const PATIENT = { readTimeoutMs: 60_000 };

/** The production client on a server, whoever runs it. */
export function overGrpc(url: string, stop: () => Promise<void>): OpenedLog {
  const log = connectEventStore({ url, codec: createCodec(CURRENT), ...PATIENT });
  const readers: (EventLog & ConsumerGroups)[] = [];
  const { operator, dispose } = operatorOver(url, log);
  return {
    log,
    reader: (catalog) => {
      const reader = connectEventStore({ url, codec: createCodec(catalog), readOnly: true, ...PATIENT });
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
