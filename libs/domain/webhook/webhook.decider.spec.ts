import { given } from '@tender/testing';
import { webhookDecider } from './webhook.decider';
import type { WebhookEvent, WebhookNoticeReceived } from './webhook.events';

const notice: WebhookNoticeReceived = {
  psp: 'stripe',
  noticeId: 'evt_1',
  fields: { type: 'payment_intent.succeeded' },
  bodySha256: 'ab'.repeat(32),
};
const received: WebhookEvent = { type: 'WebhookNoticeReceived', data: notice };

describe('a notice', () => {
  it('is recorded as it came', () => {
    given(webhookDecider).when({ type: 'ReceiveNotice', data: notice }).thenRecords([received]);
  });

  it('is recorded once, whatever its later copies say', () => {
    given(webhookDecider, [received])
      .when({ type: 'ReceiveNotice', data: { ...notice, bodySha256: 'cd'.repeat(32) } })
      .thenNothing();
  });
});
