import type { PaymentCommand, PaymentEvent, PaymentRefusal, PaymentState } from '@tender/domain';
import { EVENT_CATALOG, paymentDecider } from '@tender/domain';
import type { EventLog } from '@tender/eventstore';
import { StreamCommands } from '../handle-command';
import type { Chance } from '../timers/chance';
import type { Clock } from '../timers/clock';

export type PaymentCommands = StreamCommands<PaymentState, PaymentCommand, PaymentEvent, PaymentRefusal>;

export const schemaVersionOf = (type: string): number => {
  const schema = (EVENT_CATALOG as Readonly<Record<string, { version: number } | undefined>>)[type];
  if (schema === undefined) throw new Error(`${type} is not in the catalogue of events`);
  return schema.version;
};

export const paymentCommands = (deps: { log: EventLog; clock: Clock; chance: Chance }): PaymentCommands =>
  new StreamCommands({ ...deps, decider: paymentDecider, schemaVersionOf });
