import { asWebhookEvent, WEBHOOK_PREFIX } from '@tender/engine';
import type { EventLog, Position, RecordedEvent } from '@tender/eventstore';
import { comparePositions } from '@tender/eventstore';

/** A notice of a PSP that an event of the payment followed from. */
export interface NoticeEvidence {
  readonly eventId: string;
  readonly psp: string;
  readonly noticeId: string;
  /** Of the bytes that came, whose signature was verified then. */
  readonly bodySha256: string;
  readonly recordedAt: string;
  readonly stream: string;
}

/** Events looked through for notices, at most: some seconds. What lies further apart is told without its notice. */
export const MAX_EVENTS_SEARCHED = 200_000;
const PAGE_EVENTS = 5_000;

/**
 * The notices that caused events of this story, by their event ids. An event names its cause by id alone, and a
 * notice can only have come after the attempt that it tells of: so the log is read from there to the last effect.
 */
export async function noticesBehind(
  log: Pick<EventLog, 'readAll'>,
  story: readonly RecordedEvent[],
): Promise<ReadonlyMap<string, NoticeEvidence>> {
  const caused = story.filter(({ metadata }) => metadata.actor.startsWith('psp:'));
  const wanted = new Set(caused.map(({ metadata }) => metadata.causationId));
  const found = new Map<string, NoticeEvidence>();
  const last = caused.at(-1)?.position;
  let after: Position | undefined = story[0]?.position;
  for (let searched = 0; searched < MAX_EVENTS_SEARCHED && last !== undefined; searched += PAGE_EVENTS) {
    if (after === undefined || found.size === wanted.size || comparePositions(after, last) >= 0) break;
    const page = await log.readAll({ after, prefixes: [WEBHOOK_PREFIX], maxCount: PAGE_EVENTS });
    for (const event of page.events) if (wanted.has(event.id)) noteEvidence(found, event);
    if (page.end) break;
    after = page.position;
  }
  return found;
}

function noteEvidence(found: Map<string, NoticeEvidence>, event: RecordedEvent): void {
  const { type, data } = asWebhookEvent(event);
  // what became of a notice later is in its stream, too, and is no PSP's word
  if (type !== 'WebhookNoticeReceived') return;
  const { psp, noticeId, bodySha256 } = data;
  const { recordedAt } = event.metadata;
  found.set(event.id, { eventId: event.id, psp, noticeId, bodySha256, recordedAt, stream: event.stream });
}
