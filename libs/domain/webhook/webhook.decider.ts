import type { Decider } from '../kernel/decider';
import { nothing, record, refuse } from '../kernel/decision';
import type { WebhookEvent, WebhookNoticeReceived, WebhookNoticeSetAside } from './webhook.events';

export type WebhookCommand =
  | { readonly type: 'ReceiveNotice'; readonly data: WebhookNoticeReceived }
  | { readonly type: 'SetNoticeAside'; readonly data: WebhookNoticeSetAside }
  | { readonly type: 'TakeNoticeUp' };

/** `null`: nobody has told us yet. */
export type WebhookState = {
  readonly noticeId: string;
  /** Undefined for a notice that told somebody something, or that nobody has read yet. */
  readonly aside?: WebhookNoticeSetAside | undefined;
} | null;

export interface WebhookRefusal {
  readonly code: 'notice_not_found';
}

/** One notice: the first copy is recorded, and no other. Forgeries never get so far. */
export const webhookDecider: Decider<WebhookState, WebhookCommand, WebhookEvent, WebhookRefusal> = {
  initial: null,
  evolve: (state, event) => {
    switch (event.type) {
      case 'WebhookNoticeReceived':
        return { noticeId: event.data.noticeId };
      case 'WebhookNoticeSetAside':
        return state && { ...state, aside: event.data };
      case 'WebhookNoticeTakenUp':
        return state && { ...state, aside: undefined };
    }
  },
  decide: (command, state) => {
    if (command.type === 'ReceiveNotice') {
      return state === null
        ? record({ type: 'WebhookNoticeReceived', data: command.data })
        : nothing('this notice was received before');
    }
    if (state === null) return refuse({ code: 'notice_not_found' });
    const { aside } = state;
    if (command.type === 'TakeNoticeUp') {
      return aside === undefined
        ? nothing('it was not set aside')
        : record({ type: 'WebhookNoticeTakenUp', data: { setAsideAs: aside.as } });
    }
    const { as, because } = command.data;
    return aside?.as === as && aside.because === because
      ? nothing('it was set aside for this before')
      : record({ type: 'WebhookNoticeSetAside', data: { as, because } });
  },
};
