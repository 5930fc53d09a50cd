import type { Divergence, DivergenceKind, PaymentState } from '@tender/domain';
import { hasOutcome, representPayment } from '@tender/domain';
import type { InspectedRecord, LogInspection, RecordedEvent, StreamRules } from '@tender/eventstore';
import { idOf } from '@tender/eventstore';
import { LRUCache } from 'lru-cache';
import { evolveBy, PAYMENT_PREFIX } from '../payment/payment-stream';
import type { StreamHistories } from './stream-histories';

/** Streams that a check keeps, 2 KB each; one that is heard of later than the next so many is read again. */
export const MAX_STREAMS_KEPT = 20_000;

interface FollowedStream {
  readonly revision: bigint;
  /** Of a payment; null in other streams. */
  readonly payment: PaymentState;
  readonly hasOutcome: boolean;
}

const UNREAD: FollowedStream = { revision: -1n, payment: null, hasOutcome: false };

/**
 * Whether the streams themselves are whole: every revision is there, nobody has taken events away or told the store to,
 * and each payment has the one outcome that its key is answered with.
 */
export class StreamCheck {
  private readonly followed: LRUCache<string, FollowedStream>;

  constructor(
    private readonly deps: { readonly inspection: LogInspection; readonly histories: StreamHistories },
    maxStreams = MAX_STREAMS_KEPT,
  ) {
    this.followed = new LRUCache({ max: maxStreams });
  }

  /** @returns the events that stand where they should, and what is wrong with the rest */
  async take(
    records: readonly InspectedRecord[],
  ): Promise<{ readonly events: readonly RecordedEvent[]; readonly found: readonly Divergence[] }> {
    const events: RecordedEvent[] = [];
    const found: Divergence[] = [];
    for (const record of records) {
      switch (record.kind) {
        case 'event':
          found.push(...(await this.follow(record.event)));
          events.push(record.event);
          break;
        case 'unreadable': {
          const { stream, revision, reason } = record;
          found.push(divergence('unreadable_event', stream, revision.toString(), null, reason));
          this.skip(stream, revision);
          break;
        }
        case 'rules_changed':
          found.push(...forbidden(record.stream, await this.deps.inspection.streamRules(record.stream)));
          break;
        case 'tombstoned':
          found.push(divergence('tombstoned_stream', record.stream, null, null, 'deleted for ever'));
          break;
      }
    }
    return { events, found };
  }

  private async follow(event: RecordedEvent): Promise<readonly Divergence[]> {
    const { stream, revision } = event;
    const found: Divergence[] = [];
    const before = this.followed.get(stream) ?? (await this.refollowed(event, found));
    if (revision !== before.revision + 1n) {
      const next = (before.revision + 1n).toString();
      found.push(divergence('gap', stream, next, `revision ${next}`, `revision ${revision}`));
    }
    this.followed.set(stream, outcomeAfter(before, event, found));
    return found;
  }

  /** Reported where the log's order first met them; here they are only passed again. */
  private async refollowed(
    { stream, revision }: RecordedEvent,
    found: Divergence[],
  ): Promise<FollowedStream> {
    if (revision === 0n) return UNREAD;
    let at = UNREAD;
    for (const event of await this.deps.histories.before(stream, revision)) at = outcomeAfter(at, event, []);
    if (at === UNREAD) {
      found.push(
        divergence('truncated_stream', stream, '0', 'revision 0', `nothing before revision ${revision}`),
      );
      return { ...UNREAD, revision: revision - 1n };
    }
    return at;
  }

  /** What cannot be read is not a gap as well. */
  private skip(stream: string, revision: bigint): void {
    this.followed.set(stream, { ...(this.followed.get(stream) ?? UNREAD), revision });
  }
}

const divergence = (
  kind: DivergenceKind,
  id: string,
  at: string | null,
  expected: string | null,
  found: string | null,
): Divergence => ({ where: 'streams', kind, id, at, expected, found });

/** Access lists and words of an application take nothing away. */
function forbidden(
  stream: string,
  { maxAgeS, maxCount, truncateBefore }: StreamRules,
): readonly Divergence[] {
  const found: Divergence[] = [];
  const tell = (kind: DivergenceKind, name: string, value: number | undefined): void => {
    if (value !== undefined) found.push(divergence(kind, stream, name, 'not set', String(value)));
  };
  tell('forbidden_metadata', '$maxAge', maxAgeS);
  tell('forbidden_metadata', '$maxCount', maxCount);
  tell('truncated_stream', '$tb', truncateBefore);
  return found;
}

/**
 * A key is answered for ever with the payment at its first outcome. So nothing may begin the payment anew, its stream is
 * the one that its id names, and this release can render what was promised.
 */
function outcomeAfter(before: FollowedStream, event: RecordedEvent, found: Divergence[]): FollowedStream {
  const { revision, stream } = event;
  if (!stream.startsWith(PAYMENT_PREFIX)) return { ...before, revision };
  const broken = (expected: string, what: string): void => {
    found.push(divergence('broken_outcome', stream, revision.toString(), expected, what));
  };
  if ((event.type === 'PaymentInitiated') !== (revision === 0n)) {
    broken('a payment that begins once, at revision 0', event.type);
    return { ...before, revision };
  }
  try {
    const payment = evolveBy(before.payment, event);
    if (payment !== null && payment.id !== idOf(stream)) broken(idOf(stream), payment.id);
    const reached = before.hasOutcome || (payment !== null && hasOutcome(payment));
    if (payment !== null && reached && !before.hasOutcome) representPayment(payment, revision);
    return { revision, payment, hasOutcome: reached };
  } catch (error) {
    broken(
      'a payment that can be folded and rendered',
      error instanceof Error ? error.message : String(error),
    );
    return { ...before, revision };
  }
}
