import type { NoticeTranslator, PspGateway, PspName } from '@tender/domain';
import type { NoticeReader } from '@tender/engine';
import { adyenNotices } from '@tender/psp/adyen';
import { stripeNotices } from '@tender/psp/stripe';

/** Stored notices of every PSP are read, also of one that has no account any more. */
const TRANSLATORS: Readonly<Record<PspName, NoticeTranslator>> = {
  stripe: stripeNotices,
  adyen: adyenNotices,
};

/** Without a gateway nobody knows when a PSP's "I hold nothing" can be believed: then it never is. */
const NEVER_SETTLES = Number.POSITIVE_INFINITY;

const NOBODY_TO_ASK = { kind: 'unavailable', detail: 'no gateway is configured' } as const;

/** What is asked of a PSP while its notices are read. */
export type NoticeGateway = Pick<PspGateway, 'identify' | 'lookupSettlesAfterMs'>;

/** How notices are read wherever they are: by workers, and by an operator who has them read again. */
export function noticeReaders({
  byPsp,
}: {
  readonly byPsp: Readonly<Partial<Record<PspName, NoticeGateway>>>;
}): Readonly<Record<PspName, NoticeReader>> {
  const readerOf = (psp: PspName): NoticeReader => ({
    translator: TRANSLATORS[psp],
    settlesAfterMs: byPsp[psp]?.lookupSettlesAfterMs ?? NEVER_SETTLES,
    identify: (request) => byPsp[psp]?.identify(request) ?? Promise.resolve(NOBODY_TO_ASK),
  });
  return { stripe: readerOf('stripe'), adyen: readerOf('adyen') };
}
