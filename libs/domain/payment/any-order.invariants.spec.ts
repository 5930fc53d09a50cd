import {
  anyScript,
  journalsOfStream,
  sampleRefundId,
  SOME_TIME,
  type Script,
  type Word,
} from '@tender/testing';
import fc from 'fast-check';
import { balancesOf, netOf } from '../ledger/trial-balance';
import type { RefundState } from '../refund/refund';
import { refundDecider } from '../refund/refund.decider';
import type { RefundEvent } from '../refund/refund.events';
import { reactToRefund } from '../refund/refund.process';
import type { PaymentState } from './payment';
import type { PaymentCommand } from './payment.commands';
import { paymentDecider } from './payment.decider';
import type { PaymentEvent } from './payment.events';
import { reactToPayment } from './payment.process';
import { overdrawnMinor, refundedMinor, refundPendingMinor } from './refund-reservation';
import { reversedAgainMs, unreturnedCharges } from './unreturned-charge';

/** Random scripts, each told in one order and in another. `ORDER_SCRIPTS` widens it: 20,000 take a minute. */
const SCRIPTS = Number(process.env.ORDER_SCRIPTS ?? '2000');
const NOW_MS = Date.parse(SOME_TIME);

/** One payment and its refunds, with the processes that carry words between them; nothing is sent to any PSP. */
class Life {
  payment: PaymentState = null;
  readonly paymentEvents: PaymentEvent[] = [];
  readonly refunds = new Map<string, { state: RefundState; events: RefundEvent[] }>();
  /** What refunds have told the payment: it may come again, however late. */
  readonly standings: PaymentCommand[] = [];

  /** False where it has to be told again later. */
  tell(word: Word): boolean {
    if (word.to === 'payment') return this.tellPayment(word.command);
    const refundId = sampleRefundId(word.key);
    const refund = this.refunds.get(refundId);
    // there was nothing left to give back: so nothing was asked of a PSP either
    if (refund === undefined) return true;
    const decision = refundDecider.decide(word.command, refund.state);
    if (decision.kind === 'record') this.recordRefund(refundId, decision.events);
    return decision.kind !== 'refuse';
  }

  tellPayment(command: PaymentCommand): boolean {
    const decision = paymentDecider.decide(command, this.payment);
    if (decision.kind !== 'record') return decision.kind !== 'refuse';
    endsNothingThatItBegins(decision.events);
    for (const event of decision.events) {
      this.payment = paymentDecider.evolve(this.payment, event, SOME_TIME);
      this.paymentEvents.push(event);
    }
    for (const event of decision.events) {
      const effect = reactToPayment(event, this.payment!, NOW_MS);
      if (effect.kind !== 'initiate_refund') continue;
      const { initiated } = effect;
      this.refunds.set(initiated.refundId, { state: null, events: [] });
      const begun = refundDecider.decide({ type: 'InitiateRefund', data: { initiated } }, null);
      if (begun.kind === 'record') this.recordRefund(initiated.refundId, begun.events);
    }
    return true;
  }

  private recordRefund(refundId: string, events: readonly RefundEvent[]): void {
    const refund = this.refunds.get(refundId)!;
    for (const event of events) {
      refund.state = refundDecider.evolve(refund.state, event, SOME_TIME);
      refund.events.push(event);
    }
    for (const event of events) {
      const effect = reactToRefund(event, refund.state!, NOW_MS);
      if (effect.kind !== 'tell_payment') continue;
      const refundRevision = refund.events.length - 1;
      this.standings.push({ type: 'RecordRefundStanding', data: { ...effect.standing, refundRevision } });
    }
  }

  /** Everything that order and copies must not change. */
  end(): unknown {
    const payment = this.payment!;
    const { status, authorizedMinor, capturedMinor, attempts, captures, disputes, failure } = payment;
    const { lateSuccesses } = payment;
    const journals = [
      ...journalsOfStream(this.paymentEvents),
      ...[...this.refunds].flatMap(([id, { events }]) => journalsOfStream(events, `refund-${id}`)),
    ];
    return {
      ...{ status, authorizedMinor, capturedMinor, failure },
      attempts: attempts.map(({ id, status: how, pspReference }) => [id, how, pspReference]),
      captures: captures.map(({ reversed, amountMinor }) => [reversed, amountMinor]),
      disputes: disputes
        .map(({ reference, status: how, withdrawnMinor }) => [reference, how, withdrawnMinor])
        .sort(),
      late: lateSuccesses.map(({ pspReference, captured, fallen }) => [pspReference, captured, fallen]),
      owed: unreturnedCharges(payment).map((one) => [
        one.id,
        one.failure,
        reversedAgainMs(payment, one) === undefined,
      ]),
      money: [refundedMinor(payment), refundPendingMinor(payment), overdrawnMinor(payment)],
      held: payment.refunds.map(({ id, standing, number }) => [id, standing, number]),
      refunds: [...this.refunds].map(([id, { state }]) => {
        const { status: how, owed, returned, givenTwice, tries } = state!;
        return [id, how, owed, returned, givenTwice, tries.map((one) => [one.number, one.pspReference])];
      }),
      books: balancesOf(journals, 'key')
        .filter((row) => netOf(row) !== 0n)
        .map((row) => `${row.account} ${row.key} ${row.currency} ${netOf(row)}`),
    };
  }
}

/**
 * Whoever hears that a request begins sends it, whatever was recorded after that by the same decision.
 *
 * @throws where a decision ends what it begins
 */
function endsNothingThatItBegins(events: readonly PaymentEvent[]): void {
  const begun = new Set<string | null>();
  for (const { type, data } of events) {
    if (!('operationId' in data)) continue;
    if (begun.has(data.operationId)) throw new Error(`${type} of what the same decision began`);
    if (type.endsWith('Started')) begun.add(data.operationId);
  }
}

type Order = (chapter: number, words: readonly Word[]) => readonly Word[];

/** Whoever was refused a word tells it again, until everything else was said. */
function livedBy({ first, chapters }: Script, order: Order): Life {
  const life = new Life();
  life.tellPayment(first);
  const past: Word[] = [];
  chapters.forEach(({ happens, said }, chapter) => {
    for (const word of happens) life.tell(word);
    let left = order(chapter, [...past, ...said]);
    for (let before = Infinity; left.length > 0 && left.length < before;) {
      before = left.length;
      left = left.filter((word) => !life.tell(word));
    }
    past.push(...said);
  });
  return life;
}

/** Every word of this chapter once at least, older ones perhaps again, in an order of their own. */
const shuffledBy =
  (random: () => number, isNew: (chapter: number, index: number) => boolean): Order =>
  (chapter, words) => {
    const copies = words.flatMap((word, index) => {
      const again = Math.floor(random() * 3);
      return Array.from({ length: again + (isNew(chapter, index) ? 1 : 0) }, () => word);
    });
    return shuffled(copies, random);
  };

function shuffled<Item>(items: readonly Item[], random: () => number): readonly Item[] {
  const mixed = [...items];
  for (let at = mixed.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [mixed[at], mixed[other]] = [mixed[other]!, mixed[at]!];
  }
  return mixed;
}

/** mulberry32 */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many words the chapters before this one had. */
const wordsBefore = ({ chapters }: Script, chapter: number): number =>
  chapters.slice(0, chapter).reduce((sum, { said }) => sum + said.length, 0);

describe('replies, notices, their copies and old ones, in any order', () => {
  it(`leave the same payment, refunds and books: ${SCRIPTS} scripts`, () => {
    fc.assert(
      fc.property(anyScript, fc.integer(), (script, seed) => {
        const random = randomOf(seed);
        const inOrder = livedBy(script, (chapter, words) => words.slice(wordsBefore(script, chapter)));
        for (const standing of inOrder.standings) inOrder.tellPayment(standing);
        const mixed = livedBy(
          script,
          shuffledBy(random, (chapter, index) => index >= wordsBefore(script, chapter)),
        );
        // what refunds tell their payment comes late, twice and in any order, too
        const { standings } = mixed;
        for (const standing of shuffled([...standings, ...standings], random)) mixed.tellPayment(standing);
        expect(mixed.end()).toEqual(inOrder.end());
      }),
      { numRuns: SCRIPTS },
    );
  }, 240_000);
});
