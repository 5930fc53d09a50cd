import type { Payment, PaymentCommand, Refund, RefundCommand, RefundOutcome } from '@tender/domain';
import { EVENT_CATALOG, refundedMinor, refundPendingMinor } from '@tender/domain';
import { createCodec, createMemoryEventLog } from '@tender/eventstore';
import {
  initiate,
  newWorld,
  refundFailed,
  refundNews,
  refundPending,
  refundRefused,
  reserveRefund,
  SAMPLE_PAYMENT_ID,
  SAMPLE_ATTEMPT_ID,
  sampleRefundId,
  ScriptedGateway,
  secondsLater,
  seededChance,
  settle,
  startCore,
  VirtualClock,
  type Core,
  type Nature,
  type World,
} from '@tender/testing';
import { paymentCommands } from '../payment/payment-commands';
import { loadPayment, paymentStream } from '../payment/payment-stream';
import { loadRefund, refundStream } from './refund-stream';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const DAY_MS = 24 * 3_600_000;
/** Like Adyen: nobody to ask, results by its own word. */
const silent: Nature = { canLookUp: false, cancelsByOwnReference: true, tellsLater: true };

const timeout: RefundOutcome = {
  kind: 'unknown',
  why: 'timeout',
  detail: '',
  pspReference: null,
  keyBurnt: false,
};
const burnt: RefundOutcome = { ...timeout, why: 'server_error', keyBurnt: true };
const notSent: RefundOutcome = { kind: 'not_sent', why: 'connection_refused', detail: '' };

/** A captured payment, of 1099 unless it says so, and what is given back of it. */
class Story {
  readonly clock = new VirtualClock();
  readonly gateway: ScriptedGateway;
  readonly world: World;
  private core: Core | undefined;
  private commands = 0;

  constructor(nature: Nature = {}) {
    this.gateway = new ScriptedGateway(nature);
    this.world = newWorld(this.clock, this.gateway);
  }

  async start(): Promise<this> {
    this.core = startCore(this.world);
    await settle();
    return this;
  }

  async captured(amountMinor = 1099n): Promise<this> {
    await this.start();
    return this.send(initiate({ amountMinor }));
  }

  async send(...commands: readonly PaymentCommand[]): Promise<this> {
    await Promise.all(commands.map((one) => this.core!.commands.handle(STREAM, one, this.context())));
    await settle();
    return this;
  }

  async tell(...commands: readonly RefundCommand[]): Promise<this> {
    for (const one of commands) {
      await this.core!.refundStreams.handle(refundStream(sampleRefundId()), one, this.context());
      await settle();
    }
    return this;
  }

  /** Gone from one moment to the next, and started again. */
  async crash(): Promise<this> {
    await this.core!.kill();
    return this.start();
  }

  /** A process that answers requests, and comes no further than the reservation. */
  async reserveAndDie(command: PaymentCommand): Promise<void> {
    const { clock, world } = this;
    const log = createMemoryEventLog({ codec: createCodec(EVENT_CATALOG), store: world.store });
    const commands = paymentCommands({ log, clock, chance: seededChance(99) });
    await commands.handle(STREAM, command, this.context());
  }

  kill(): Promise<void> {
    return this.core!.kill();
  }

  async payment(): Promise<Payment> {
    return (await loadPayment(this.core!.log, STREAM))!.payment;
  }

  async refund(key = 'refund-1'): Promise<Refund> {
    return (await loadRefund(this.core!.log, refundStream(sampleRefundId(key))))!.refund;
  }

  /** As the sweep does for what the open flows say. */
  derive(): void {
    const subject = sampleRefundId();
    this.core!.refunds.derive([{ stream: refundStream(subject), subject, tries: 0 }]);
  }

  givenBack(): bigint {
    return this.gateway.refunds.refundedMinor(SAMPLE_ATTEMPT_ID);
  }

  stop(): Promise<void> {
    return this.core!.stop();
  }

  private context() {
    const commandId = `command-${(this.commands += 1)}`;
    return { commandId, correlationId: 'c', causationId: 'c', actor: 'test' };
  }
}

const sums = async (story: Story): Promise<unknown> => {
  const payment = await story.payment();
  return [refundedMinor(payment), refundPendingMinor(payment)];
};

describe('a reserved refund', () => {
  it.each([
    ['is answered', { does: true }],
    ['loses its reply', { does: true, told: timeout }],
    ['is lost', { does: false, told: timeout }],
    ['meets a stored error', { does: true, told: burnt }],
    ['does not leave', { does: false, told: notSent }],
  ])('that %s gives the money back once, and the payment knows', async (_what, scripted) => {
    const story = await new Story().captured();
    story.gateway.nextRefund(scripted);
    await story.send(reserveRefund(400n));
    await story.clock.advance(DAY_MS);
    expect((await story.refund()).status).toBe('succeeded');
    expect(story.givenBack()).toBe(400n);
    expect(await sums(story)).toEqual([400n, 0n]);
    expect(new Set(story.gateway.refunds.requests.map(({ operationId }) => operationId)).size).toBe(1);
    await story.stop();
  });

  it('whose burnt key never did anything is sent again under another key', async () => {
    const story = await new Story().captured();
    story.gateway.nextRefund({ does: false, told: burnt });
    await story.send(reserveRefund(400n));
    await story.clock.advance(DAY_MS);
    expect(story.givenBack()).toBe(400n);
    expect((await story.refund()).tries.map(({ number }) => number)).toEqual([1, 2]);
    await story.stop();
  });

  it('that is refused lets its reservation go', async () => {
    const story = await new Story().captured();
    story.gateway.nextRefund({ does: false, told: refundRefused });
    await story.send(reserveRefund(400n));
    await story.clock.advance(1_000);
    expect(await sums(story)).toEqual([0n, 0n]);
    expect(story.world.problems).toEqual([]);
    await story.stop();
  });

  it('lesson 9: ends by the notice alone where a PSP tells later, and is not asked for again', async () => {
    const story = await new Story(silent).captured();
    await story.send(reserveRefund(400n));
    await story.clock.advance(DAY_MS);
    expect(await story.refund()).toMatchObject({ status: 'pending', owed: true });
    expect(await sums(story)).toEqual([0n, 400n]);
    expect(story.gateway.refunds.requests.length).toBe(1);
    const told = story.gateway.refunds.outcomeOf((await story.refund()).tries[0]!.operationId)!;
    await story.tell(refundNews(told), refundNews(told));
    expect(await sums(story)).toEqual([400n, 0n]);
    await story.stop();
  });

  it('lesson 9: ends by the look-up alone where the PSP accepts it and its notice never comes', async () => {
    const story = await new Story().captured();
    story.gateway.nextRefund({ does: true, told: refundPending });
    await story.send(reserveRefund(400n));
    expect(await story.refund()).toMatchObject({ status: 'pending', owed: true });
    await story.clock.advance(DAY_MS);
    expect((await story.refund()).status).toBe('succeeded');
    expect(await sums(story)).toEqual([400n, 0n]);
    expect(story.gateway.refunds.requests.length).toBe(1);
    await story.stop();
  });

  it('lesson 8: is owed once the PSP has accepted it and not before, and what has not left yet is sent', async () => {
    const story = await new Story(silent).captured();
    await story.kill();
    await story.reserveAndDie(reserveRefund(400n));
    story.gateway.nextRefund({ does: false, told: notSent });
    const release = story.gateway.holdNext();
    await story.start();
    expect(await story.refund()).toMatchObject({ owed: false, tries: [{ accepted: false }] });
    release();
    await settle();
    expect(await story.refund()).toMatchObject({ owed: false, tries: [{ accepted: false }] });
    await story.clock.advance(DAY_MS);
    expect(await story.refund()).toMatchObject({ owed: true, tries: [{ accepted: true }] });
    expect(story.givenBack()).toBe(400n);
    await story.stop();
  });

  it('lesson 17: keeps its key while nobody knows, and gets another one once it has failed for good', async () => {
    const story = await new Story().captured();
    story.gateway.nextRefund(
      { does: false, told: timeout },
      { does: false, told: timeout },
      { does: true, told: burnt },
    );
    await story.send(reserveRefund(400n));
    await story.clock.advance(DAY_MS);
    await story.tell(refundNews(refundFailed(true, 60), 2), {
      type: 'RetryRefund',
      data: { requestId: 'retry-1', number: 2 },
    });
    await story.clock.advance(DAY_MS);
    const numbers = story.gateway.refunds.requests.map(({ operationId }) => operationId.at(-1));
    expect(numbers).toEqual(['1', '1', '1', '2']);
    await story.stop();
  });

  it('lesson 1: of two of 60 on a payment of 100, asked of two processes at once, one is made', async () => {
    const story = await new Story().captured(100n);
    await Promise.all([
      story.send(reserveRefund(60n, 'refund-1')),
      story.reserveAndDie(reserveRefund(60n, 'refund-2')),
    ]);
    await story.clock.advance(DAY_MS);
    expect((await story.payment()).refunds.length).toBe(1);
    expect(await sums(story)).toEqual([60n, 0n]);
    expect(story.givenBack()).toBe(60n);
    await story.stop();
  });

  it('of 200 at once gets what there is, and the PSP is asked for no more', async () => {
    const story = await new Story().captured();
    await story.send(...Array.from({ length: 200 }, (_, at) => reserveRefund(10n, `key-${at}`)));
    await story.clock.advance(60_000);
    expect((await story.payment()).refunds.length).toBe(109);
    expect(await sums(story)).toEqual([1090n, 0n]);
    expect(story.givenBack()).toBe(1090n);
    expect(story.gateway.refunds.requests.length).toBe(109);
    await story.stop();
  });
});

describe('a refund that fails late', () => {
  const late = refundNews(refundFailed(true, 60), 2);
  const retry: RefundCommand = { type: 'RetryRefund', data: { requestId: 'retry-1', number: 2 } };
  const abandon: RefundCommand = { type: 'AbandonRefund', data: { reason: null } };

  const failedLate = async (): Promise<Story> => {
    const story = await new Story().captured();
    await story.send(reserveRefund(400n));
    await story.clock.advance(1_000);
    return story.tell(late);
  };

  it('keeps its reservation, and somebody is told', async () => {
    const story = await failedLate();
    expect(await sums(story)).toEqual([0n, 400n]);
    expect(story.world.problems).toMatchObject([{ what: 'refund_failed' }]);
    await story.send(reserveRefund(700n, 'refund-2'));
    expect((await story.payment()).refunds.length).toBe(1);
    await story.stop();
  });

  it('is given back by another try, under another key', async () => {
    const story = await (await failedLate()).tell(retry, retry);
    await story.clock.advance(1_000);
    expect(await sums(story)).toEqual([400n, 0n]);
    expect(story.gateway.refunds.requests.map(({ operationId }) => operationId.at(-1))).toEqual(['1', '2']);
    await story.stop();
  });

  it('is given up, and its money may be refunded anew', async () => {
    const story = await (await failedLate()).tell(abandon, abandon);
    expect(await sums(story)).toEqual([0n, 0n]);
    await story.stop();
  });
});

describe('a crash', () => {
  it('before the refund begins leaves a reservation, from which it begins', async () => {
    const story = await new Story().captured();
    await story.kill();
    await story.reserveAndDie(reserveRefund(400n));
    await story.start();
    await story.clock.advance(DAY_MS);
    expect(story.givenBack()).toBe(400n);
    expect(await sums(story)).toEqual([400n, 0n]);
    await story.stop();
  });

  it('between the leave to try again and the try leaves the leave, from which it is tried, once', async () => {
    const story = await new Story().captured();
    await story.send(reserveRefund(400n));
    await story.clock.advance(1_000);
    await story.tell(refundNews(refundFailed(true, 60), 2));
    await story.kill();
    await story.reserveAndDie({
      type: 'GrantRefundRetry',
      data: { refundId: sampleRefundId(), number: 2, requestId: 'retry-1' },
    });
    await story.start();
    await story.clock.advance(1_000);
    expect((await story.refund()).retries).toEqual([{ requestId: 'retry-1', number: 2 }]);
    expect(await sums(story)).toEqual([400n, 0n]);
    // it fails once more, and whoever was allowed the second try is not allowed a third
    await story.tell(refundNews(refundFailed(true, 120), 2, 2));
    await story.crash();
    await story.clock.advance(DAY_MS);
    expect((await story.refund()).tries.length).toBe(2);
    await story.stop();
  });

  it('while the PSP is asked ends in one refund', async () => {
    const story = await new Story().captured();
    const release = story.gateway.holdNext();
    void story.send(reserveRefund(400n));
    await settle();
    await story.crash();
    release();
    await story.clock.advance(DAY_MS);
    expect(story.givenBack()).toBe(400n);
    expect(await sums(story)).toEqual([400n, 0n]);
    await story.stop();
  });

  it('that loses every timer is made good by the sweep', async () => {
    const story = await new Story().captured();
    story.gateway.nextRefund({ does: true, told: timeout });
    await story.send(reserveRefund(400n));
    await story.crash();
    story.derive();
    await story.clock.advance(60_000);
    expect((await story.refund()).status).toBe('succeeded');
    await story.stop();
  });
});

it('news that the PSP gave back an earlier try, too, is told', async () => {
  const story = await new Story().captured();
  await story.send(reserveRefund(400n));
  await story.clock.advance(1_000);
  await story.tell(refundNews(refundFailed(true, 60), 2), {
    type: 'RetryRefund',
    data: { requestId: 'retry-1', number: 2 },
  });
  const again: RefundOutcome = {
    kind: 'succeeded',
    pspReference: 'psp_refund_1',
    amountMinor: 400n,
    occurredAt: secondsLater(90),
  };
  await story.tell(refundNews(again, 3));
  expect(story.world.problems.map(({ what }) => what)).toEqual(['refund_failed', 'refund_given_twice']);
  await story.stop();
});
