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
const PARKED = { as: 'parked', because: 'no_payment' } as const;
const FOREIGN = { as: 'foreign', because: 'no_payment' } as const;
const parked: WebhookEvent = { type: 'WebhookNoticeSetAside', data: PARKED };
const takenUp: WebhookEvent = { type: 'WebhookNoticeTakenUp', data: { setAsideAs: 'parked' } };

describe('a notice', () => {
  it('is recorded as it came', () => {
    given(webhookDecider).when({ type: 'ReceiveNotice', data: notice }).thenRecords([received]);
  });

  it.each([
    ['when it was just received', [received]],
    ['when it is set aside', [received, parked]],
  ])('is recorded once, whatever its later copies say: %s', (_name, before) => {
    given(webhookDecider, before)
      .when({ type: 'ReceiveNotice', data: { ...notice, bodySha256: 'cd'.repeat(32) } })
      .thenNothing();
  });

  it('that tells nobody anything says why, once for each reason', () => {
    given(webhookDecider, [received]).when({ type: 'SetNoticeAside', data: PARKED }).thenRecords([parked]);
    given(webhookDecider, [received, parked])
      .when({ type: 'SetNoticeAside', data: FOREIGN })
      .thenRecords([{ type: 'WebhookNoticeSetAside', data: FOREIGN }]);
  });

  it('that is told after all is taken up, and may be set aside again', () => {
    given(webhookDecider, [received, parked]).when({ type: 'TakeNoticeUp' }).thenRecords([takenUp]);
    given(webhookDecider, [received, parked, takenUp])
      .when({ type: 'SetNoticeAside', data: PARKED })
      .thenRecords([parked]);
  });

  it('that was never set aside is not taken up', () => {
    given(webhookDecider, [received]).when({ type: 'TakeNoticeUp' }).thenNothing();
  });

  it('that nobody received is refused', () => {
    given(webhookDecider).when({ type: 'TakeNoticeUp' }).thenRefuses({ code: 'notice_not_found' });
    given(webhookDecider)
      .when({ type: 'SetNoticeAside', data: PARKED })
      .thenRefuses({ code: 'notice_not_found' });
  });
});
