import type {
  AuthorizeOutcome,
  AuthorizeRequest,
  Decline,
  PaymentCommand,
  paymentDecider,
  PaymentEvent,
  PaymentState,
  PspGateway,
  RefundEvent,
  RefundOutcome,
  RefundRequest,
  RefundState,
} from '@tender/domain';
import type {
  AppendOutcome,
  ConsumerGroups,
  EventLog,
  GroupDelivery,
  GroupSubscription,
} from '@tender/eventstore';
import type { ScenarioName } from './faults';
import type { Patches } from './patches';

/** A bug planted on purpose: the proof that the auditor would see it, were it ours. */
export interface Mutant {
  readonly bug: string;
  readonly scenario: ScenarioName;
  readonly patches: () => Patches;
}

export const MADE_UP_AT = '2026-03-01T12:00:00.000Z';

const MADE_UP: Decline = {
  code: 'do_not_honor',
  category: 'soft_decline',
  message: 'Declined.',
  pspCode: '',
};

export const declined = (): AuthorizeOutcome => ({
  kind: 'declined',
  pspReference: null,
  decline: MADE_UP,
  occurredAt: MADE_UP_AT,
});

/** A decider that hears something else. */
export const commanding =
  (change: (command: PaymentCommand) => PaymentCommand): NonNullable<Patches['decider']> =>
  (decider) => ({ ...decider, decide: (command, state) => decider.decide(change(command), state) });

/** A decider that records something else. */
export const recording =
  (change: (events: readonly PaymentEvent[]) => readonly PaymentEvent[]): NonNullable<Patches['decider']> =>
  (decider) => ({
    ...decider,
    decide: (command, state) => {
      const decision = decider.decide(command, state);
      return decision.kind === 'record' ? { ...decision, events: change(decision.events) } : decision;
    },
  });

/** A decider of payments that decides otherwise. */
export const deciding =
  (
    decide: (
      command: PaymentCommand,
      state: PaymentState,
      original: typeof paymentDecider.decide,
    ) => ReturnType<typeof paymentDecider.decide>,
  ): NonNullable<Patches['decider']> =>
  (decider) => ({
    ...decider,
    decide: (command, state) => decide(command, state, decider.decide.bind(decider)),
  });

/** A decider of refunds that records something else. */
export const refundRecording =
  (
    change: (events: readonly RefundEvent[], state: RefundState) => readonly RefundEvent[],
  ): NonNullable<Patches['refundDecider']> =>
  (decider) => ({
    ...decider,
    decide: (command, state) => {
      const decision = decider.decide(command, state);
      return decision.kind === 'record' ? { ...decision, events: change(decision.events, state) } : decision;
    },
  });

/** A gateway whose refunds go another way. */
export const refunding =
  (
    refund: (request: RefundRequest, gateway: PspGateway) => Promise<RefundOutcome>,
  ): NonNullable<Patches['gateway']> =>
  (gateway) => ({ ...gateway, refund: (request) => refund(request, gateway) });

/** A gateway whose authorisations go another way. */
export const authorizing = (
  authorize: (request: AuthorizeRequest, gateway: PspGateway) => Promise<AuthorizeOutcome>,
): NonNullable<Patches['gateway']> => {
  return (gateway) => ({ ...gateway, authorize: (request) => authorize(request, gateway) });
};

/** Appends go another way; everything else is the log's. */
export const appending = (
  log: EventLog,
  append: (...args: Parameters<EventLog['append']>) => Promise<AppendOutcome>,
): EventLog => ({
  append,
  readStream: (...args) => log.readStream(...args),
  readAll: (options) => log.readAll(options),
  subscribe: (options) => log.subscribe(options),
  close: () => log.close(),
});

/** Deliveries of every group go another way. */
export const delivering = (
  groups: ConsumerGroups,
  change: (delivery: GroupDelivery, subscription: GroupSubscription) => GroupDelivery,
): ConsumerGroups => ({
  join: (options) => {
    const subscription = groups.join(options);
    return {
      acknowledge: (delivery) => {
        subscription.acknowledge(delivery);
      },
      close: () => subscription.close(),
      async *[Symbol.asyncIterator]() {
        for await (const batch of subscription) yield batch.map((delivery) => change(delivery, subscription));
      },
    };
  },
  parked: (group) => groups.parked(group),
  driveParked: (group) => groups.driveParked(group),
});
