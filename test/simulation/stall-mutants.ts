import type { AuthorizeRequest } from '@tender/domain';
import { timestampOf } from '@tender/engine';
import type { Mutant } from './planting';

/** Bugs that show where a send is held up, and others go on without it. */
export const STALL_MUTANTS: readonly Mutant[] = [
  {
    bug: 'a request leaves however long it was held up',
    scenario: 'stalls',
    patches: () => ({ clockStands: true }),
  },
  {
    bug: 'an event that is heard late is acted on as if nothing could have followed it',
    scenario: 'stalls',
    patches: () => ({
      handle:
        (handle, { clock }) =>
        (event, delivery) => {
          const recordedAt = delivery.again ? event.metadata.recordedAt : timestampOf(clock.now());
          return handle({ ...event, metadata: { ...event.metadata, recordedAt } }, delivery);
        },
    }),
  },
  {
    bug: 'a refund that is not found gets a fresh key while its own may still be sent',
    scenario: 'stalls',
    patches: () => ({
      refundDecider: (decider) => ({
        ...decider,
        decide: (command, state) =>
          decider.decide(
            command.type === 'RecordRefundLookup'
              ? { ...command, data: { ...command.data, keySafeForMs: 0 } }
              : command,
            state,
          ),
      }),
    }),
  },
  {
    bug: 'a charge that is not found is made under a fresh key while its own may still be sent',
    scenario: 'stalls',
    patches: () => {
      const sent = new Map<string, AuthorizeRequest>();
      return {
        gateway: (gateway) => ({
          ...gateway,
          authorize: (request) => {
            sent.set(request.attemptId, request);
            return gateway.authorize(request);
          },
          lookup: async (request) => {
            const answer = await gateway.lookup(request);
            const first = sent.get(request.attemptId);
            if (answer.kind !== 'not_found' || first === undefined) return answer;
            const idempotencyKey = `${first.idempotencyKey}-again`;
            return { kind: 'found', outcome: await gateway.authorize({ ...first, idempotencyKey }) };
          },
        }),
      };
    },
  },
  {
    bug: 'a capture that is not found is made under a fresh key while its own may still be sent',
    scenario: 'stalls',
    patches: () => ({
      gateway: (gateway) => ({
        ...gateway,
        lookupOperation: async (request) => {
          const answer = await gateway.lookupOperation(request);
          if (answer.kind !== 'not_found' || request.kind !== 'capture') return answer;
          const operationId = `${request.operationId}-again`;
          return { kind: 'found', outcome: await gateway.capture({ ...request, operationId }) };
        },
      }),
    }),
  },
];
