import { EVENT_CATALOG } from '@tender/domain';
import { PAYMENT_PREFIX } from '@tender/engine';
import {
  connectEventStore,
  createCodec,
  type EventLog,
  type LogInspection,
  type RecordedEvent,
} from '@tender/eventstore';

const PAGE_EVENTS = 500;

/** What stands in the streams, read past every process of Tender. */
export class RecordedEvents {
  readonly log: EventLog & LogInspection;

  constructor(eventStoreUrl: string) {
    this.log = connectEventStore({ url: eventStoreUrl, codec: createCodec(EVENT_CATALOG), readOnly: true });
  }

  /** In the order of the log, of the streams whose names begin so. */
  async all(prefixes: readonly string[] = [PAYMENT_PREFIX]): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for (let after: Parameters<EventLog['readAll']>[0]['after'] = 'start'; ;) {
      const page = await this.log.readAll({ after, prefixes, maxCount: PAGE_EVENTS });
      events.push(...page.events);
      if (page.end || page.position === undefined) return events;
      after = page.position;
    }
  }

  /** Names of the payment streams. */
  async streams(): Promise<ReadonlySet<string>> {
    return new Set((await this.all()).map(({ stream }) => stream));
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
