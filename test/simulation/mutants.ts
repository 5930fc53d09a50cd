import type { AuthorizeRequest } from '@tender/domain';
import { evolvePayment } from '@tender/domain';
import { asPaymentEvent } from '@tender/engine';
import { CLAIM_MUTANTS } from './claim-mutants';
import { OPERATION_MUTANTS } from './operation-mutants';
import type { Mutant } from './planting';
import { REFUND_MUTANTS } from './refund-mutants';
import { REVERSAL_MUTANTS } from './reversal-mutants';
import { STALL_MUTANTS } from './stall-mutants';
import { appending, authorizing, commanding, declined, delivering } from './planting';

const DAY_MS = 24 * 3_600_000;

/** Bugs in how a payment begins, is searched for and is told. */
const PAYMENT_MUTANTS: readonly Mutant[] = [
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
    // nobody else tells of it either
    scenario: 'webhooks_lost',
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
];

export const MUTANTS: readonly Mutant[] = [
  ...PAYMENT_MUTANTS,
  ...OPERATION_MUTANTS,
  ...REFUND_MUTANTS,
  ...REVERSAL_MUTANTS,
  ...CLAIM_MUTANTS,
  ...STALL_MUTANTS,
];
