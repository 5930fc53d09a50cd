import type { RefundAttemptStarted, RefundCommand, RefundOutcome } from '@tender/domain';
import { standingOf } from '@tender/domain';
import type { PaymentCommands, RefundCommands } from '@tender/engine';
import {
  asRefundEvent,
  loadRefund,
  paymentStream,
  REFUND_PREFIX,
  refundStream,
  systemChance,
} from '@tender/engine';
import type { EventLog, Subscription } from '@tender/eventstore';

const OCCURRED_AT = '2026-01-31T12:00:00.000Z';

/** What becomes of a refund; `undefined` is a PSP that never answers. */
const SCRIPTS = {
  succeed: ({ amountMinor, operationId }: RefundAttemptStarted): RefundOutcome | undefined => ({
    kind: 'succeeded',
    pspReference: `psp_${operationId}`,
    amountMinor,
    occurredAt: OCCURRED_AT,
  }),
  accept: ({ operationId }: RefundAttemptStarted): RefundOutcome | undefined => ({
    kind: 'pending',
    pspReference: `psp_${operationId}`,
  }),
  refuse: (): RefundOutcome | undefined => ({
    kind: 'failed',
    why: 'refused',
    debited: false,
    detail: 'not today',
    pspReference: null,
    occurredAt: OCCURRED_AT,
  }),
  stay_silent: (): RefundOutcome | undefined => undefined,
};

const context = () => {
  const id = systemChance.uuid();
  return { commandId: id, correlationId: id, causationId: id, actor: 'psp:stripe' };
};

/** Plays worker and PSP for refunds: answers each try, and tells payments what refunds take of them. */
export class ScriptedRefundDesk {
  does: keyof typeof SCRIPTS = 'succeed';
  private readonly subscription: Subscription;
  private readonly running: Promise<void>;

  constructor(
    private readonly log: EventLog,
    private readonly commands: { readonly payments: PaymentCommands; readonly refunds: RefundCommands },
  ) {
    this.subscription = log.subscribe({ after: 'end', prefixes: [REFUND_PREFIX] });
    this.running = this.run();
  }

  async stop(): Promise<void> {
    await this.subscription.close();
    await this.running;
  }

  /** What the PSP says of the first try after it was paid out. */
  async comesBack(refundId: string): Promise<void> {
    const outcome: RefundOutcome = {
      kind: 'failed',
      why: 'returned',
      debited: true,
      detail: 'account closed',
      pspReference: 'psp_1',
      occurredAt: '2026-02-28T12:00:00.000Z',
    };
    const data = { number: 1, outcome, rank: 2, heardAt: OCCURRED_AT };
    await this.tell(refundId, { type: 'RecordRefundNews', data });
  }

  private async tell(refundId: string, command: RefundCommand): Promise<void> {
    await this.commands.refunds.handle(refundStream(refundId), command, context());
    await this.tellPayment(refundId);
  }

  private async tellPayment(refundId: string): Promise<void> {
    const current = await loadRefund(this.log, refundStream(refundId));
    if (current === undefined) return;
    const { refund, revision } = current;
    const standing = standingOf(refund);
    if (standing === undefined) return;
    const number = refund.tries.length;
    const data = {
      refundId,
      number,
      refundRevision: Number(revision),
      standing,
      occurredAt: OCCURRED_AT,
    };
    await this.commands.payments.handle(
      paymentStream(refund.paymentId),
      { type: 'RecordRefundStanding', data },
      context(),
    );
  }

  private async run(): Promise<void> {
    for await (const batch of this.subscription) {
      for (const recorded of batch.events) {
        const event = asRefundEvent(recorded);
        if (event.type === 'RefundAbandoned' || event.type === 'RefundResolved') {
          await this.tellPayment(event.data.refundId);
        }
        if (event.type !== 'RefundAttemptStarted') continue;
        const { refundId, number } = event.data;
        const outcome = SCRIPTS[this.does](event.data);
        const data = { number, heardAt: OCCURRED_AT };
        if (outcome !== undefined) {
          await this.tell(refundId, { type: 'RecordRefundOutcome', data: { ...data, outcome } });
        }
      }
    }
  }
}
