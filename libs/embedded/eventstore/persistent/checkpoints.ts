import { ANY } from '../log/expected-revision';
import { EventLog } from '../log/event-log';
import { METADATA_EVENT, metastreamOf } from '../log/stream-metadata';
import { systemEvent } from '../log/write-batch';
import { checkpointStream, GroupSettings, parsePlace, placeText } from './group-settings';

const CHECKPOINT_EVENT = '$SubscriptionCheckpoint';
/** EventStoreDB keeps two. */
const KEPT_CHECKPOINTS = 2;

/** Every event up to here is done with. */
export interface Progress {
  readonly place: number;
  readonly sequence: number;
}

/** When and where a group writes how far it has come. */
export class Checkpoints {
  private written: Progress = { place: -1, sequence: 0 };
  private writtenAtMs: number;
  private writing = false;
  private readonly stream: string;

  constructor(
    private readonly log: EventLog,
    private readonly source: string,
    key: string,
    private readonly settings: GroupSettings,
    private readonly now: () => number,
  ) {
    this.stream = checkpointStream(key);
    this.writtenAtMs = now();
    const last = this.load();
    if (last !== undefined) this.written = { place: last, sequence: 0 };
  }

  /** Undefined when the group has none yet. */
  get last(): number | undefined {
    return this.written.place < 0 ? undefined : this.written.place;
  }

  /** Cheap test before the progress is worked out: has enough been pushed since the last checkpoint? */
  mayBeDue(pushedSequence: number, onTick: boolean): boolean {
    const { minCheckpointCount, maxCheckpointCount } = this.settings;
    return (
      pushedSequence - this.written.sequence >=
      (onTick ? Math.min(minCheckpointCount, maxCheckpointCount) : maxCheckpointCount)
    );
  }

  advance(progress: Progress, onTick: boolean): void {
    const { minCheckpointCount, maxCheckpointCount, checkpointAfterMs } = this.settings;
    const done = progress.sequence - this.written.sequence;
    const late = checkpointAfterMs > 0 && this.now() - this.writtenAtMs >= checkpointAfterMs;
    const due = done >= maxCheckpointCount || (late && onTick && done >= minCheckpointCount);
    if (!due || this.writing || progress.place <= this.written.place) return;
    void this.write(progress);
  }

  private async write(progress: Progress): Promise<void> {
    this.writing = true;
    const first = this.log.reader.lastRevision(this.stream) < 0;
    const text = JSON.stringify(placeText(this.source, progress.place));
    const outcome = await this.log.append(this.stream, ANY, [
      systemEvent(CHECKPOINT_EVENT, Buffer.from(text)),
    ]);
    this.writing = false;
    if (outcome.kind !== 'written') return;
    this.written = progress;
    this.writtenAtMs = this.now();
    if (!first) return;
    const limit = Buffer.from(JSON.stringify({ $maxCount: KEPT_CHECKPOINTS }));
    await this.log.append(metastreamOf(this.stream), ANY, [systemEvent(METADATA_EVENT, limit)]);
  }

  private load(): number | undefined {
    if (this.log.reader.state(this.stream) !== 'live') return undefined;
    const last = this.log.reader.lastRecord(this.stream);
    if (last === undefined) return undefined;
    const text: unknown = JSON.parse(last.data.toString('utf8'));
    return typeof text === 'string' ? parsePlace(text) : undefined;
  }
}
