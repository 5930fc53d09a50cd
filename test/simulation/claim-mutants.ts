import type { BookableEvent } from '@tender/domain';
import { book } from '@tender/domain';
import type { Mutant } from './planting';
import { deciding } from './planting';

const nameless = (event: BookableEvent): BookableEvent =>
  event.type === 'DisputeOpened' ? { ...event, data: { ...event.data, paymentReference: null } } : event;

/** Bugs in what follows from a bank that takes a charge without a sale. */
export const CLAIM_MUTANTS: readonly Mutant[] = [
  {
    bug: 'a dispute of a charge without a sale counts against the sale',
    scenario: 'claimed',
    patches: () => ({
      decider: deciding((command, state, decide) =>
        command.type === 'RecordDisputeFact'
          ? decide(
              {
                ...command,
                data: { ...command.data, fact: { ...command.data.fact, paymentReference: null } },
              },
              state,
            )
          : decide(command, state),
      ),
    }),
  },
  {
    bug: 'a lost dispute is booked as a loss, although the money was owed',
    scenario: 'claimed',
    patches: () => ({ book: (event, books) => book(nameless(event), books) }),
  },
  {
    bug: 'a debt that a bank has settled is not owed again when the dispute is won',
    scenario: 'claimed',
    patches: () => ({
      book: (event, books) => {
        const booked = book(event, books);
        const journals = booked.journals.filter(({ template }) => template !== 'dispute.owed_again@1');
        return { ...booked, journals };
      },
    }),
  },
];
