import type { RefundState } from '@tender/domain';
import { refundDecider } from '@tender/domain';
import type { Chance, Clock, RefundCommands } from '@tender/engine';
import { FoldedStreams, schemaVersionOf, StreamCommands } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import type { World } from './world';

/** Fewer than a world may have, so that folds are forgotten as they are in a process that runs for days. */
const STREAMS_KNOWN = 20;

/** The commands of refunds as production has them, with the bug of this world in them, if any. */
export const refundStreamsOf = (
  { patches }: World,
  deps: { readonly log: EventLog; readonly clock: Clock; readonly chance: Chance },
): RefundCommands =>
  new StreamCommands({
    ...deps,
    decider: patches.refundDecider?.(refundDecider) ?? refundDecider,
    schemaVersionOf,
    folded: new FoldedStreams<RefundState>(STREAMS_KNOWN),
  });
