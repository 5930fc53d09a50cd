import type { RefundCommand, RefundEvent, RefundRefusal, RefundState } from '@tender/domain';
import { refundDecider } from '@tender/domain';
import type { EventLog } from '@tender/eventstore';
import { StreamCommands } from '../handle-command';
import { schemaVersionOf } from '../payment/payment-commands';
import type { Chance } from '../timers/chance';
import type { Clock } from '../timers/clock';

export type RefundCommands = StreamCommands<RefundState, RefundCommand, RefundEvent, RefundRefusal>;

export const refundCommands = (deps: { log: EventLog; clock: Clock; chance: Chance }): RefundCommands =>
  new StreamCommands({ ...deps, decider: refundDecider, schemaVersionOf });
