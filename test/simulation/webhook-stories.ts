import {
  initiate,
  initiateRefund,
  outcomes,
  recordOutcome,
  requestCapture,
  reserveRefund,
} from '@tender/testing';
import { adyenItem } from '../../apps/api/spec/signed-webhooks';
import type { WebhookDesk } from './webhook-desk';
import {
  adyen,
  authorisationItem,
  captureItem,
  declinedIntent,
  dispute,
  intent,
  refundObject,
  stripe,
} from './webhook-notices';

/** One way in which a PSP's news may reach us. */
export interface WebhookStory {
  readonly name: string;
  /** The rule that decides it. */
  readonly meaning: string;
  readonly tell: (desk: WebhookDesk) => Promise<void>;
}

export interface Chapter {
  readonly title: string;
  readonly stories: readonly WebhookStory[];
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

const viaAdyen = {
  candidates: [{ psp: 'adyen', token: 'adyen_card_ok', requestVersion: 1, reason: 'default order' }],
} as const;
const succeeded = stripe('payment_intent.succeeded', intent());
const failed = stripe('payment_intent.payment_failed', declinedIntent);

const COPIES: readonly WebhookStory[] = [
  {
    name: 'the same event twice',
    meaning:
      'The stream of a notice is named by the PSP’s id of it, so a copy finds it there. It is answered like the first, and reaches nobody.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.succeeded`', succeeded);
      await desk.reads();
      await desk.delivers('sends it again', succeeded);
      await desk.reads('has nothing to read');
    },
  },
  {
    name: 'fifty copies at once',
    meaning:
      'Over two processes of the API. Whoever is not the first to append loses against the stream’s expected revision, reads, and knows its notice for a copy.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.succeeded` fifty times at once', succeeded, { copies: 50 });
      await desk.reads();
    },
  },
  {
    name: 'the same news in another event',
    meaning:
      'PSPs tell one fact by several events, each with an id of its own. Each is stored; the payment decides that the second tells it nothing.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.succeeded`', succeeded);
      await desk.reads();
      await desk.delivers(
        'tells it by an event with another id',
        stripe('payment_intent.succeeded', intent(), 1, 'evt_other'),
      );
      await desk.reads();
    },
  },
];

const ORDER: readonly WebhookStory[] = [
  {
    name: 'before the reply',
    meaning:
      'The attempt is durable before the PSP hears of it, so a notice always finds it. Whoever is first, notice or reply, decides; the other one is told nothing new.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.succeeded` while the call is under way', succeeded);
      await desk.reads();
      await desk.hears('reply', 'says the same, later', recordOutcome(outcomes.captured));
    },
  },
  {
    name: 'out of order',
    meaning:
      'A fact has an order of its own: the PSP’s time, then a rank for what happens in one second. What comes late is placed where it belongs, not where it came.',
    tell: async (desk) => {
      await desk.given(initiate(), recordOutcome(outcomes.captured));
      await desk.delivers(
        'sends the end of a dispute first',
        stripe('charge.dispute.closed', dispute({ status: 'won' }), 30),
      );
      await desk.reads();
      await desk.delivers(
        'then that money was taken for it',
        stripe('charge.dispute.funds_withdrawn', dispute(), 20),
      );
      await desk.delivers('then that it began', stripe('charge.dispute.created', dispute(), 10));
      await desk.reads('reads both');
    },
  },
  {
    name: 'a refusal after the success',
    meaning:
      'An outcome, once there, never changes by an authorisation’s other word. Money that is given back is told by other events.',
    tell: async (desk) => {
      await desk.given(initiate(), recordOutcome(outcomes.captured));
      await desk.delivers('sends `payment_intent.payment_failed`', failed);
      await desk.reads();
    },
  },
  {
    name: 'before the payment is known',
    meaning:
      'It can be so only while a log is being restored, or when installations share an account. The notice is parked, and read again every 15 s.',
    tell: async (desk) => {
      await desk.delivers('sends `payment_intent.succeeded`', succeeded);
      await desk.reads();
      await desk.sweeps('reads what is parked again: still nothing', MINUTE_MS);
      await desk.given(initiate());
      await desk.sweeps('reads it again after the payment has appeared', MINUTE_MS);
    },
  },
  {
    name: 'before the refund is known',
    meaning: 'The same for a refund: parked, read again, told.',
    tell: async (desk) => {
      await desk.given(initiate(), recordOutcome(outcomes.captured));
      await desk.delivers('sends `refund.updated`, succeeded', stripe('refund.updated', refundObject(), 5));
      await desk.reads();
      await desk.given(reserveRefund(), initiateRefund());
      await desk.sweeps('reads it again after the refund has appeared', MINUTE_MS);
    },
  },
  {
    name: 'of a payment that never appears',
    meaning: 'After a day it is taken for somebody else’s, and nobody reads it again but a replay.',
    tell: async (desk) => {
      await desk.delivers('sends `payment_intent.succeeded`', succeeded);
      await desk.reads();
      await desk.sweeps('reads it again a day later', 24 * HOUR_MS);
    },
  },
];

const NOT_BELIEVED: readonly WebhookStory[] = [
  {
    name: 'forged',
    meaning:
      'What does not carry the PSP’s signature is refused before anything of it is read: no event, and nothing of the body in any log.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.succeeded`, signed with another secret', succeeded, {
        forged: true,
      });
    },
  },
  {
    name: 'stale',
    meaning:
      'Stripe signs the time of sending, too: more than 5 minutes old, and it is a recording that somebody plays. Stripe’s own repetitions are signed anew.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends it, signed six minutes ago', succeeded, { clockAheadMs: -6 * MINUTE_MS });
      await desk.delivers('sends it again, signed now', succeeded);
      await desk.reads();
    },
  },
  {
    name: 'signed in the future',
    meaning:
      'A signature from more than 5 minutes ahead is refused as well (Stripe’s own library accepts it): it would be a recording that keeps for longer.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends it, signed six minutes ahead', succeeded, { clockAheadMs: 6 * MINUTE_MS });
    },
  },
  {
    name: 'dated in the future',
    meaning:
      'The signature is of now and the event says it happened tomorrow. It is the PSP’s word, and believed. Its time is compared with the PSP’s other words about the same thing, never with our clock.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers(
        'sends an event dated tomorrow',
        stripe('payment_intent.succeeded', intent(), 86_400),
      );
      await desk.reads();
    },
  },
  {
    name: 'with one forged item in a batch',
    meaning:
      'Adyen signs each item. Nobody but a forger sends one that is not signed, so the whole batch is worthless.',
    tell: async (desk) => {
      await desk.given(initiate(viaAdyen));
      await desk.delivers(
        'sends a good item, and one without a signature',
        adyen(authorisationItem(1), adyenItem({}, null)),
        { forged: true },
      );
    },
  },
];

const NOT_OURS: readonly WebhookStory[] = [
  {
    name: 'of an unknown type',
    meaning:
      'It is stored like any other, so that a later release can read it (`tender webhooks replay`), and says why nobody was told.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.dreamt_of`', stripe('payment_intent.dreamt_of', intent()));
      await desk.reads();
    },
  },
  {
    name: 'about another’s payment',
    meaning:
      'An account may serve others beside us. An attempt’s id is ours by its form: a charge that carries none is foreign at once.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers(
        'tells of a charge that a shop system made',
        stripe('payment_intent.succeeded', intent({ id: 'pi_9', metadata: {} })),
      );
      await desk.reads();
    },
  },
  {
    name: 'for another merchant account',
    meaning:
      'Signed, and addressed to an account that nobody listens to here. To take it would be to lose it for whoever it is for.',
    tell: async (desk) => {
      await desk.given(initiate(viaAdyen));
      await desk.delivers(
        'sends an item of another account',
        adyen(adyenItem({ merchantAccountCode: 'SomebodyElse' })),
      );
    },
  },
];

const OUTAGES: readonly WebhookStory[] = [
  {
    name: 'while the store is away',
    meaning:
      'An answer of 200 means “durable”. Without a confirmation within 5 s it is 503, and the PSP keeps the notice for us.',
    tell: async (desk) => {
      await desk.given(initiate());
      await desk.delivers('sends `payment_intent.succeeded`; the store does not confirm', succeeded, {
        unreachable: 'the store',
      });
      await desk.delivers('sends it again; the store is back', succeeded);
      await desk.reads();
    },
  },
  {
    name: 'a batch of which half is stored',
    meaning: 'Adyen’s batch is answered as a whole. The item that was stored is a copy when it comes again.',
    tell: async (desk) => {
      await desk.given(
        initiate({ ...viaAdyen, captureMethod: 'manual' }),
        recordOutcome(outcomes.authorized),
        requestCapture(),
      );
      const batch = adyen(authorisationItem(1), captureItem('CAPTURE', 2));
      await desk.delivers('sends `AUTHORISATION` and `CAPTURE`; the store confirms one', batch, {
        unreachable: 'the store, for the second item',
      });
      await desk.delivers('sends both again', batch);
      await desk.reads('reads both');
    },
  },
];

const LATE_WORDS: readonly WebhookStory[] = [
  {
    name: 'a refund that fails after it succeeded',
    meaning:
      'The buyer’s bank sent the money back. It is owed still: it stays reserved on the payment, and somebody has to look.',
    tell: async (desk) => {
      await desk.given(initiate(), recordOutcome(outcomes.captured), reserveRefund(), initiateRefund());
      await desk.delivers('sends `refund.updated`, succeeded', stripe('refund.updated', refundObject(), 5));
      await desk.reads('reads it, and tells the payment');
      await desk.delivers(
        'sends `refund.failed`',
        stripe(
          'refund.failed',
          refundObject({
            status: 'failed',
            failure_reason: 'lost_or_stolen_card',
            failure_balance_transaction: 'txn_2',
          }),
          60,
        ),
      );
      await desk.reads('reads it, and tells the payment');
    },
  },
  {
    name: 'a capture that falls back, and is made again',
    meaning:
      'The scheme takes back what had been captured, sometimes days later; and Adyen may capture it again. Each is a fact of its own, with its own posting; the outcome that was told stays `succeeded`, and what is captured says where the money is.',
    tell: async (desk) => {
      await desk.given(
        initiate({ ...viaAdyen, captureMethod: 'manual' }),
        recordOutcome(outcomes.authorized),
        requestCapture(),
      );
      await desk.delivers('sends `CAPTURE`', adyen(captureItem('CAPTURE', 2)));
      await desk.reads();
      await desk.delivers(
        'sends `CAPTURE_FAILED`',
        adyen(captureItem('CAPTURE_FAILED', 90, { reason: 'Capture Failed' })),
      );
      await desk.reads();
      await desk.delivers(
        'sends `CAPTURE`, recaptured',
        adyen(captureItem('CAPTURE', 180, { reason: 'Transaction Recaptured' })),
      );
      await desk.reads();
    },
  },
  {
    name: 'a dispute won, then lost',
    meaning: 'Won is not for good: the bank may go on to arbitration. What was put back is taken again.',
    tell: async (desk) => {
      await desk.given(initiate(), recordOutcome(outcomes.captured));
      await desk.delivers('sends `charge.dispute.created`', stripe('charge.dispute.created', dispute(), 10));
      await desk.reads('asks Stripe whose charge it is, and reads it');
      await desk.delivers(
        'sends `charge.dispute.funds_withdrawn`',
        stripe('charge.dispute.funds_withdrawn', dispute(), 20),
      );
      await desk.reads();
      await desk.delivers(
        'sends `charge.dispute.closed`, won',
        stripe('charge.dispute.closed', dispute({ status: 'won' }), 30),
      );
      await desk.reads();
      await desk.delivers(
        'sends `charge.dispute.closed`, lost',
        stripe('charge.dispute.closed', dispute({ status: 'lost' }), 40),
      );
      await desk.reads();
    },
  },
];

export const CHAPTERS: readonly Chapter[] = [
  { title: 'Copies', stories: COPIES },
  { title: 'Early, late, out of order', stories: ORDER },
  { title: 'Not believed', stories: NOT_BELIEVED },
  { title: 'Not for us', stories: NOT_OURS },
  { title: 'While something is away', stories: OUTAGES },
  { title: 'Words that are taken back', stories: LATE_WORDS },
];

export const WEBHOOK_STORIES: readonly WebhookStory[] = CHAPTERS.flatMap(({ stories }) => stories);
