import { RETRY_AFTER_S } from '../config/limits';
import { Problem, PROBLEM_OF_REFUSAL } from './problem';

/** Why what a request asked for was not recorded, or why nobody knows. `not_found`: also where it is another merchant's. */
export type NotRecorded =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'refused'; readonly code: keyof typeof PROBLEM_OF_REFUSAL }
  | { readonly kind: 'unconfirmed' }
  | { readonly kind: 'conflict' };

const AFTER_A_WHILE = { 'retry-after': String(RETRY_AFTER_S) };

/** What its caller is answered with. */
export function problemOf(why: NotRecorded): Problem {
  switch (why.kind) {
    case 'not_found':
      return new Problem('not_found');
    case 'refused':
      return new Problem(PROBLEM_OF_REFUSAL[why.code]);
    case 'unconfirmed':
      return new Problem('unavailable', {
        detail:
          'The event store did not confirm the request in time. Recorded or not, it may be sent again with the same key safely.',
        headers: AFTER_A_WHILE,
      });
    case 'conflict':
      return new Problem('conflict', {
        detail: 'Other requests kept writing here. The same request may be sent again.',
        headers: AFTER_A_WHILE,
      });
  }
}
