import type {
  NoticeSubject,
  NotSentReason,
  PspName,
  PspNews,
  RefundNews,
  UnknownReason,
} from '@tender/domain';
import type { SendWindow } from '@tender/psp/resilience';
import type { Auditor } from '@tender/testing';
import type { Faults } from './faults';
import type { Scheduler } from './scheduler';
import type { SeededChance } from './seeded-chance';
import { SILENT_CONNECTION_LASTS_MS, standstillMs } from './standstill';

const SECOND_MS = 1_000;
/** What a gateway waits for a reply. */
const CALL_DEADLINE_MS = 10 * SECOND_MS;
/** From a request on its way to its effect: less than SETTLES_AFTER_MS, which makes these PSPs honest. */
const LATE_BY_AT_MOST_MS = 50 * SECOND_MS;
/** How long after a request the PSP may still show nothing of it. */
export const SETTLES_AFTER_MS = 90 * SECOND_MS;
/** Of the requests that end in a stored error, those that were executed before it. */
const EXECUTED_BEFORE_STORED_ERROR = 0.6;

const ARRIVES_IN_THE_DARK = 0.5;
/** Of the time for which a request is held up, that in which no other one gets to the PSP. */
const ALONE_FOR = 0.6;

/** The two answers that any kind of call may end with, besides its own. */
export type LostAnswer =
  | { readonly kind: 'not_sent'; readonly why: NotSentReason; readonly detail: string }
  | {
      readonly kind: 'unknown';
      readonly why: UnknownReason;
      readonly detail: string;
      readonly pspReference: null;
      readonly keyBurnt: boolean;
    };

export interface KeyedCall<Answer> {
  readonly what: string;
  readonly key: string;
  readonly paymentId: string;
  readonly attemptId: string;
  /** Does it, and says what the PSP answers to this key from now on. */
  readonly execute: () => Answer;
  /** What the sending process asks before it writes the first byte. */
  readonly window: SendWindow;
}

interface StoredKey {
  readonly atMs: number;
  /** Undefined while the request is worked on. */
  answer: unknown;
}

export interface WireDeps {
  readonly scheduler: Scheduler;
  readonly chance: SeededChance;
  readonly faults: Faults;
  readonly auditor: Auditor;
}

/** A request of ours that a PSP keeps under our key. */
export interface OurRequest {
  readonly kind: 'operation' | 'refund';
  readonly psp: PspName;
  readonly paymentId: string;
  readonly operationId: string;
}

export interface SimulatedPspDeps extends WireDeps {
  /** It has come to its end at the PSP, and whoever looks sees it. */
  readonly onEnd: (request: OurRequest) => void;
  /** What the PSP tells its merchant by itself. */
  readonly send: (psp: PspName, subject: NoticeSubject, news: PspNews | RefundNews) => void;
  /** Whatever happens by itself and is told: a world does not end before it. */
  readonly soon: (afterMs: number, run: () => void) => void;
}

/** What a PSP promises about its keys. */
export interface KeyPromises {
  readonly keysKeptMs: number;
  /** Whether a server's error is the answer to the key for ever: then the key can never tell what was done. */
  readonly storesErrors: boolean;
}

/**
 * The way to a PSP and back, and the keys by which it recognises a request: executed once while the key is kept, and
 * answered alike each time, unless that of a charge is forgotten early. Everything else is as unreliable as the run says.
 */
export class PspWire {
  private readonly keys = new Map<string, StoredKey>();
  private readonly forgotten = new Set<string>();
  /** The key of each attempt's own charge. */
  private readonly chargeKeys = new Map<string, string>();
  private darkUntilMs = 0;
  private holding: { what: string; ms: number; sinceMs: number | undefined } | undefined;
  private arrivesInTheDark = ARRIVES_IN_THE_DARK;

  constructor(
    private readonly psp: PspName,
    private readonly promises: KeyPromises,
    private readonly deps: WireDeps,
  ) {}

  /** For so long nothing comes back from this PSP, though some of what is sent arrives. */
  blackOut(ms: number, arrives = ARRIVES_IN_THE_DARK): void {
    this.arrivesInTheDark = arrives;
    this.darkUntilMs = this.deps.scheduler.now() + ms;
  }

  /** The first request of this kind comes after so long, and for the most part of that no other one does. */
  holdUp(what: string, ms: number): void {
    this.holding = { what, ms, sinceMs: undefined };
  }

  isDark(): boolean {
    return this.deps.scheduler.now() < this.darkUntilMs;
  }

  /** Whether anything that it answers comes back. */
  isHeard(): boolean {
    return !this.isDark() && this.deps.faults.scenario !== 'replies_lost';
  }

  /** How long it stays so, ms. */
  get darkForMs(): number {
    return Math.max(0, this.darkUntilMs - this.deps.scheduler.now());
  }

  call<Answer>(call: KeyedCall<Answer>): Promise<Answer | LostAnswer> {
    const { auditor, faults, scheduler, chance } = this.deps;
    if (call.window.hasPassed()) {
      faults.count('not_left_in_time');
      auditor.note(call.paymentId, `${this.psp} is not sent any more`, call.key);
      return Promise.resolve({ kind: 'not_sent', why: 'expired', detail: 'held up' });
    }
    auditor.called(call.paymentId, call.attemptId, `${this.psp} ${call.what}`, call.key);
    return new Promise((resolve) => {
      let isOver = false;
      const hear = (answer: Answer | LostAnswer): void => {
        if (isOver) return;
        isOver = true;
        cancelDeadline();
        auditor.note(call.paymentId, `${this.psp} answers ${call.what}`, answer);
        resolve(answer);
      };
      const cancelDeadline = scheduler.after(CALL_DEADLINE_MS, () => {
        hear(unknown('timeout'));
      });
      if (faults.happens('connection_refused')) {
        scheduler.deliver(() => {
          hear({ kind: 'not_sent', why: 'connection_refused', detail: 'ECONNREFUSED' });
        });
        return;
      }
      if (faults.happens('request_lost') || (this.isDark() && !chance.happens(this.arrivesInTheDark))) return;
      const heldUpMs = this.heldUpMs(call.what);
      if (heldUpMs === undefined) return;
      scheduler.after(heldUpMs, () => {
        scheduler.deliver(() => {
          if (heldUpMs > SETTLES_AFTER_MS - LATE_BY_AT_MOST_MS) {
            faults.count('came_after_settling');
            auditor.charges.heldUp(call.paymentId, call.attemptId);
          }
          this.arrived(call, hear);
        });
      });
    });
  }

  /** Between the sender's last check and this PSP; undefined: it never arrives. */
  private heldUpMs(what: string): number | undefined {
    const { chance, faults, scheduler } = this.deps;
    const { holding } = this;
    if (holding?.what === what && holding.sinceMs === undefined) {
      holding.sinceMs = scheduler.now();
      return holding.ms;
    }
    const isAlone =
      holding?.sinceMs !== undefined && scheduler.now() < holding.sinceMs + holding.ms * ALONE_FOR;
    if (isAlone) return undefined;
    const ms = faults.happens('held_up_in_leaving') ? standstillMs(chance) : 0;
    return ms > SILENT_CONNECTION_LASTS_MS ? undefined : ms;
  }

  private arrived<Answer>(call: KeyedCall<Answer>, hear: (answer: Answer | LostAnswer) => void): void {
    const { chance, faults, scheduler } = this.deps;
    const fault = faults.firstOf([
      'rate_limited',
      'server_error_not_executed',
      'reply_lost',
      'reset_after_commit',
    ]);
    const reply = (answer: Answer | LostAnswer): void => {
      if (fault === 'reply_lost' || !this.isHeard()) return;
      scheduler.deliver(() => {
        hear(fault === 'reset_after_commit' ? unknown('connection_lost') : answer);
      });
    };
    if (fault === 'rate_limited') {
      reply({ kind: 'not_sent', why: 'rate_limited', detail: 'HTTP 429' });
      return;
    }
    const stored = this.storedUnder(call.key);
    if (stored !== undefined && !this.forgets(call, stored)) {
      if (stored.answer === undefined) faults.count('key_in_progress');
      reply(
        stored.answer === undefined ? unknown('key_in_progress') : (stored.answer as Answer | LostAnswer),
      );
      return;
    }
    if (fault === 'server_error_not_executed') {
      reply(unknown('server_error'));
      return;
    }
    const key: StoredKey = { atMs: scheduler.now(), answer: undefined };
    this.keys.set(call.key, key);
    if (call.what === 'authorize') this.chargeKeys.set(call.attemptId, call.key);
    const slowness = faults.firstOf(['success_after_deadline', 'slow']);
    const late = CALL_DEADLINE_MS + chance.random() * (LATE_BY_AT_MOST_MS - CALL_DEADLINE_MS);
    const takesMs =
      slowness === 'success_after_deadline' ? late : slowness === 'slow' ? chance.between(1_000, 9_000) : 0;
    scheduler.after(takesMs, () => {
      reply(this.executed(call, key));
    });
  }

  private executed<Answer>(call: KeyedCall<Answer>, key: StoredKey): Answer | LostAnswer {
    const { faults, chance } = this.deps;
    if (!faults.happens('server_error_stored')) {
      const answer = call.execute();
      key.answer = answer;
      return answer;
    }
    const answer = chance.happens(EXECUTED_BEFORE_STORED_ERROR) ? call.execute() : undefined;
    if (this.promises.storesErrors) key.answer = unknown('server_error', true);
    else if (answer !== undefined) key.answer = answer;
    else this.keys.delete(call.key);
    return unknown('server_error');
  }

  /** As after a fail-over to where the keys of a PSP's other region are not known: what had an answer is done again. */
  private forgets(
    call: Pick<KeyedCall<unknown>, 'what' | 'key' | 'paymentId' | 'attemptId'>,
    { answer }: StoredKey,
  ) {
    if (call.what !== 'authorize' || answer === undefined) return false;
    if (!this.deps.faults.happens('key_forgotten')) return false;
    this.deps.auditor.charges.chargedTwice(call.paymentId, call.attemptId);
    return true;
  }

  /** Somebody still searches for this charge: whether its key is kept tells what a re-send would do now. */
  searchedFor(attemptId: string): void {
    const key = this.chargeKeys.get(attemptId);
    if (key !== undefined) this.storedUnder(key);
  }

  /** A key that the PSP has forgotten is a new one: the same request again is executed again. */
  private storedUnder(key: string): StoredKey | undefined {
    const stored = this.keys.get(key);
    if (stored === undefined || this.deps.scheduler.now() - stored.atMs < this.promises.keysKeptMs)
      return stored;
    if (!this.forgotten.has(key)) this.deps.faults.count('key_expired');
    this.forgotten.add(key);
    this.keys.delete(key);
    return undefined;
  }
}

const unknown = (why: UnknownReason, keyBurnt = false): LostAnswer => ({
  kind: 'unknown',
  why,
  detail: '',
  pspReference: null,
  keyBurnt,
});
