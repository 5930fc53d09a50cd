import type { Decider } from '../kernel/decider';
import { nothing, record } from '../kernel/decision';
import type { WebhookEvent, WebhookNoticeReceived } from './webhook.events';

export interface WebhookCommand {
  readonly type: 'ReceiveNotice';
  readonly data: WebhookNoticeReceived;
}

/** `null`: nobody has told us yet. */
export type WebhookState = { readonly noticeId: string } | null;

/** One notice: the first copy is recorded, and no other. Nothing is refused here; forgeries never get so far. */
export const webhookDecider: Decider<WebhookState, WebhookCommand, WebhookEvent, never> = {
  initial: null,
  evolve: (_, event) => ({ noticeId: event.data.noticeId }),
  decide: ({ data }, state) =>
    state === null
      ? record({ type: 'WebhookNoticeReceived', data })
      : nothing('this notice was received before'),
};
