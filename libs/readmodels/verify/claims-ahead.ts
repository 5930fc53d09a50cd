/** What documents claim to have read beyond what is derived so far. */
export interface Claim {
  readonly id: string;
  readonly stream: string;
  readonly revision: bigint;
}

interface Histories<Event> {
  before(stream: string, revision: bigint): Promise<readonly Event[]>;
}

/** A claim, with the last event that its stream has up to there. */
export interface HeldClaim<Event> extends Claim {
  readonly last: Event | undefined;
}

/** The streams do not bear it out. */
export const isUnfounded = ({ revision, last }: HeldClaim<{ readonly revision: bigint }>): boolean =>
  last === undefined || last.revision < revision;

/** Claims remembered at once; most are found true by one of the next pages. */
export const MAX_CLAIMS_KEPT = 10_000;

/**
 * A document may stand further on than the walk, since a later page has its events. One that stands further on than its
 * own stream is wrong, and would make its projector pass over what is still to come.
 */
export class ClaimsAhead {
  private readonly claims = new Map<string, Claim>();

  note(claim: Claim): void {
    if (this.claims.size < MAX_CLAIMS_KEPT || this.claims.has(claim.id)) this.claims.set(claim.id, claim);
  }

  /** The stream of the document was derived up to here. */
  reached(id: string, revision: bigint): void {
    const claim = this.claims.get(id);
    if (claim !== undefined && claim.revision <= revision) this.claims.delete(id);
  }

  /** Those that are left, held against the streams as they are by now; each once. */
  async held<Event>(histories: Histories<Event>): Promise<readonly HeldClaim<Event>[]> {
    const held: HeldClaim<Event>[] = [];
    for (const claim of this.claims.values()) {
      const events = await histories.before(claim.stream, claim.revision + 1n);
      held.push({ ...claim, last: events.at(-1) });
    }
    this.claims.clear();
    return held;
  }
}
