import type { PaymentCommand, RefundCommand } from '@tender/domain';
import { EVENT_CATALOG } from '@tender/domain';
import { paymentCommands, paymentStream, refundCommands, refundStream, systemClock } from '@tender/engine';
import type { EventLog } from '@tender/eventstore';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import {
  disputeTold,
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  refunded,
  refundFailed,
  refundNews,
  refundReply,
  refundStands,
  reserveRefund,
  SAMPLE_PAYMENT_ID,
  sampleRefundId,
  seededChance,
} from '@tender/testing';
import { Patience } from '../payments/patience';
import { ChangeRefundFlow } from './change-refund';

const PAYMENT = paymentStream(SAMPLE_PAYMENT_ID);
const REFUND = refundStream(sampleRefundId());

/** A refund that failed late and is owed still, and a retry of it during which the buyer's bank takes the money. */
class Retry {
  private readonly log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG) });
  private readonly deps = { log: this.log, clock: systemClock, chance: seededChance(1) };
  private readonly payments = paymentCommands(this.deps);
  private readonly refunds = refundCommands(this.deps);
  private commands = 0;
  /** Reads and appends of the retry so far. */
  calls = 0;

  /** @param disputedAt before which of its reads and appends the bank takes the money */
  constructor(private readonly disputedAt: number) {}

  async owed(): Promise<this> {
    for (const command of [initiate(), recordOutcome(outcomes.captured), reserveRefund(400n)]) {
      await this.payments.handle(PAYMENT, command, this.context());
    }
    for (const command of [
      initiateRefund(),
      refundReply(refunded()),
      refundNews(refundFailed(true), 2),
    ] satisfies RefundCommand[]) {
      await this.refunds.handle(REFUND, command, this.context());
    }
    await this.payments.handle(PAYMENT, refundStands('returned', 3), this.context());
    return this;
  }

  async ask() {
    const log = this.disturbed();
    const deps = { log, clock: systemClock, chance: seededChance(2) };
    const flow = new ChangeRefundFlow({
      ...deps,
      commands: paymentCommands(deps),
      refundCommands: refundCommands(deps),
      refundOutcomes: {
        watch: () => ({ outcome: () => Promise.resolve(undefined), release: () => undefined }),
      },
      patience: new Patience(),
    });
    return flow.change({
      merchant: 'demo',
      keyId: 'key',
      refundId: sampleRefundId(),
      requestId: 'request-1',
      change: { kind: 'retry', idempotencyKey: 'again' },
      waitMs: 0,
    });
  }

  /** The payment's and the refund's events that matter here, in the order of the log. */
  async told(): Promise<readonly string[]> {
    const { events } = await this.log.readAll({
      after: 'start',
      prefixes: ['payment-', 'refund-'],
      maxCount: 1_000,
    });
    const wanted = ['RefundRetryGranted', 'RefundReissued', 'DisputeFundsWithdrawn'];
    return events.map(({ type }) => type).filter((type) => wanted.includes(type));
  }

  private disturbed(): EventLog {
    const first = async (): Promise<void> => {
      this.calls += 1;
      if (this.calls === this.disputedAt) await this.dispute();
    };
    const log: EventLog = Object.create(this.log) as EventLog;
    log.append = async (...append) => {
      await first();
      return this.log.append(...append);
    };
    log.readStream = async (...read) => {
      await first();
      return this.log.readStream(...read);
    };
    return log;
  }

  private async dispute(): Promise<void> {
    const taken: PaymentCommand = disputeTold('funds_withdrawn', 9);
    const handled = await this.payments.handle(PAYMENT, taken, this.context());
    if (handled.kind !== 'recorded') throw new Error(`the dispute was not told: ${handled.kind}`);
  }

  private context() {
    const id = `command-${(this.commands += 1)}`;
    return { commandId: id, correlationId: id, causationId: id, actor: 'test' };
  }
}

describe('a retry during which the buyer’s bank takes the money', () => {
  it('is allowed before that, or is not made at all: whenever it happens', async () => {
    const undisturbed = await new Retry(0).owed();
    expect(await undisturbed.ask()).toMatchObject({ kind: 'refund' });
    expect(await undisturbed.told()).toEqual(['RefundRetryGranted', 'RefundReissued']);
    const ends: string[] = [];
    for (let at = 1; at <= undisturbed.calls; at += 1) {
      const retry = await new Retry(at).owed();
      const answer = await retry.ask();
      const said = answer.kind === 'refused' ? answer.code : answer.kind;
      ends.push([said, ...(await retry.told())].join(', '));
    }
    expect(new Set(ends)).toEqual(
      new Set([
        'payment_disputed, DisputeFundsWithdrawn',
        'refund, RefundRetryGranted, DisputeFundsWithdrawn, RefundReissued',
        'refund, RefundRetryGranted, RefundReissued, DisputeFundsWithdrawn',
      ]),
    );
  });
});
