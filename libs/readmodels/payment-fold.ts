import type { Payment, PaymentEvent } from '@tender/domain';
import { evolvePayment, PAYMENT_EVENTS } from '@tender/domain';
import { ProjectionGap } from './failures';
import type { OpenFlow } from './open-flow';
import { evolveOpenFlow } from './open-flow';
import type { ProjectedEvent } from './projected-event';

/** A payment as far as its events were folded. `revision` is -1 before the first. */
export interface FoldedPayment {
  readonly revision: bigint;
  readonly payment: Payment | null;
  readonly openFlow: OpenFlow | undefined;
}

export const NOT_STORED: FoldedPayment = { revision: -1n, payment: null, openFlow: undefined };

/** The events of one payment within a batch, in the order of the log. */
export interface PaymentRun {
  readonly id: string;
  readonly stream: string;
  readonly events: ProjectedEvent[];
}

const STREAM_PREFIX = 'payment-';

/** One run a payment, in the order in which they first appear. Events of other categories are not ours. */
export function runsOf(events: readonly ProjectedEvent[]): ReadonlyMap<string, PaymentRun> {
  const runs = new Map<string, PaymentRun>();
  for (const event of events) {
    if (!event.stream.startsWith(STREAM_PREFIX)) continue;
    const id = event.stream.slice(STREAM_PREFIX.length);
    const run = runs.get(id);
    if (run === undefined) runs.set(id, { id, stream: event.stream, events: [event] });
    else run.events.push(event);
  }
  return runs;
}

/**
 * Folds what is new in the run onto the state; what the state has already is skipped, so a redelivery gives the same
 * object back.
 * @throws ProjectionGap
 */
export function foldRun(before: FoldedPayment, run: PaymentRun): FoldedPayment {
  let { revision, payment, openFlow } = before;
  for (const event of run.events) {
    if (event.revision <= revision) continue;
    if (event.revision !== revision + 1n) throw new ProjectionGap(run.stream, revision, event.revision);
    const { recordedAt } = event.metadata;
    payment = evolvePayment(payment, paymentEvent(event), recordedAt);
    openFlow = payment === null ? undefined : evolveOpenFlow(openFlow, payment, recordedAt);
    revision = event.revision;
  }
  return revision === before.revision ? before : { revision, payment, openFlow };
}

/** An event that nobody told us of must stop the projector: `evolve` would pass it over. */
function paymentEvent(event: ProjectedEvent): PaymentEvent {
  if (!Object.hasOwn(PAYMENT_EVENTS, event.type)) {
    throw new Error(
      `${event.stream} at ${event.revision.toString()}: ${event.type} is not an event of a payment`,
    );
  }
  // the codec has checked the data against the same catalogue
  return event as ProjectedEvent & PaymentEvent;
}
