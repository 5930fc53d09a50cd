import type { PaymentEvent, PaymentState } from '@tender/domain';
import { book, currentTry, findOperation } from '@tender/domain';
import type { Patches } from './patches';
import type { Mutant } from './planting';
import { deciding } from './planting';

/** Another request to give the charge back, beside the one that is in doubt. */
function begunBeside(state: PaymentState, [first]: readonly PaymentEvent[]): readonly PaymentEvent[] {
  if (state === null || first?.type !== 'ReversalOutcomeUnknown') return [];
  const { attemptId, operationId } = first.data;
  const operation = findOperation(state, operationId);
  if (operation === undefined) return [];
  const { amountMinor, captured, paymentReference: pspReference } = operation;
  const before = state.operations.filter((one) => one.attemptId === attemptId && one.kind === 'reversal');
  const next = `${attemptId}-reversal-${before.length + 1}`;
  const { currency } = state;
  return [
    {
      type: 'ReversalStarted',
      data: { operationId: next, attemptId, pspReference, amountMinor, currency, captured },
    },
  ];
}

/** Bugs in how a charge without a sale is given back again, and in what a person's word does. */
export const REVERSAL_MUTANTS: readonly Mutant[] = [
  {
    bug: 'a charge that was not given back is asked for again under the same key',
    scenario: 'refused',
    patches: () => ({
      gateway: (gateway) => ({
        ...gateway,
        reverse: (request) => gateway.reverse({ ...request, operationId: `${request.attemptId}-reversal-1` }),
      }),
    }),
  },
  {
    bug: 'a charge is asked for again while nobody knows what became of the first request',
    scenario: 'refused',
    patches: () => ({
      decider: deciding((command, state, decide) => {
        const decision = decide(command, state);
        return decision.kind === 'record'
          ? { ...decision, events: [...decision.events, ...begunBeside(state, decision.events)] }
          : decision;
      }),
    }),
  },
  {
    bug: 'a late success that was not given back is found once more by its cancel',
    scenario: 'refused',
    patches: () => ({
      decider: deciding((command, state, decide) => {
        const decision = decide(command, state);
        const [failed] = decision.kind === 'record' ? decision.events : [];
        const late = state?.lateSuccesses.at(-1);
        return decision.kind === 'record' && failed?.type === 'ReversalFailed' && late !== undefined && state
          ? {
              ...decision,
              events: [
                ...decision.events,
                {
                  type: 'LateSuccessFound',
                  data: {
                    ...{ attemptId: late.attemptId, pspReference: late.pspReference },
                    ...{ amountMinor: late.amountMinor, captured: late.captured },
                    currency: state.currency,
                    occurredAt: failed.data.occurredAt,
                  },
                },
              ],
            }
          : decision;
      }),
    }),
  },
  {
    bug: 'what a person found out posts nothing in the books',
    scenario: 'refused',
    patches: () => {
      const told = new Set<string>();
      return {
        decider: deciding((command, state, decide) => {
          if (command.type === 'ResolveOperation') told.add(command.data.operationId);
          return decide(command, state);
        }),
        book: (event, books) => {
          const booked = book(event, books);
          const { operationId } = event.data as { readonly operationId?: string };
          const isTold = event.type === 'ChargeReversed' && told.has(operationId ?? '');
          return isTold ? { ...booked, journals: [] } : booked;
        },
      };
    },
  },
];

/** A bug that shows where somebody speaks of a try that has ended, while the next one is under way. */
export const WORD_ENDS_NEXT_TRY = {
  bug: 'what a person found out about one try of a refund ends the next one',
  patches: (): Patches => ({
    refundDecider: (decider) => ({
      ...decider,
      decide: (command, state) =>
        decider.decide(
          command.type === 'ResolveRefund' && state !== null
            ? { ...command, data: { ...command.data, number: currentTry(state).number } }
            : command,
          state,
        ),
    }),
  }),
};
