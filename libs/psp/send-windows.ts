import type { PspGateway } from '@tender/domain';

/** Says how late it is, ms. Where it begins does not matter; only what has passed. */
export type Timepiece = () => number;

/**
 * Of the time that a request may take from its decision to its first byte, what is left for the SDK, and for opening a
 * connection, ms. Together with the wait for a permit and the telling of a re-send it stays well below the 90 s after
 * which look-ups may count as proof that nothing has left.
 */
export const LEAVES_WITHIN_MS = 15_000;

/**
 * A wall clock may be set back while a process stands still, and a monotonic one stops with its machine: so the one that
 * says it is late is believed.
 */
const BOTH: readonly Timepiece[] = [() => Date.now(), () => performance.now()];

/** One request, from its decision until it leaves or does not. */
export interface SendWindow {
  /** Asked for right before the first byte is written. */
  hasPassed(): boolean;
}

interface Open {
  untilMs: readonly number[];
  users: number;
}

/** A gateway that looks at its windows before it writes. */
export type WindowedGateway = PspGateway & { readonly sendWindows: SendWindows };

/**
 * Until when a request may leave, by its idempotency key. Whoever decides to send opens a window; the connection looks at
 * it in the last step before the write. What comes there later was held up on its way, in this process or with it, and
 * others may have gone on without it by now: so it does not leave at all, which is certain, and is said.
 *
 * By the key, because that is what an SDK carries from the one to the other.
 */
export class SendWindows {
  private readonly open = new Map<string, Open>();

  constructor(private readonly timepieces: readonly Timepiece[] = BOTH) {}

  /** The request with this key is decided on now; the returned function says that its call is over. */
  opened(key: string, withinMs: number): () => void {
    const untilMs = this.timepieces.map((timepiece) => timepiece() + withinMs);
    const window = this.open.get(key) ?? { untilMs, users: 0 };
    // the same request twice at a time: the later decision counts for both
    window.untilMs = untilMs;
    window.users += 1;
    this.open.set(key, window);
    return () => {
      window.users -= 1;
      if (window.users === 0) this.open.delete(key);
    };
  }

  /** Of the request with this key; where nobody has opened a window, one that opens now. */
  of(key: string): SendWindow {
    const window = this.open.get(key) ?? {
      untilMs: this.timepieces.map((timepiece) => timepiece() + LEAVES_WITHIN_MS),
    };
    return {
      hasPassed: () => this.timepieces.some((timepiece, at) => timepiece() > (window.untilMs[at] ?? 0)),
    };
  }
}
