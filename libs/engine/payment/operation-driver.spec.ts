import type { Payment, PaymentCommand } from '@tender/domain';
import { ACTION_WITHIN_MS, attemptIdOf, REVERSED_AGAIN_AFTER_MS, START_WITHIN_MS } from '@tender/domain';
import {
  initiate,
  newWorld,
  outcomes,
  requestCancel,
  requestCapture,
  recordOutcome,
  refused,
  returnFromAction,
  SAMPLE_ATTEMPT_ID,
  SAMPLE_PAYMENT_ID,
  sampleInitiated,
  sampleOperationId,
  ScriptedGateway,
  settle,
  startCore,
  VirtualClock,
  type Core,
  type Nature,
  type World,
} from '@tender/testing';
import { loadPayment, paymentStream } from './payment-stream';

const STREAM = paymentStream(SAMPLE_PAYMENT_ID);
const DAY_MS = 24 * 3_600_000;
const manual = initiate({ captureMethod: 'manual' });
/** Like Adyen: nobody to ask, an end by our own reference, results by its own word. */
const silent: Nature = { canLookUp: false, cancelsByOwnReference: true };

class Story {
  readonly clock = new VirtualClock();
  readonly gateway: ScriptedGateway;
  private readonly world: World;
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

  async send(...commands: readonly PaymentCommand[]): Promise<this> {
    for (const command of commands) {
      const commandId = `command-${(this.commands += 1)}`;
      const context = { commandId, correlationId: 'c', causationId: 'c', actor: 'test' };
      await this.core!.commands.handle(STREAM, command, context);
      await settle();
    }
    return this;
  }

  async crash(): Promise<this> {
    await this.core!.kill();
    return this.start();
  }

  async payment(): Promise<Payment> {
    return (await loadPayment(this.core!.log, STREAM))!.payment;
  }

  get problems(): World['problems'] {
    return this.world.problems;
  }

  /** As the sweep does for what the open flows say. */
  derive(subject: string): void {
    this.core!.driver.derive([{ stream: STREAM, subject, tries: 0 }]);
  }

  stop(): Promise<void> {
    return this.core!.stop();
  }
}

async function expectEnd(story: Story, expected: object, held: string | undefined): Promise<void> {
  await story.clock.advance(DAY_MS);
  expect(await story.payment()).toMatchObject(expected);
  expect(story.gateway.holdings.of(SAMPLE_ATTEMPT_ID)).toBe(held);
  await story.stop();
}

describe('a capture', () => {
  it.each([
    ['is answered', { does: true }],
    ['loses its reply', { does: true, told: outcomes.unknown }],
    ['is lost', { does: false, told: outcomes.unknown }],
    ['meets a stored error', { does: true, told: outcomes.burnt }],
    ['does not leave', { does: false, told: outcomes.notSent }],
  ])('that %s takes the money once', async (_what, scripted) => {
    const story = await new Story().start();
    story.gateway.nextOperation(scripted);
    await story.send(manual, requestCapture(9n));
    await expectEnd(story, { status: 'succeeded', capturedMinor: 9n }, 'captured');
    expect(new Set(story.gateway.operations.map(({ operationId }) => operationId)).size).toBe(1);
  });

  it('lesson 17: that a crash leaves without an answer is sent again with its key', async () => {
    const story = await new Story().start();
    await story.send(manual);
    story.gateway.holdNext();
    await story.send(requestCapture());
    await story.crash();
    await expectEnd(story, { status: 'succeeded' }, 'captured');
    expect(new Set(story.gateway.operations.map(({ operationId }) => operationId)).size).toBe(1);
  });

  it('whose result is told later ends with the PSP’s own word, however often it comes', async () => {
    const story = await new Story({ ...silent, tellsLater: true }).start();
    await story.send(manual, requestCapture());
    expect((await story.payment()).status).toBe('processing');
    const [result] = story.gateway.results;
    const news: PaymentCommand = {
      type: 'RecordOperationNews',
      data: {
        attemptId: SAMPLE_ATTEMPT_ID,
        operation: 'capture',
        pspReference: result!.pspReference,
        paymentReference: null,
        outcome: result!.outcome,
        rank: 1,
        heardAt: '2026-03-01T12:00:01.000Z',
        settlesAfterMs: 0,
      },
    };
    await story.send(news, news);
    await expectEnd(story, { status: 'succeeded', capturedMinor: 1099n }, 'captured');
  });
});

describe('a cancel', () => {
  it.each([
    ['is answered', { does: true }],
    ['loses its reply', { does: true, told: outcomes.unknown }],
    ['is lost', { does: false, told: outcomes.unknown }],
  ])('that %s lets the money go', async (_what, scripted) => {
    const story = await new Story().start();
    story.gateway.nextOperation(scripted);
    await story.send(manual, requestCancel());
    await expectEnd(story, { status: 'canceled', authorizedMinor: 0n }, 'ended');
  });

  it('that meets a charge whose reply was lost finds it and gives it back', async () => {
    const story = await new Story().start();
    story.gateway.next({ charges: true, told: outcomes.pending });
    await story.send(initiate(), requestCancel());
    await expectEnd(story, { status: 'canceled', capturedMinor: 0n }, 'ended');
  });

  it('that a worker learns of before its first send sends nothing that could charge', async () => {
    const story = await new Story().start();
    await story.stop();
    await story.start();
    story.gateway.next({ charges: false, told: outcomes.unknown });
    await story.send(manual, requestCancel());
    const sent = story.gateway.requests.length;
    await expectEnd(story, { status: 'canceled' }, undefined);
    expect(story.gateway.requests).toHaveLength(sent);
  });
});

describe('a PSP that cannot be asked', () => {
  it.each([
    ['whose reply is always lost is ended by our reference', true, 'ended'],
    ['that never got the request says so twice', false, undefined],
  ])('%s', async (_what, charges, held) => {
    const story = await new Story(silent).start();
    const lost = { charges, told: outcomes.unknown };
    story.gateway.next(...Array.from({ length: 100 }, () => lost));
    await story.send(manual);
    await story.clock.advance(START_WITHIN_MS);
    const sent = story.gateway.requests.length;
    await expectEnd(story, { status: 'failed', failure: { category: 'not_charged' } }, held);
    expect(story.gateway.requests).toHaveLength(sent);
  });
});

describe('a buyer who is sent to authenticate', () => {
  const challenged = { charges: false, told: outcomes.actionRequired } as const;
  const returnWith = (value: string): PaymentCommand => ({
    type: 'ReturnFromAction',
    data: { attemptId: SAMPLE_ATTEMPT_ID, result: [{ name: 'redirectResult', value }] },
  });

  it('and comes back is charged once', async () => {
    const story = await new Story().start();
    story.gateway.next(challenged);
    await story.send(initiate(), returnFromAction);
    await expectEnd(story, { status: 'succeeded' }, 'captured');
    expect(story.gateway.charges.size).toBe(1);
  });

  it('lesson 32: and comes back three times while every answer is lost is charged once', async () => {
    const story = await new Story().start();
    const lost = { charges: true, told: outcomes.unknown } as const;
    story.gateway.next(challenged, lost, lost, lost);
    await story.send(initiate(), ...['first', 'second', 'third'].map(returnWith));
    const { status, attempts } = await story.payment();
    expect([status, attempts.length]).toEqual(['outcome_unknown', 1]);
    await expectEnd(story, { status: 'succeeded', capturedMinor: 1099n }, 'captured');
    expect(story.gateway.charges.size).toBe(1);
  });

  it('and does not come back is given up after his time, with what the PSP holds for him', async () => {
    const story = await new Story().start();
    story.gateway.next(challenged);
    await story.send(initiate());
    await story.clock.advance(ACTION_WITHIN_MS - 1);
    expect((await story.payment()).status).toBe('requires_action');
    await expectEnd(story, { status: 'failed', failure: { code: 'authentication_abandoned' } }, 'ended');
  });
});

describe('a charge without a sale that the PSP will not give back', () => {
  const no = refused('refused');

  it.each([
    ['by its timer', false],
    ['by the sweep, where that is lost', true],
  ])('is given back an hour later by another request, %s', async (_what, isLost) => {
    const story = await new Story().start();
    story.gateway.next({ charges: true, told: outcomes.declined });
    story.gateway.nextOperation({ does: false, told: no });
    await story.send(
      initiate(),
      recordOutcome({ ...outcomes.captured, pspReference: `pi_${SAMPLE_ATTEMPT_ID}` }, false),
    );
    const [first] = (await story.payment()).operations;
    expect(first).toMatchObject({ kind: 'reversal', status: 'failed', failure: 'refused' });
    await story.clock.advance(10); // the checkpoint moves on behind the event that scheduled it
    if (isLost) {
      await story.stop();
      await story.start();
    }
    await story.clock.advance(REVERSED_AGAIN_AFTER_MS[0]! - 60_000);
    expect(story.gateway.operations).toHaveLength(1);
    await story.clock.advance(2 * 60_000);
    expect(story.gateway.operations).toHaveLength(isLost ? 1 : 2);
    if (isLost) story.derive(first!.id);
    await expectEnd(story, { status: 'failed', operations: [{}, { status: 'succeeded' }] }, 'ended');
    const keys = story.gateway.operations.map(({ operationId }) => operationId);
    expect(keys).toEqual([sampleOperationId('reversal', 1), sampleOperationId('reversal', 2)]);
  });
});

describe('a buyer who was charged twice', () => {
  it('lesson 20: is given the one charge back by the system, and somebody is told', async () => {
    const story = await new Story().start();
    const [candidate] = sampleInitiated().candidates;
    // Stripe says no, and has charged
    story.gateway.next({ charges: true, told: outcomes.declined });
    await story.send(initiate({ candidates: [candidate!, candidate!] }));
    const second = attemptIdOf(SAMPLE_PAYMENT_ID, 2);
    expect(story.gateway.holdings.of(second)).toBe('captured');
    const late = { ...outcomes.captured, pspReference: `pi_${SAMPLE_ATTEMPT_ID}` };
    await story.send(recordOutcome(late, false));
    expect(story.problems).toEqual([expect.objectContaining({ what: 'late_success' })]);
    await expectEnd(story, { status: 'succeeded', capturedMinor: 1099n }, 'ended');
    expect(story.gateway.holdings.of(second)).toBe('captured');
  });
});

describe('after a restart', () => {
  it.each([
    ['searched for', outcomes.unknown],
    ['to be given back once more', refused('refused')],
  ])('one open flow of a payment brings on whatever else is %s in it', async (_what, told) => {
    const story = await new Story().start();
    const [candidate] = sampleInitiated().candidates;
    story.gateway.next(
      { charges: true, told: outcomes.declined },
      { charges: false, told: outcomes.unknown },
    );
    story.gateway.nextOperation({ does: false, told });
    // the charge of the first attempt surfaces while the second is in doubt, and its reversal is lost, or refused
    await story.send(
      initiate({ candidates: [candidate!, candidate!] }),
      recordOutcome({ ...outcomes.captured, pspReference: `pi_${SAMPLE_ATTEMPT_ID}` }, false),
    );
    await story.clock.advance(10); // the checkpoint moves on behind the events that scheduled the searches
    await story.stop();
    await story.start();
    story.derive((await story.payment()).attempts[1]!.id);
    await expectEnd(story, { status: 'succeeded' }, 'ended');
  });
});
