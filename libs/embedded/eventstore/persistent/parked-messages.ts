import { ANY } from '../log/expected-revision';
import { EventLog } from '../log/event-log';
import { METADATA_EVENT, metastreamOf } from '../log/stream-metadata';
import { systemEvent } from '../log/write-batch';
import { resolveLink } from '../rpc/read-messages';
import { parkedStream } from './group-settings';
import { GroupMessage, recordOf } from './message';

const LINK_EVENT = '$>';

/** Messages a group gave up on: links in a stream of their own, until somebody replays them. */
export class ParkedMessages {
  private readonly stream: string;

  constructor(
    private readonly log: EventLog,
    key: string,
    private readonly now: () => number,
  ) {
    this.stream = parkedStream(key);
  }

  get count(): number {
    if (this.log.reader.state(this.stream) !== 'live') return 0;
    return this.log.reader.lastRevision(this.stream) - this.firstKept() + 1;
  }

  /** False when the server is stopping: the message must stay where it is. */
  async park({ resolved }: GroupMessage, reason: string): Promise<boolean> {
    const { event, link } = resolved;
    const original = recordOf(resolved);
    const target = event === undefined ? link?.data : Buffer.from(`${event.revision}@${event.stream}`);
    const metadata = {
      added: new Date(this.now()).toISOString(),
      reason,
      subscriptionEventNumber: original.revision,
    };
    const parked = systemEvent(
      LINK_EVENT,
      target ?? original.data,
      false,
      Buffer.from(JSON.stringify(metadata)),
    );
    const outcome = await this.log.append(this.stream, ANY, [parked]);
    return outcome.kind === 'written';
  }

  /** Takes out the parked messages below `stopAt`; they are acknowledged by the id of the parked link. */
  async take(stopAt: number): Promise<GroupMessage[]> {
    if (this.log.reader.state(this.stream) !== 'live') return [];
    const end = Math.min(stopAt, this.log.reader.lastRevision(this.stream) + 1);
    const messages: GroupMessage[] = [];
    let revision = this.firstKept();
    if (revision >= end) return [];
    while (revision < end) {
      const page = this.log.reader.streamFrom(this.stream, revision, end - revision);
      for (const link of page.records) {
        const resolved = resolveLink(this.log.reader, link, true);
        // what it pointed to is gone for good
        if (resolved.event === undefined) continue;
        const { id } = link;
        messages.push({
          id,
          resolved,
          place: -1,
          placeBefore: -1,
          sequence: 0,
          replayed: true,
          retryCount: 0,
        });
      }
      revision = page.next;
    }
    const truncated = Buffer.from(JSON.stringify({ $tb: end }));
    await this.log.append(metastreamOf(this.stream), ANY, [systemEvent(METADATA_EVENT, truncated)]);
    return messages;
  }

  private firstKept(): number {
    return Math.max(0, this.log.reader.metadata(this.stream).truncateBefore ?? 0);
  }
}
