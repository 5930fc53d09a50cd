import type { Payment, PaymentEvent } from '@tender/domain';
import { evolvePayment, PAYMENT_EVENTS } from '@tender/domain';
import type { OpenFlow } from './open-flow';
import { evolveOpenFlow } from './open-flow';
import type { ProjectedEvent } from './projected-event';
import type { StreamRun } from './stream-runs';
import { foldNew } from './stream-runs';

/** A payment as far as its events were folded. `revision` is -1 before the first. */
export interface FoldedPayment {
  readonly revision: bigint;
  readonly payment: Payment | null;
  readonly openFlow: OpenFlow | undefined;
}

export const NOT_STORED: FoldedPayment = { revision: -1n, payment: null, openFlow: undefined };

export const PAYMENT_STREAM_PREFIX = 'payment-';

/** As `foldNew`. @throws ProjectionGap */
export const foldRun = (before: FoldedPayment, run: StreamRun): FoldedPayment =>
  foldNew(before, run, (folded, event) => {
    const { revision, metadata } = event;
    const { recordedAt } = metadata;
    const payment = evolvePayment(folded.payment, paymentEvent(event), recordedAt);
    const openFlow = payment === null ? undefined : evolveOpenFlow(folded.openFlow, payment, recordedAt);
    return { revision, payment, openFlow };
  });

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
