import type { AttemptStarted } from '@tender/domain';
import { asPaymentEvent, timestampOf } from '@tender/engine';
import type { Mutant } from './planting';
import { commanding, deciding, MADE_UP_AT, recording } from './planting';

/** Longer than a request waits for its permit. */
const LATER_MS = 10_000;

const DAY_MS = 24 * 3_600_000;
const aDayAfter = (at: string): string => timestampOf(Date.parse(at) + DAY_MS);

/** Bugs in what is done to an authorisation or a charge, and in what a PSP says by itself. */
export const OPERATION_MUTANTS: readonly Mutant[] = [
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
              clock.after(LATER_MS, () => {
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
    bug: 'a second charge of an attempt that has ended well is answered with nothing',
    scenario: 'forgetful',
    patches: () => ({
      decider: deciding((command, state, original) => {
        if (command.type !== 'RecordAttemptOutcome') return original(command, state);
        const status = state?.attempts.find(({ id }) => id === command.data.attemptId)?.status;
        return status === 'authorized' || status === 'succeeded' || status === 'voided'
          ? { kind: 'nothing', because: `the attempt has ended: ${status}` }
          : original(command, state);
      }),
    }),
  },
  {
    bug: 'what a PSP does to a second charge is taken for done to the sale that waits for its merchant',
    scenario: 'forgetful',
    patches: () => ({
      decider: deciding((command, state, original) => {
        const decision = original(command, state);
        if (command.type !== 'RecordOperationNews' || decision.kind !== 'nothing') return decision;
        const sale = state?.attempts.find(({ id, status }) => {
          return id === command.data.attemptId && status === 'authorized';
        });
        return sale === undefined
          ? decision
          : original({ ...command, data: { ...command.data, paymentReference: sale.pspReference } }, state);
      }),
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
          ? { ...command, data: { ...command.data, heardAt: aDayAfter(command.data.heardAt) } }
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
    // what was captured all the same is told by its notice
    scenario: 'webhooks_lost',
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
