import type { AuthorizeRequest, RefundState } from '@tender/domain';
import { timestampOf } from '@tender/engine';
import type { HeldUp } from './held-up';
import { heldUp } from './held-up';
import type { Catch } from './hunt';
import type { Patches } from './patches';
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
];

/** As if somebody had looked for it at the same time: else a re-send of the same key comes between two look-ups. */
const missedBefore = (state: RefundState): RefundState =>
  state === null
    ? null
    : {
        ...state,
        tries: state.tries.map((one) =>
          one.search === null ? one : { ...one, search: { ...one.search, notFound: 1 } },
        ),
      };

/** A bug that shows where one request is held up, and nothing else gets to the PSP meanwhile. */
export interface HeldUpMutant {
  readonly bug: string;
  readonly what: HeldUp;
  readonly patches: () => Patches;
}

export const HELD_UP_MUTANTS: readonly HeldUpMutant[] = [
  {
    bug: 'a refund that is not found gets a fresh key while its own may still be sent',
    what: 'refund',
    patches: () => ({
      refundDecider: (decider) => ({
        ...decider,
        decide: (command, state) =>
          decider.decide(
            command.type === 'RecordRefundLookup'
              ? { ...command, data: { ...command.data, keySafeForMs: 0 } }
              : command,
            missedBefore(state),
          ),
      }),
    }),
  },
  {
    bug: 'a capture that is not found is made under a fresh key while its own may still be sent',
    what: 'capture',
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

/** Longer than look-ups need for a proof, and shorter than a first send may take. */
const HELD_UP_MS = 14 * 60_000;

/** Tells the story seed after seed with the bug planted, until a rule is broken. */
export async function huntHeldUp({ what, patches }: HeldUpMutant, maxSeeds: number): Promise<Catch> {
  for (let seed = 1; seed <= maxSeeds; seed += 1) {
    const story = { what, psp: 'stripe', heldUpMs: HELD_UP_MS, seed, patches: patches() } as const;
    const [violation] = (await heldUp(story)).violations;
    if (violation !== undefined) return { seeds: seed, violation };
  }
  return { seeds: undefined, violation: undefined };
}
