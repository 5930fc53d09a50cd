/**
 * Judges a run by the PSP's own memory: what was told to customers, what stands in the books and what was charged
 * must be one story. Pure: it is given everything and asks nobody.
 */

export interface Charge {
  readonly reference: string;
  readonly our_reference: string | null;
  readonly amount: number;
  readonly currency: string;
  readonly status: string;
}

/** A payment as the API shows it. */
export interface PaymentView {
  readonly id: string;
  readonly status: string;
  readonly amount: number;
  readonly currency: string;
  readonly attemptIds: readonly string[];
}

/** Everything that is known of one idempotency key. */
export interface KeyStory {
  readonly key: string;
  readonly sent: { readonly amount: number; readonly currency: string };
  /** The payment's id in every answer, repeated or not. */
  readonly answeredIds: ReadonlySet<string>;
  /** As the settled answers (201) told it; they must all be the same bytes. */
  readonly settledBodies: ReadonlySet<string>;
  readonly settled: PaymentView | undefined;
  /** As GET shows it after everything had ended; undefined when it was not looked at. */
  readonly present: PaymentView | undefined;
}

export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

/** Statuses that no system of ours moves on from: the customer or the merchant is next. */
const ENDED = new Set(['succeeded', 'failed', 'canceled', 'requires_action', 'requires_capture']);
/** Charges that hold or took money. */
const TAKEN = new Set(['succeeded', 'requires_capture']);

export const hasEnded = (status: string): boolean => ENDED.has(status);

export function audit(stories: Iterable<KeyStory>, charges: Iterable<Charge>): readonly Violation[] {
  const violations: Violation[] = [];
  const chargesOf = byAttempt(charges);
  const keyOfPayment = new Map<string, string>();
  for (const story of stories) {
    const found = (rule: string, detail: string): void => {
      violations.push({ rule, detail: `${story.key}: ${detail}` });
    };
    for (const id of story.answeredIds) {
      const other = keyOfPayment.get(id);
      if (other !== undefined) found('one payment has one key', `${id} is also the payment of ${other}`);
      keyOfPayment.set(id, story.key);
    }
    checkAnswers(story, found);
    const view = story.present ?? story.settled;
    if (view !== undefined) checkCharges(story, view, takenOf(view, chargesOf), found);
  }
  for (const unexplained of chargesOf.values()) {
    for (const { reference, our_reference: ours } of unexplained) {
      violations.push({
        rule: 'every charge has its payment',
        detail: `${reference} names ${ours ?? 'nobody'}`,
      });
    }
  }
  return violations;
}

function byAttempt(charges: Iterable<Charge>): Map<string, Charge[]> {
  const groups = new Map<string, Charge[]>();
  for (const charge of charges) {
    const attempt = charge.our_reference ?? '';
    const group = groups.get(attempt);
    if (group === undefined) groups.set(attempt, [charge]);
    else group.push(charge);
  }
  return groups;
}

type Found = (rule: string, detail: string) => void;

function checkAnswers({ answeredIds, settledBodies, settled, present, sent }: KeyStory, found: Found): void {
  if (answeredIds.size !== 1) {
    found('one key has one payment', answeredIds.size === 0 ? 'none' : [...answeredIds].join(', '));
  }
  if (settledBodies.size > 1) {
    found('duplicates get the same bytes', `${settledBodies.size} different answers`);
  }
  for (const view of [settled, present]) {
    if (view === undefined) continue;
    if (view.amount !== sent.amount || view.currency !== sent.currency) {
      found('a payment is what was asked for', `${moneyOf(view)} instead of ${moneyOf(sent)}`);
    }
    if (!hasEnded(view.status)) found('every payment ends', view.status);
  }
  if (settled !== undefined && present !== undefined && settled.status !== present.status) {
    found('GET equals the answer', `${settled.status} was told, now ${present.status}`);
  }
}

/** Takes the charges of the payment out of the map: what is left at the end belongs to nobody. */
function takenOf(view: PaymentView, chargesOf: Map<string, Charge[]>): readonly (readonly Charge[])[] {
  return view.attemptIds.map((id) => {
    const charges = chargesOf.get(id) ?? [];
    chargesOf.delete(id);
    return charges;
  });
}

function checkCharges(
  { sent }: KeyStory,
  view: PaymentView,
  perAttempt: readonly (readonly Charge[])[],
  found: Found,
): void {
  for (const [index, charges] of perAttempt.entries()) {
    if (charges.length > 1) found('one attempt is one charge', `attempt ${index + 1} made ${charges.length}`);
  }
  const charges = perAttempt.flat();
  const taken = charges.filter(({ status }) => TAKEN.has(status));
  const expected = TAKEN.has(view.status) ? 1 : 0;
  if (taken.length !== expected) {
    found('one payment is one charge', `${view.status} with ${taken.length} charges that took money`);
  }
  for (const charge of charges) {
    if (charge.amount !== sent.amount || charge.currency !== sent.currency) {
      found('a charge is what was asked for', `${moneyOf(charge)} instead of ${moneyOf(sent)}`);
    }
  }
}

const moneyOf = ({ amount, currency }: { readonly amount: number; readonly currency: string }): string =>
  `${amount} ${currency}`;
