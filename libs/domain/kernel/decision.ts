/**
 * What a decider answers. Refusals are values; an exception is a bug or an outage and never a business answer.
 */
export type Decision<Event, Refusal> =
  | { readonly kind: 'record'; readonly events: readonly Event[] }
  | NothingRecorded
  | { readonly kind: 'refuse'; readonly refusal: Refusal };

/** `needsPerson`: money may have moved that no rule here has a place for. */
export interface NothingRecorded {
  readonly kind: 'nothing';
  readonly because: string;
  readonly needsPerson?: true;
}

export const record = <Event>(...events: Event[]): Decision<Event, never> => ({ kind: 'record', events });

export const nothing = (because: string): Decision<never, never> => ({ kind: 'nothing', because });

export const nothingForPerson = (because: string): Decision<never, never> => ({
  kind: 'nothing',
  because,
  needsPerson: true,
});

export const refuse = <Refusal>(refusal: Refusal): Decision<never, Refusal> => ({ kind: 'refuse', refusal });
