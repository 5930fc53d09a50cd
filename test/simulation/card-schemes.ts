import type { DisputeStage, NoticeSubject, PspName, PspNews } from '@tender/domain';
import { DISPUTE_RANK, FACT_RANK } from '@tender/domain';
import type { Intent } from './psp-books';
import { keptMinor } from './psp-books';
import type { SimulatedPspDeps } from './psp-wire';
import type { SeededChance } from './seeded-chance';
import { secondOf } from './scheduler';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const FEE_MINOR = 1_500n;

export interface SchemesDeps extends Omit<SimulatedPspDeps, 'send'> {
  readonly nextReference: () => string;
  readonly tell: (subject: NoticeSubject, news: PspNews) => void;
}

interface OpenDispute {
  readonly intent: Intent;
  readonly reference: string;
  readonly amountMinor: bigint;
  /** What is out of our balance. */
  outMinor: bigint;
}

/** What happens to a charge later, where a story says so instead of chance. */
export interface SchemeScript {
  readonly asksFirst?: boolean;
  readonly asksNoMore?: boolean;
  readonly takesAll?: boolean;
  readonly wins?: boolean;
  readonly wonAfterAll?: boolean;
  readonly losesAgain?: boolean;
  readonly takenAgain?: boolean;
  readonly fallsAgain?: boolean;
}

/** What happens to a charge long after it was made: the scheme takes a capture back, the buyer's bank takes the money. */
export class CardSchemes {
  script: SchemeScript = {};
  /** Of its own: what happens to a charge does not hang on how often anybody was asked. */
  private readonly chance: SeededChance;
  /** A charge is disputed once: what follows is of the same dispute. */
  private readonly disputed = new Set<Intent>();

  constructor(
    private readonly psp: PspName,
    private readonly deps: SchemesDeps,
  ) {
    this.chance = deps.chance.fork();
  }

  /** Money was taken for this intent. */
  taken(intent: Intent): void {
    const { faults } = this.deps;
    if (this.psp === 'adyen' && faults.happens('capture_fell_back')) {
      this.later(() => {
        this.fallBack(intent);
      });
    } else if (faults.happens('disputed')) {
      this.later(() => {
        this.dispute(intent);
      });
    }
  }

  /** A buyer who is not given back what nobody has sold him goes to his bank. */
  notGivenBack(intent: Intent): void {
    if (this.deps.faults.happens('unreturned_claimed')) {
      this.later(() => {
        this.dispute(intent);
      });
    }
  }

  private turnsOut(what: keyof SchemeScript, rate: number): boolean {
    const byChance = this.chance.happens(rate);
    return this.script[what] ?? byChance;
  }

  private fallBack(intent: Intent): void {
    const amountMinor = keptMinor(intent);
    if (intent.refunded || amountMinor === 0n) return;
    intent.fallenMinor += amountMinor;
    const { auditor, faults } = this.deps;
    const { paymentId } = intent.request;
    auditor.charges.fellBack(paymentId, intent.reference, amountMinor);
    const pspReference = this.captureReference(intent);
    const occurredAt = secondOf(this.deps.scheduler);
    this.tellOfCapture(intent, {
      outcome: { kind: 'failed', why: 'refused', detail: 'CAPTURE_FAILED', pspReference, occurredAt },
      rank: FACT_RANK.failed,
    });
    if (!this.turnsOut('takenAgain', 0.5)) return;
    this.later(() => {
      faults.count('captured_again');
      intent.fallenMinor -= amountMinor;
      auditor.charges.fellBack(paymentId, intent.reference, -amountMinor);
      const at = secondOf(this.deps.scheduler);
      this.tellOfCapture(intent, {
        outcome: { kind: 'succeeded', pspReference, amountMinor, occurredAt: at },
        rank: FACT_RANK.done_again,
      });
      if (this.turnsOut('fallsAgain', 0.2)) {
        this.later(() => {
          this.fallBack(intent);
        });
      }
    });
  }

  private captureReference(intent: Intent): string {
    intent.captureReference ??= this.deps.nextReference();
    return intent.captureReference;
  }

  private tellOfCapture(
    intent: Intent,
    fact: Pick<Extract<PspNews, { kind: 'operation' }>, 'outcome' | 'rank'>,
  ): void {
    const pspReference = this.captureReference(intent);
    const subject = { kind: 'attempt', attemptId: intent.request.attemptId } as const;
    const paymentReference = intent.reference;
    this.deps.tell(subject, {
      kind: 'operation',
      operation: 'capture',
      pspReference,
      paymentReference,
      ...fact,
    });
  }

  private dispute(intent: Intent): void {
    const { faults } = this.deps;
    if (intent.refunded || keptMinor(intent) === 0n || this.disputed.has(intent)) return;
    this.disputed.add(intent);
    if (intent.givenMinor > 0n) faults.count('dispute_after_refund');
    const all = keptMinor(intent);
    const amountMinor = this.turnsOut('takesAll', 0.7) ? all : all / 2n + 1n;
    const dispute = { intent, reference: this.deps.nextReference(), amountMinor, outMinor: 0n };
    if (!this.turnsOut('asksFirst', 0.3)) {
      this.open(dispute);
      return;
    }
    faults.count('dispute_inquiry');
    this.say(dispute, 'inquiry_opened');
    this.later(() => {
      if (this.turnsOut('asksNoMore', 0.5)) this.say(dispute, 'inquiry_closed');
      else this.open(dispute);
    });
  }

  /** The claim and the money in one second, as PSPs' times have it, or one after the other. */
  private open(dispute: OpenDispute): void {
    const { chance } = this;
    this.say(dispute, 'opened');
    const withdraw = (): void => {
      this.withdraw(dispute, 'funds_withdrawn');
      this.later(() => {
        if (chance.happens(0.5)) this.say(dispute, 'under_review');
        this.later(() => {
          this.decide(dispute);
        });
      });
    };
    if (chance.happens(0.5)) withdraw();
    else this.later(withdraw);
  }

  private decide(dispute: OpenDispute): void {
    const { faults } = this.deps;
    if (!this.turnsOut('wins', 0.6)) {
      faults.count('dispute_lost');
      this.move(dispute, dispute.outMinor, 0n, true);
      this.say(dispute, 'lost');
      if (this.turnsOut('wonAfterAll', 0.3)) {
        this.later(() => {
          this.win(dispute, 'dispute_won_after_all');
        });
      }
      return;
    }
    this.win(dispute, 'dispute_won');
  }

  private win(dispute: OpenDispute, how: 'dispute_won' | 'dispute_won_after_all'): void {
    const { chance } = this;
    const { faults } = this.deps;
    faults.count(how);
    // what Adyen charges for a dispute stands in its report alone
    const feeMinor = chance.happens(0.5) && this.psp === 'stripe' ? FEE_MINOR : 0n;
    this.move(dispute, 0n, -feeMinor);
    this.say(dispute, 'funds_reinstated', -feeMinor);
    if (this.psp === 'stripe' || !this.turnsOut('losesAgain', 0.5)) {
      this.say(dispute, 'won');
      return;
    }
    this.later(() => {
      faults.count('second_chargeback');
      this.withdraw(dispute, 'lost');
    });
  }

  private withdraw(dispute: OpenDispute, stage: DisputeStage): void {
    const feeMinor = this.psp === 'stripe' ? FEE_MINOR : 0n;
    this.deps.faults.count('dispute_withdrawn');
    this.move(dispute, dispute.amountMinor, feeMinor, stage === 'lost');
    this.say(dispute, stage, feeMinor);
  }

  private move(dispute: OpenDispute, outMinor: bigint, feeMinor: bigint, isLost = false): void {
    const { intent, reference } = dispute;
    intent.disputedMinor += outMinor - dispute.outMinor;
    dispute.outMinor = outMinor;
    const { paymentId } = intent.request;
    const { psp } = this;
    const { auditor, faults } = this.deps;
    auditor.refunds.disputed({
      ...{ psp, paymentId, reference, outMinor, feeMinor, isLost },
      chargeReference: intent.reference,
    });
    const { lateSuccesses = [] } = auditor.stateOf(paymentId) ?? {};
    if (isLost && lateSuccesses.some(({ pspReference }) => pspReference === intent.reference)) {
      faults.count('dispute_lost_without_sale');
    }
  }

  private say({ intent, reference, amountMinor }: OpenDispute, stage: DisputeStage, feeMinor = 0n): void {
    const { attemptId, currency } = intent.request;
    const subject: NoticeSubject =
      this.psp === 'stripe'
        ? { kind: 'charge', pspReference: intent.reference }
        : { kind: 'attempt', attemptId };
    this.deps.tell(subject, {
      kind: 'dispute',
      fact: {
        disputeReference: reference,
        paymentReference: intent.reference,
        stage,
        amountMinor,
        currency,
        fee: feeMinor === 0n ? null : { amountMinor: feeMinor, currency },
        reason: 'fraudulent',
        networkReasonCode: '10.4',
        evidenceDueBy: null,
        occurredAt: secondOf(this.deps.scheduler),
        rank: DISPUTE_RANK[stage],
      },
    });
  }

  /** At once, so that it meets what is under way, or in hours or days. */
  private later(run: () => void): void {
    const { chance } = this;
    const { soon } = this.deps;
    const luck = chance.random();
    const withinMs = luck < 0.5 ? 30 * SECOND_MS : luck < 0.8 ? HOUR_MS : 2 * DAY_MS;
    soon(SECOND_MS + chance.random() * withinMs, run);
  }
}
