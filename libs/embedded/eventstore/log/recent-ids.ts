/** The real cache is bounded by 8 MiB; this many ids take about as much. */
export const RECENT_IDS_LIMIT = 100_000;

/**
 * Which revision a recently written event id has. Only the weak idempotency of `any` and `stream_exists` rests on it.
 * It lives in memory alone, as on EventStoreDB: after a restart or a change of leader a retry with `any` writes a duplicate.
 */
export class RecentIds {
  private readonly revisions = new Map<string, number>();

  constructor(private readonly limit = RECENT_IDS_LIMIT) {}

  revisionOf(stream: string, id: string): number | undefined {
    return this.revisions.get(id + stream);
  }

  remember(stream: string, id: string, revision: number): void {
    this.revisions.set(id + stream, revision);
    if (this.revisions.size <= this.limit) return;
    const oldest = this.revisions.keys().next();
    if (oldest.done !== true) this.revisions.delete(oldest.value);
  }

  forget(): void {
    this.revisions.clear();
  }
}
