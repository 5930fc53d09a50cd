import type {
  AttemptStarted,
  AuthorizeOutcome,
  AuthorizeRequest,
  Decline,
  PaymentCommand,
  PaymentEvent,
  PspGateway,
} from '@tender/domain';
import { evolvePayment } from '@tender/domain';
import { asPaymentEvent } from '@tender/engine';
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

const DAY_MS = 24 * 3_600_000;

/** Longer than a request waits for its permit. */
const RUNG_MS = 10_000;
const MADE_UP_AT = '2026-03-01T12:00:00.000Z';

const MADE_UP: Decline = {
  code: 'do_not_honor',
  category: 'soft_decline',
  message: 'Declined.',
  pspCode: '',
};

const declined = (): AuthorizeOutcome => ({
  kind: 'declined',
  pspReference: null,
  decline: MADE_UP,
  occurredAt: MADE_UP_AT,
});

/** A decider that hears something else. */
const commanding =
  (change: (command: PaymentCommand) => PaymentCommand): NonNullable<Patches['decider']> =>
  (decider) => ({ ...decider, decide: (command, state) => decider.decide(change(command), state) });

/** A decider that records something else. */
const recording =
  (change: (events: readonly PaymentEvent[]) => readonly PaymentEvent[]): NonNullable<Patches['decider']> =>
  (decider) => ({
    ...decider,
    decide: (command, state) => {
      const decision = decider.decide(command, state);
      return decision.kind === 'record' ? { ...decision, events: change(decision.events) } : decision;
    },
  });

/** A gateway whose authorisations go another way. */
const authorizing = (
  authorize: (request: AuthorizeRequest, gateway: PspGateway) => Promise<AuthorizeOutcome>,
): NonNullable<Patches['gateway']> => {
  return (gateway) => ({ ...gateway, authorize: (request) => authorize(request, gateway) });
};

/** Appends go another way; everything else is the log's. */
const appending = (
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
const delivering = (
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

export const MUTANTS: readonly Mutant[] = [
  {
    bug: 'every try gets a fresh key at the PSP',
    scenario: 'psp',
    patches: () => {
      let tries = 0;
      return {
        gateway: authorizing((request, gateway) =>
          gateway.authorize({ ...request, idempotencyKey: `${request.idempotencyKey}-${(tries += 1)}` }),
        ),
      };
    },
  },
  {
    bug: 'a key that answers with its stored error is replaced by a fresh one',
    scenario: 'psp',
    patches: () => ({
      gateway: authorizing(async (request, gateway) => {
        const first = await gateway.authorize(request);
        if (first.kind !== 'unknown' || !first.keyBurnt) return first;
        return gateway.authorize({ ...request, idempotencyKey: `${request.idempotencyKey}-again` });
      }),
    }),
  },
  {
    bug: 'a key is sent again after the PSP may have forgotten it',
    scenario: 'blackout',
    // a PSP with look-ups is not sent an old key anyway
    patches: () => ({ gateway: (gateway) => ({ ...gateway, canLookUp: false, keySafeForMs: Infinity }) }),
  },
  {
    bug: 'an AttemptStarted that comes again after 25 hours is sent without a look at its age and its outcome',
    scenario: 'restored',
    patches: () => ({
      handle:
        (handle, { clock, gateways }) =>
        (event, delivery) => {
          const started = asPaymentEvent(event);
          const ageMs = clock.now() - Date.parse(event.metadata.recordedAt);
          if (started.type === 'AttemptStarted' && ageMs > DAY_MS) {
            const { data } = started;
            const paymentId = event.stream.slice('payment-'.length);
            void gateways[data.psp].authorize({ ...data, paymentId, idempotencyKey: data.pspIdempotencyKey });
          }
          return handle(event, delivery);
        },
    }),
  },
  {
    bug: 'an append takes whatever revision the stream has instead of the one that was decided on',
    scenario: 'everything',
    patches: () => ({
      log: (log) =>
        appending(log, async (stream, _expected, events) => {
          const present = await log.readStream(stream);
          const expected = present.at(-1)?.revision ?? 'no_stream';
          return log.append(stream, expected, events);
        }),
    }),
  },
  {
    bug: 'the PSP is called before the attempt is durable',
    scenario: 'store',
    patches: () => ({
      log: (log, { gateways }) =>
        appending(log, (stream, expected, events) => {
          const started = events.find(({ type }) => type === 'AttemptStarted');
          if (started !== undefined) {
            const data = started.data as unknown as AuthorizeRequest & { pspIdempotencyKey: string };
            const paymentId = stream.slice('payment-'.length);
            void gateways.stripe.authorize({ ...data, paymentId, idempotencyKey: data.pspIdempotencyKey });
          }
          return log.append(stream, expected, events);
        }),
    }),
  },
  {
    bug: 'an unknown outcome is taken for a decline',
    scenario: 'psp',
    patches: () => ({
      gateway: authorizing(async (request, gateway) => {
        const outcome = await gateway.authorize(request);
        return outcome.kind === 'unknown' ? declined() : outcome;
      }),
    }),
  },
  {
    bug: 'an unknown outcome is taken for a reason to ask another PSP',
    scenario: 'psp',
    patches: () => ({
      gateway: (gateway, { gateways }) => ({
        ...gateway,
        authorize: async (request) => {
          const outcome = await gateway.authorize(request);
          const other = gateway.psp === 'stripe' ? gateways.adyen : gateways.stripe;
          return outcome.kind === 'unknown' ? other.authorize(request) : outcome;
        },
      }),
    }),
  },
  {
    bug: 'a send that did not leave is taken for proof although an earlier one may have',
    scenario: 'crashes',
    patches: () => ({
      decider: commanding((command) =>
        command.type === 'RecordAttemptOutcome' &&
        command.data.outcome.kind === 'not_sent' &&
        !command.data.surelyFirstSend
          ? { ...command, data: { ...command.data, outcome: declined() } }
          : command,
      ),
    }),
  },
  {
    bug: 'one look-up that finds nothing is taken for proof at once',
    scenario: 'psp',
    patches: () => ({
      gateway: (gateway) => ({
        ...gateway,
        lookup: async (request) => {
          const answer = await gateway.lookup(request);
          return answer.kind === 'not_found' ? { kind: 'found', outcome: declined() } : answer;
        },
      }),
    }),
  },
  {
    bug: 'the command of a request has its id from the idempotency key',
    scenario: 'clients',
    patches: () => ({ requestId: (idempotencyKey) => idempotencyKey }),
  },
  {
    bug: 'an answer is rendered from what was tried instead of what is recorded',
    scenario: 'clients',
    patches: () => ({
      answer: (answer, { body }) =>
        answer.kind === 'payment'
          ? {
              ...answer,
              at: {
                ...answer.at,
                payment: { ...answer.at.payment, amountMinor: BigInt(body.amount), updatedAt: '' },
              },
              settled: true,
            }
          : answer,
    }),
  },
  {
    bug: 'an append without a reply is acknowledged',
    scenario: 'store',
    patches: () => ({
      log: (log) =>
        appending(log, async (stream, expected, events) => {
          const outcome = await log.append(stream, expected, events);
          if (outcome.kind !== 'unknown') return outcome;
          const before = expected === 'no_stream' ? -1n : expected;
          const position = { commit: 0n, prepare: 0n };
          return { kind: 'appended', revision: before + BigInt(events.length), position };
        }),
    }),
  },
  {
    bug: 'an event is acknowledged before its effect is done',
    scenario: 'crashes',
    patches: () => ({
      groups: (groups) =>
        delivering(groups, (delivery, subscription) => {
          subscription.acknowledge(delivery);
          return delivery;
        }),
    }),
  },
  {
    bug: 'whoever is live takes each delivery for the first',
    scenario: 'crashes',
    patches: () => ({ groups: (groups) => delivering(groups, (delivery) => ({ ...delivery, first: true })) }),
  },
  {
    bug: 'nobody derives the wake-ups of a process that died',
    scenario: 'everything',
    patches: () => ({ noSweep: true }),
  },
  {
    bug: 'the projection applies an event again that it has applied before',
    scenario: 'everything',
    patches: () => ({
      apply: (target) => async (events) => {
        for (const event of events) {
          const id = event.stream.slice('payment-'.length);
          const before = target.documents.get(id);
          const payment = evolvePayment(
            before?.payment ?? null,
            asPaymentEvent(event),
            event.metadata.recordedAt,
          );
          target.put(id, { revision: event.revision, payment, openFlow: undefined });
        }
        await target.apply([]);
      },
    }),
  },
  {
    bug: 'a delivery of an event is lost',
    scenario: 'calm',
    patches: () => {
      let deliveries = 0;
      return {
        handle: (handle) => (event, delivery) =>
          (deliveries += 1) % 7 === 0 ? undefined : handle(event, delivery),
      };
    },
  },
  {
    bug: 'every try of a capture gets a fresh key at the PSP',
    scenario: 'psp',
    patches: () => {
      let tries = 0;
      return {
        gateway: (gateway) => ({
          ...gateway,
          capture: (request) =>
            gateway.capture({ ...request, operationId: `${request.operationId}-${(tries += 1)}` }),
        }),
      };
    },
  },
  {
    bug: 'a charge is sent again although its cancel was requested',
    scenario: 'everything',
    patches: () => {
      const started = new Map<string, AttemptStarted>();
      return {
        handle:
          (handle, { clock, gateways }) =>
          (event, delivery) => {
            const { type, data } = asPaymentEvent(event);
            if (type === 'AttemptStarted') started.set(event.stream, data);
            const attempt = started.get(event.stream);
            if (type === 'CancelRequested' && attempt !== undefined) {
              clock.after(RUNG_MS, () => {
                const paymentId = event.stream.slice('payment-'.length);
                const idempotencyKey = attempt.pspIdempotencyKey;
                void gateways[attempt.psp].authorize({ ...attempt, paymentId, idempotencyKey });
              });
            }
            return handle(event, delivery);
          },
      };
    },
  },
  {
    bug: 'a charge that came late is recorded and not given back',
    scenario: 'everything',
    patches: () => ({
      decider: recording((events) => events.filter(({ type }) => type !== 'ReversalStarted')),
    }),
  },
  {
    bug: 'a capture that the PSP has received is taken for one that it made',
    scenario: 'psp',
    patches: () => ({
      gateway: (gateway) => ({
        ...gateway,
        capture: async (request) => {
          const outcome = await gateway.capture(request);
          const { amountMinor } = request;
          return outcome.kind === 'pending'
            ? { ...outcome, kind: 'succeeded', amountMinor, occurredAt: MADE_UP_AT }
            : outcome;
        },
      }),
    }),
  },
  {
    bug: 'a PSP that finds nothing to end is believed before a late request would have arrived',
    scenario: 'unwanted',
    patches: () => ({
      decider: commanding((command) =>
        command.type === 'RecordOperationNews'
          ? { ...command, data: { ...command.data, settlesAfterMs: 0 } }
          : command,
      ),
    }),
  },
  {
    bug: 'a notice that comes before the reply is dropped',
    scenario: 'psp',
    patches: () => ({
      decider: (decider) => ({
        ...decider,
        decide: (command, state) => {
          const early =
            command.type === 'RecordOperationNews' &&
            state?.operations.some(({ status }) => status === 'started') === true;
          return early
            ? { kind: 'nothing', because: 'nobody has replied yet' }
            : decider.decide(command, state);
        },
      }),
    }),
  },
  {
    bug: 'news about an attempt is applied to the latest one',
    scenario: 'everything',
    patches: () => ({
      decider: (decider) => ({
        ...decider,
        decide: (command, state) => {
          const latest = state?.attempts.at(-1);
          const moved =
            command.type === 'RecordAttemptOutcome' && latest !== undefined
              ? { ...command, data: { ...command.data, attemptId: latest.id } }
              : command;
          return decider.decide(moved, state);
        },
      }),
    }),
  },
  {
    bug: 'an authentication that nobody comes back from is never ended',
    scenario: 'calm',
    patches: () => ({
      decider: (decider) => ({
        ...decider,
        decide: (command, state) =>
          command.type === 'StartCancel' && command.data.purpose === 'abandoned'
            ? { kind: 'nothing', because: 'the buyer may still come' }
            : decider.decide(command, state),
      }),
    }),
  },
  {
    bug: 'a capture that is in doubt is taken for one that failed',
    scenario: 'psp',
    patches: () => ({
      gateway: (gateway) => ({
        ...gateway,
        capture: async (request) => {
          const outcome = await gateway.capture(request);
          return outcome.kind === 'unknown'
            ? { kind: 'failed', why: 'refused', detail: '', pspReference: null, occurredAt: MADE_UP_AT }
            : outcome;
        },
      }),
    }),
  },
];
