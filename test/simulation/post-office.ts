import type {
  NoticeSubject,
  NoticeTranslator,
  PspName,
  PspNews,
  RefundNews,
  WebhookNoticeReceived,
} from '@tender/domain';
import { paymentOfAttempt } from '@tender/domain';
import type { RecordedEvent } from '@tender/eventstore';
import type { Faults } from './faults';
import type { Scheduler } from './scheduler';
import type { SeededChance } from './seeded-chance';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Between the tries of a notice that nobody has acknowledged; the last pause is repeated until somebody does. */
const RETRY_PAUSES_MS: readonly [number, ...number[]] = [MINUTE_MS, 10 * MINUTE_MS, HOUR_MS];
const USUALLY_WITHIN_MS = 2 * SECOND_MS;
const DELAYED_BY_AT_MOST_MS = 10 * MINUTE_MS;
const STALE_AFTER_AT_MOST_MS = 12 * HOUR_MS;

export interface Receiver {
  /** Undefined: nobody listens. Resolves when the notice is durable. */
  receive(notice: WebhookNoticeReceived): Promise<void> | undefined;
}

/**
 * Carries the PSPs' notices to whoever listens, again and again until one is acknowledged: late, twice, out of order,
 * before the reply that it is about, and for a while not at all.
 */
export class PostOffice {
  receiver: () => Receiver | undefined = () => undefined;
  private notices = 0;
  /** Not yet acknowledged. */
  private undelivered = 0;

  constructor(
    private readonly deps: {
      readonly scheduler: Scheduler;
      readonly chance: SeededChance;
      readonly faults: Faults;
    },
  ) {}

  get waiting(): number {
    return this.undelivered;
  }

  send(psp: PspName, subject: NoticeSubject, news: PspNews | RefundNews): void {
    const { chance, faults } = this.deps;
    const notice: WebhookNoticeReceived = {
      psp,
      noticeId: `notice-${(this.notices += 1)}`,
      fields: { subject, news },
      bodySha256: '',
    };
    if (this.neverComes(psp)) return;
    this.undelivered += 1;
    this.post(notice, this.delayMs(), 0);
    if (faults.happens('webhook_duplicated')) this.post(notice, this.delayMs(), undefined);
    if (faults.happens('webhook_stale')) {
      this.post(notice, chance.random() * STALE_AFTER_AT_MOST_MS, undefined);
    }
  }

  /** Of a PSP that can be asked; for the others somebody has the notices sent again, when everything has healed. */
  private readonly neverComes = (psp: PspName): boolean =>
    this.deps.faults.scenario === 'webhooks_lost' && psp === 'stripe';

  private isLost(): boolean {
    const { faults } = this.deps;
    return (faults.scenario === 'webhooks_lost' && !faults.isHealed) || faults.happens('webhook_dropped');
  }

  private delayMs(): number {
    const { chance, faults } = this.deps;
    if (faults.happens('webhook_before_reply')) return 0;
    return chance.random() * (faults.happens('webhook_delayed') ? DELAYED_BY_AT_MOST_MS : USUALLY_WITHIN_MS);
  }

  /** @param tries so far; undefined for a copy, which nobody repeats */
  private post(notice: WebhookNoticeReceived, afterMs: number, tries: number | undefined): void {
    this.deps.scheduler.after(afterMs, () => {
      const received = this.isLost() ? undefined : this.receiver()?.receive(notice);
      if (tries === undefined) {
        received?.catch(() => undefined);
        return;
      }
      let acknowledged = false;
      received?.then(
        () => {
          if (!acknowledged) this.undelivered -= 1;
          acknowledged = true;
        },
        () => undefined,
      );
      const pauseMs = RETRY_PAUSES_MS[Math.min(tries, RETRY_PAUSES_MS.length - 1)] ?? HOUR_MS;
      this.deps.scheduler.after(pauseMs, () => {
        if (!acknowledged) this.post(notice, 0, tries + 1);
      });
    });
  }
}

/** The charge that a stored notice says was approved: from then on it is ours to know of. */
export function chargeToldIn({
  type,
  data,
}: RecordedEvent): { readonly paymentId: string; readonly pspReference: string } | undefined {
  if (type !== 'WebhookNoticeReceived') return undefined;
  const { subject, news } = (data as unknown as WebhookNoticeReceived).fields as unknown as {
    readonly subject: NoticeSubject;
    readonly news: PspNews | RefundNews;
  };
  if (subject.kind !== 'attempt' || news.kind !== 'authorization') return undefined;
  const paymentId = paymentOfAttempt(subject.attemptId);
  return paymentId === undefined || news.outcome.kind !== 'approved'
    ? undefined
    : { paymentId, pspReference: news.outcome.pspReference };
}

/** A simulated PSP speaks our own language: its notices carry the news as they are. */
export const noticeTranslator = (psp: PspName): NoticeTranslator => ({
  psp,
  subjectOf: ({ subject }) => subject as NoticeSubject,
  translateRefund: ({ news }) => news as RefundNews,
  translate: ({ news }) => news as PspNews,
});
