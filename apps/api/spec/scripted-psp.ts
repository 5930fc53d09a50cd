import type { AttemptStarted, AuthorizeOutcome, OperationOutcome, PaymentCommand } from '@tender/domain';
import type { PaymentCommands } from '@tender/engine';
import { asPaymentEvent, PAYMENT_PREFIX, systemChance } from '@tender/engine';
import type { EventLog, Subscription } from '@tender/eventstore';

const OCCURRED_AT = '2026-01-31T12:00:00.000Z';

type Asked = Pick<AttemptStarted, 'amountMinor' | 'captureMethod'>;
type Script = (asked: Asked) => AuthorizeOutcome | undefined;

const approved: Script = ({ amountMinor, captureMethod }) => ({
  kind: 'approved',
  pspReference: 'pi_1',
  amountMinor,
  captured: captureMethod === 'automatic',
  card: { brand: 'visa', last4: '4242' },
  occurredAt: OCCURRED_AT,
});

const ACTION_REQUIRED: AuthorizeOutcome = {
  kind: 'action_required',
  pspReference: 'pi_3',
  action: { type: 'redirect', url: 'https://psp.example/3ds' },
};

/** What each token makes the PSP say; `undefined` is a PSP that never answers. */
const SCRIPTS: Readonly<Record<string, Script>> = {
  pm_card_visa: approved,
  pm_card_mastercard: approved,
  pm_card_silent: () => undefined,
  pm_card_declined: () => ({
    kind: 'declined',
    pspReference: 'pi_2',
    decline: {
      code: 'insufficient_funds',
      category: 'soft_decline',
      message: 'The card has insufficient funds.',
      pspCode: 'insufficient_funds',
    },
    occurredAt: OCCURRED_AT,
  }),
  adyen_card_3ds: () => ACTION_REQUIRED,
  pm_card_3ds: () => ACTION_REQUIRED,
  pm_card_lost: () => ({
    kind: 'unknown',
    why: 'timeout',
    detail: 'no reply',
    pspReference: null,
    keyBurnt: false,
  }),
};

/** What becomes of captures and cancels; `undefined` is a PSP that never answers. */
const OPERATIONS = {
  succeed: (amountMinor: bigint): OperationOutcome | undefined => ({
    kind: 'succeeded',
    pspReference: 'op_1',
    amountMinor,
    occurredAt: OCCURRED_AT,
  }),
  fail: (): OperationOutcome | undefined => ({
    kind: 'failed',
    why: 'refused',
    detail: 'not today',
    pspReference: null,
    occurredAt: OCCURRED_AT,
  }),
  stay_silent: (): OperationOutcome | undefined => undefined,
};

/** Plays worker and PSP: answers each started attempt as its token says, through the real commands. */
export class ScriptedPsp {
  operations: keyof typeof OPERATIONS = 'succeed';
  private readonly subscription: Subscription;
  private readonly running: Promise<void>;
  private readonly asked = new Map<string, Asked>();

  constructor(
    log: EventLog,
    private readonly commands: PaymentCommands,
  ) {
    this.subscription = log.subscribe({ after: 'end', prefixes: [PAYMENT_PREFIX] });
    this.running = this.run();
  }

  async stop(): Promise<void> {
    await this.subscription.close();
    await this.running;
  }

  /** The answer that a silent PSP gives in the end. */
  answer(stream: string, attemptId: string, outcome: AuthorizeOutcome): Promise<void> {
    return this.record(stream, {
      type: 'RecordAttemptOutcome',
      data: { attemptId, outcome, heardBy: 'reply', surelyFirstSend: true, heardAt: HEARD_AT },
    });
  }

  private answerOperation(
    stream: string,
    { operationId, amountMinor }: { readonly operationId: string; readonly amountMinor: bigint },
  ): Promise<void> {
    const outcome = OPERATIONS[this.operations](amountMinor);
    if (outcome === undefined) return Promise.resolve();
    return this.record(stream, {
      type: 'RecordOperationOutcome',
      data: { operationId, outcome, heardAt: HEARD_AT, settlesAfterMs: 0 },
    });
  }

  private async record(stream: string, command: PaymentCommand): Promise<void> {
    const id = systemChance.uuid();
    const handled = await this.commands.handle(stream, command, {
      commandId: id,
      correlationId: id,
      causationId: id,
      actor: 'psp:stripe',
    });
    // another API on the same store may have its own PSP
    if (handled.kind !== 'recorded' && handled.kind !== 'nothing')
      throw new Error(`the scripted outcome was ${handled.kind}`);
  }

  private async run(): Promise<void> {
    for await (const batch of this.subscription) {
      for (const recorded of batch.events) {
        const event = asPaymentEvent(recorded);
        const { stream } = recorded;
        if (event.type === 'AttemptStarted') {
          this.asked.set(event.data.attemptId, event.data);
          const outcome = SCRIPTS[event.data.token]?.(event.data);
          if (outcome !== undefined) await this.answer(stream, event.data.attemptId, outcome);
        } else if (event.type === 'CaptureStarted' || event.type === 'CancelStarted') {
          await this.answerOperation(stream, event.data);
        } else if (event.type === 'ActionReturned') {
          const { attemptId } = event.data;
          const outcome = approved(this.asked.get(attemptId) ?? NOTHING_ASKED);
          if (outcome !== undefined) await this.answer(stream, attemptId, outcome);
        }
      }
    }
  }
}

const HEARD_AT = '2026-03-01T12:00:01.000Z';
const NOTHING_ASKED: Asked = { amountMinor: 0n, captureMethod: 'automatic' };
