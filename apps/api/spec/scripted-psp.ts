import type { AuthorizeOutcome, PaymentCommand } from '@tender/domain';
import type { PaymentCommands } from '@tender/engine';
import { asPaymentEvent, PAYMENT_PREFIX, systemChance } from '@tender/engine';
import type { EventLog, Subscription } from '@tender/eventstore';

const OCCURRED_AT = '2026-01-31T12:00:00.000Z';

type Script = (amountMinor: bigint) => AuthorizeOutcome | undefined;

const approved: Script = (amountMinor) => ({
  kind: 'approved',
  pspReference: 'pi_1',
  amountMinor,
  captured: true,
  card: { brand: 'visa', last4: '4242' },
  occurredAt: OCCURRED_AT,
});

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
  pm_card_3ds: () => ({
    kind: 'action_required',
    pspReference: 'pi_3',
    action: { type: 'redirect', url: 'https://psp.example/3ds' },
  }),
  pm_card_lost: () => ({
    kind: 'unknown',
    why: 'timeout',
    detail: 'no reply',
    pspReference: null,
    keyBurnt: false,
  }),
};

/** Plays worker and PSP: answers each started attempt as its token says, through the real commands. */
export class ScriptedPsp {
  private readonly subscription: Subscription;
  private readonly running: Promise<void>;

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
  async answer(stream: string, attemptId: string, outcome: AuthorizeOutcome): Promise<void> {
    const command: PaymentCommand = {
      type: 'RecordAttemptOutcome',
      data: {
        attemptId,
        outcome,
        heardBy: 'reply',
        surelyFirstSend: true,
        heardAt: '2026-03-01T12:00:01.000Z',
      },
    };
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
        if (event.type !== 'AttemptStarted') continue;
        const outcome = SCRIPTS[event.data.token]?.(event.data.amountMinor);
        if (outcome !== undefined) await this.answer(recorded.stream, event.data.attemptId, outcome);
      }
    }
  }
}
