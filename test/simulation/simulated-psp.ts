import type {
  AuthorizeOutcome,
  AuthorizeRequest,
  Decline,
  LookupOutcome,
  LookupRequest,
  PspGateway,
  PspName,
} from '@tender/domain';
import { timestampOf } from '@tender/engine';
import type { Auditor } from '@tender/testing';
import type { Faults } from './faults';
import type { Scheduler } from './scheduler';
import type { SeededChance } from './seeded-chance';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** Stripe docs, "Idempotent requests": keys can be removed once they are at least 24 hours old. */
const KEY_KEPT_MS = 24 * HOUR_MS;
/** What a gateway waits for a reply. */
const CALL_DEADLINE_MS = 10 * SECOND_MS;
/** From a request on its way to its charge in the list: less than SETTLES_AFTER_MS, which makes this PSP honest. */
const LATE_BY_AT_MOST_MS = 50 * SECOND_MS;
const LIST_LAG_AT_MOST_MS = 20 * SECOND_MS;
const SETTLES_AFTER_MS = 90 * SECOND_MS;

/** What a card does; the rest of its token names it. */
export type CardConduct = 'ok' | 'soft' | 'hard' | 'pendingok' | 'pendingno' | 'action';

export const tokenOf = (psp: PspName, conduct: CardConduct): string =>
  psp === 'stripe' ? `pm_${conduct}` : `adyen_${conduct}`;

const conductOf = (token: string): CardConduct => token.slice(token.indexOf('_') + 1) as CardConduct;

interface Intent {
  readonly reference: string;
  readonly request: AuthorizeRequest;
  readonly visibleAtMs: number;
  readonly occurredAt: string;
  status: 'succeeded' | 'declined' | 'processing' | 'requires_action';
}

interface StoredKey {
  readonly atMs: number;
  /** Undefined while the request is worked on. */
  answer: (() => AuthorizeOutcome) | undefined;
}

/**
 * A PSP that keeps its documented promises (a key is executed once while it is kept; the list shows everything after a
 * while) and is otherwise as unreliable as the run says. What it holds is the truth that the auditor compares with.
 */
export class SimulatedPsp {
  private readonly keys = new Map<string, StoredKey>();
  private readonly intents = new Map<string, Intent[]>();
  private readonly expiredAttempts = new Set<string>();
  private darkUntilMs = 0;
  private references = 0;

  constructor(
    private readonly psp: PspName,
    private readonly deps: {
      readonly scheduler: Scheduler;
      readonly chance: SeededChance;
      readonly faults: Faults;
      readonly auditor: Auditor;
    },
  ) {}

  /** For so long nothing comes back from this PSP, though some of it arrives. */
  blackOut(ms: number): void {
    this.darkUntilMs = this.deps.scheduler.now() + ms;
  }

  gateway(): PspGateway {
    return {
      psp: this.psp,
      requestVersion: 1,
      canLookUp: true,
      keySafeForMs: 23 * HOUR_MS,
      lookupSettlesAfterMs: SETTLES_AFTER_MS,
      authorize: (request) => this.authorize(request),
      lookup: (request) => this.lookup(request),
    };
  }

  private authorize(request: AuthorizeRequest): Promise<AuthorizeOutcome> {
    const { auditor, faults, scheduler } = this.deps;
    auditor.called(request.paymentId, request.attemptId, `${this.psp} authorize`, request.idempotencyKey);
    return new Promise((resolve) => {
      const hear = (outcome: AuthorizeOutcome): void => {
        cancelDeadline();
        auditor.note(request.paymentId, `${this.psp} answers`, outcome);
        resolve(outcome);
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
      if (faults.happens('request_lost') || (this.isDark() && this.deps.chance.happens(0.5))) return;
      scheduler.deliver(() => {
        this.arrived(request, hear);
      });
    });
  }

  private arrived(request: AuthorizeRequest, hear: (outcome: AuthorizeOutcome) => void): void {
    const { chance, faults, scheduler } = this.deps;
    const fault = faults.firstOf([
      'rate_limited',
      'server_error_not_executed',
      'reply_lost',
      'reset_after_commit',
    ]);
    const reply = (answer: () => AuthorizeOutcome): void => {
      if (fault === 'reply_lost' || this.isDark()) return;
      scheduler.deliver(() => {
        hear(fault === 'reset_after_commit' ? unknown('connection_lost') : answer());
      });
    };
    if (fault === 'rate_limited') {
      reply(() => ({ kind: 'not_sent', why: 'rate_limited', detail: 'HTTP 429' }));
      return;
    }
    const stored = this.storedUnder(request);
    if (stored !== undefined) {
      if (stored.answer === undefined) faults.count('key_in_progress');
      reply(stored.answer ?? (() => unknown('key_in_progress')));
      return;
    }
    if (fault === 'server_error_not_executed') {
      reply(() => unknown('server_error'));
      return;
    }
    const key: StoredKey = { atMs: scheduler.now(), answer: undefined };
    this.keys.set(request.idempotencyKey, key);
    const slowness = faults.firstOf(['success_after_deadline', 'slow']);
    const late = CALL_DEADLINE_MS + chance.random() * (LATE_BY_AT_MOST_MS - CALL_DEADLINE_MS);
    const takesMs =
      slowness === 'success_after_deadline' ? late : slowness === 'slow' ? chance.between(1_000, 9_000) : 0;
    scheduler.after(takesMs, () => {
      reply(this.executed(request, key));
    });
  }

  /** A key that the PSP has forgotten is a new one: the same request again is another charge. */
  private storedUnder({ idempotencyKey, attemptId }: AuthorizeRequest): StoredKey | undefined {
    const stored = this.keys.get(idempotencyKey);
    if (stored === undefined || !this.isForgotten(attemptId, stored)) return stored;
    this.keys.delete(idempotencyKey);
    return undefined;
  }

  private isForgotten(attemptId: string, { atMs }: StoredKey): boolean {
    if (this.deps.scheduler.now() - atMs < KEY_KEPT_MS) return false;
    if (!this.expiredAttempts.has(attemptId)) this.deps.faults.count('key_expired');
    this.expiredAttempts.add(attemptId);
    return true;
  }

  private executed(request: AuthorizeRequest, key: StoredKey): () => AuthorizeOutcome {
    const { faults, chance } = this.deps;
    if (!faults.happens('server_error_stored')) {
      const intent = this.execute(request);
      return (key.answer = () => this.outcomeOf(intent));
    }
    if (chance.happens(0.6)) this.execute(request);
    key.answer = () => unknown('server_error', true);
    return () => unknown('server_error');
  }

  private execute(request: AuthorizeRequest): Intent {
    const { chance, faults, scheduler } = this.deps;
    const lagMs = faults.happens('list_lag') ? chance.random() * LIST_LAG_AT_MOST_MS : 0;
    const intent: Intent = {
      reference: `${this.psp}_${(this.references += 1)}`,
      request,
      visibleAtMs: scheduler.now() + lagMs,
      occurredAt: timestampOf(scheduler.now()),
      status: 'processing',
    };
    this.intents.set(request.attemptId, [...(this.intents.get(request.attemptId) ?? []), intent]);
    this.conclude(intent, conductOf(request.token));
    return intent;
  }

  private conclude(intent: Intent, conduct: CardConduct): void {
    const { auditor, chance, faults, scheduler } = this.deps;
    const { request, reference } = intent;
    switch (conduct) {
      case 'ok': {
        const { paymentId, attemptId, amountMinor, captureMethod } = request;
        const captured = captureMethod === 'automatic';
        intent.status = 'succeeded';
        auditor.charged({
          psp: this.psp,
          paymentId,
          attemptId,
          pspReference: reference,
          amountMinor,
          captured,
        });
        return;
      }
      case 'soft':
      case 'hard':
        faults.count('decline');
        intent.status = 'declined';
        return;
      case 'action':
        faults.count('action_required');
        intent.status = 'requires_action';
        return;
      case 'pendingok':
      case 'pendingno':
        faults.count('pending');
        scheduler.after(chance.random() * (chance.happens(0.1) ? 5 * HOUR_MS : 60 * SECOND_MS), () => {
          this.conclude(intent, conduct === 'pendingok' ? 'ok' : 'soft');
        });
    }
  }

  private outcomeOf({ status, request, reference, occurredAt }: Intent): AuthorizeOutcome {
    switch (status) {
      case 'succeeded': {
        const captured = request.captureMethod === 'automatic';
        const { amountMinor } = request;
        return { kind: 'approved', pspReference: reference, amountMinor, captured, card: null, occurredAt };
      }
      case 'declined': {
        const decline = DECLINES[conductOf(request.token) === 'hard' ? 'hard' : 'soft'];
        return { kind: 'declined', pspReference: reference, decline, occurredAt };
      }
      case 'processing':
        return { kind: 'pending', pspReference: reference };
      case 'requires_action':
        return {
          kind: 'action_required',
          pspReference: reference,
          action: { type: 'redirect', url: 'https://psp.example/challenge' },
        };
    }
  }

  private lookup(request: LookupRequest): Promise<LookupOutcome> {
    const { faults, scheduler } = this.deps;
    const stored = this.keys.get(`${request.attemptId}-authorize-1`);
    if (stored !== undefined) this.isForgotten(request.attemptId, stored);
    return new Promise((resolve) => {
      scheduler.deliver(() => {
        const unavailable = this.isDark() || faults.happens('lookup_unavailable');
        const answer: LookupOutcome = unavailable
          ? { kind: 'unavailable', detail: 'HTTP 503' }
          : this.found(request);
        scheduler.deliver(() => {
          resolve(answer);
        });
      });
    });
  }

  private found({ attemptId, pspReference }: LookupRequest): LookupOutcome {
    const { faults, scheduler } = this.deps;
    const all = this.intents.get(attemptId) ?? [];
    // the list lags; an object that is asked for by its id is there at once
    const visible = all.filter(
      ({ reference, visibleAtMs }) => reference === pspReference || visibleAtMs <= scheduler.now(),
    );
    if (visible.length < all.length) faults.count('lookup_early');
    const intent = visible.find(({ status }) => status === 'succeeded') ?? visible[0];
    return intent === undefined ? { kind: 'not_found' } : { kind: 'found', outcome: this.outcomeOf(intent) };
  }

  private isDark(): boolean {
    return this.deps.scheduler.now() < this.darkUntilMs;
  }
}

type Unknown = Extract<AuthorizeOutcome, { kind: 'unknown' }>;

const unknown = (why: Unknown['why'], keyBurnt = false): Unknown => ({
  kind: 'unknown',
  why,
  detail: '',
  pspReference: null,
  keyBurnt,
});

const DECLINES: Readonly<Record<'soft' | 'hard', Decline>> = {
  soft: {
    code: 'insufficient_funds',
    category: 'soft_decline',
    message: 'The card has insufficient funds.',
    pspCode: 'insufficient_funds',
  },
  hard: {
    code: 'stolen_card',
    category: 'hard_decline',
    message: 'The card was reported stolen.',
    pspCode: 'stolen_card',
  },
};
