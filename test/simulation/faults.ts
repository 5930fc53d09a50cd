import type { AppendFault, DeliveryFault, MemoryFaults } from '@tender/eventstore';
import type { SeededChance } from './seeded-chance';

/** Everything that goes wrong on purpose, with the rate it gets at most: of the calls of its kind, or of a minute. */
const HIGHEST_RATE = {
  // the way to the PSP and back
  request_lost: 0.15,
  reply_lost: 0.15,
  reset_after_commit: 0.15,
  connection_refused: 0.2,
  rate_limited: 0.1,
  slow: 0.3,
  success_after_deadline: 0.2,
  few_permits: 0.3,
  // whoever sends stands still: before his last look at the clock, or behind it
  held_up_before_leaving: 0.04,
  held_up_in_leaving: 0.06,
  // the PSP itself
  server_error_stored: 0.1,
  server_error_not_executed: 0.1,
  // of the requests that come again under a key which the PSP has promised to keep
  key_forgotten: 0.1,
  list_lag: 0.4,
  lookup_unavailable: 0.3,
  capture_refused: 0.2,
  blackout: 0.1,
  refund_refused: 0.3,
  refund_pending: 0.5,
  refund_failed_late: 0.4,
  reversal_refused: 1,
  // what schemes and banks do to a charge afterwards
  capture_fell_back: 0.1,
  disputed: 0.1,
  unreturned_claimed: 1,
  // its notices
  webhook_dropped: 0.3,
  webhook_duplicated: 0.3,
  webhook_delayed: 0.3,
  webhook_before_reply: 0.3,
  webhook_stale: 0.2,
  // the event store
  append_lost: 0.1,
  append_reply_lost: 0.1,
  append_late: 0.1,
  read_failed: 0.1,
  subscription_dropped: 0.03,
  delivery_delayed: 0.2,
  acknowledgement_lost: 0.1,
  // the read store
  projection_write_failed: 0.1,
  projection_reply_lost: 0.1,
  checkpoint_not_saved: 0.2,
  checkpoint_gone_back: 0.3,
  // processes, a minute
  worker_crash: 8,
  worker_stopped: 1.5,
  api_crash: 6,
  store_restart: 2,
  message_timeout: 2,
  long_outage: 0.1,
  // whoever looks at a PSP's own pages and speaks: soon after the end there, twice, of what has ended here
  word_at_once: 0.6,
  word_twice: 0.5,
  word_of_the_past: 1,
  word_without_time: 0.5,
  // clients, and how long everything goes on
  rush: 0.3,
  month_passes: 0.1,
  client_gave_up: 0.3,
  duplicate_request: 0.4,
  other_body: 0.2,
  regret: 0.4,
  buyer_late: 0.4,
  buyer_twice: 0.5,
} as const;

/** What cards do is no fault, but it has to happen as well; what follows from other faults is counted, too. */
const COUNTED_ONLY = [
  'refund',
  'refund_over_asked',
  'refund_retried',
  'refund_abandoned',
  'reversal',
  'reversal_refused_for_good',
  'given_back_by_hand',
  'word_done',
  'word_not_done',
  'word_returned',
  'word_of_no_use',
  'captured_again',
  'dispute_inquiry',
  'dispute_withdrawn',
  'dispute_won',
  'dispute_won_after_all',
  'dispute_lost',
  'dispute_lost_without_sale',
  'second_chargeback',
  'dispute_after_refund',
  'decline',
  'pending',
  'action_required',
  'key_expired',
  'key_in_progress',
  'lookup_early',
  'authorization_expired',
  'cancel_not_found',
  'circuit_opened',
  'not_let_through',
  'not_left_in_time',
  'came_after_settling',
] as const;

export type FaultKind = keyof typeof HIGHEST_RATE;
export type CountedKind = FaultKind | (typeof COUNTED_ONLY)[number];

export const FAULT_KINDS = Object.keys(HIGHEST_RATE) as readonly FaultKind[];
export const COUNTED_KINDS: readonly CountedKind[] = [...FAULT_KINDS, ...COUNTED_ONLY];

const PSP_FAULTS: readonly FaultKind[] = FAULT_KINDS.slice(0, FAULT_KINDS.indexOf('append_lost'));
const STORE_FAULTS: readonly FaultKind[] = FAULT_KINDS.slice(
  FAULT_KINDS.indexOf('append_lost'),
  FAULT_KINDS.indexOf('worker_crash'),
);

/** Which faults a run may have. */
export const SCENARIOS = {
  everything: FAULT_KINDS,
  calm: [],
  psp: PSP_FAULTS,
  store: STORE_FAULTS,
  crashes: [
    ...(['worker_crash', 'worker_stopped', 'api_crash', 'store_restart', 'message_timeout'] as const),
    ...(['long_outage', 'slow', 'success_after_deadline', 'connection_refused', 'rate_limited'] as const),
  ],
  restored: ['checkpoint_gone_back', 'worker_crash'],
  clients: [
    'client_gave_up',
    'duplicate_request',
    'other_body',
    'regret',
    'buyer_late',
    'buyer_twice',
    'rush',
    'month_passes',
  ],
  /** Processes stand still, and sends are held up, while others search, prove and go on. */
  stalls: [
    ...(['held_up_before_leaving', 'held_up_in_leaving', 'worker_stopped', 'message_timeout'] as const),
    ...(['request_lost', 'reply_lost', 'regret', 'connection_refused'] as const),
  ],
  /** A PSP forgets keys before their time and charges twice for one attempt; that is told by notices, and by replies. */
  forgetful: [
    ...(['key_forgotten', 'reply_lost', 'reset_after_commit', 'success_after_deadline', 'slow'] as const),
    ...(['webhook_delayed', 'webhook_duplicated', 'webhook_before_reply', 'webhook_stale'] as const),
    ...(['capture_fell_back', 'regret', 'refund_pending', 'worker_crash', 'server_error_stored'] as const),
  ],
  unwanted: ['regret', 'success_after_deadline', 'slow', 'request_lost', 'reply_lost'],
  blackout: ['blackout', 'worker_crash', 'server_error_stored', 'list_lag'],
  refunds: [
    ...(['refund_refused', 'refund_pending', 'refund_failed_late', 'capture_fell_back', 'disputed'] as const),
    ...(['reply_lost', 'request_lost', 'server_error_stored', 'success_after_deadline', 'list_lag'] as const),
    ...(['webhook_duplicated', 'webhook_delayed', 'webhook_before_reply', 'webhook_stale'] as const),
    ...(['duplicate_request', 'other_body', 'worker_crash'] as const),
  ],
  /** Charges that nobody wants any more, and PSPs that do not give them back; people look, and speak at bad moments. */
  refused: [
    ...(['regret', 'success_after_deadline', 'slow', 'request_lost', 'reply_lost'] as const),
    ...(['reversal_refused', 'refund_refused', 'refund_pending', 'refund_failed_late'] as const),
    ...(['server_error_stored', 'capture_fell_back', 'disputed', 'worker_crash'] as const),
    ...(['webhook_duplicated', 'webhook_delayed', 'webhook_before_reply', 'webhook_stale'] as const),
    ...(['word_at_once', 'word_twice', 'word_of_the_past', 'word_without_time'] as const),
    ...(['duplicate_request'] as const),
  ],
  /** Charges that nobody wants any more, or that a forgotten key made, and banks that take them before they are given back. */
  claimed: [
    ...(['key_forgotten', 'regret', 'success_after_deadline', 'slow', 'reply_lost'] as const),
    ...(['reset_after_commit', 'disputed', 'unreturned_claimed', 'capture_fell_back'] as const),
    ...(['webhook_duplicated', 'webhook_delayed', 'webhook_before_reply', 'webhook_stale'] as const),
    ...(['word_at_once', 'worker_crash', 'server_error_stored', 'reversal_refused'] as const),
  ],
  /** What a PSP does is told by its notices alone: no reply ever comes, and no look-up is answered. */
  replies_lost: [
    ...(['webhook_duplicated', 'webhook_delayed', 'webhook_before_reply', 'webhook_dropped'] as const),
    ...(['webhook_stale', 'refund_pending', 'refund_failed_late', 'duplicate_request'] as const),
  ],
  /** No notice comes: Stripe's never, and Adyen's, which alone tell how some things end, when they are asked for again. */
  webhooks_lost: [
    ...(['request_lost', 'reply_lost', 'reset_after_commit', 'server_error_stored', 'slow'] as const),
    ...(['success_after_deadline', 'list_lag', 'refund_pending', 'refund_refused', 'worker_crash'] as const),
    ...(['duplicate_request'] as const),
  ],
} as const satisfies Record<string, readonly FaultKind[]>;

export type ScenarioName = keyof typeof SCENARIOS;

/** What a scenario is about happens in each of its runs. */
const CERTAIN: Readonly<Partial<Record<ScenarioName, FaultKind>>> = {
  refused: 'reversal_refused',
  claimed: 'reversal_refused',
  blackout: 'blackout',
  forgetful: 'key_forgotten',
  restored: 'checkpoint_gone_back',
};
/** Of the kinds, in a run where everything may happen. */
const KINDS_AT_A_TIME = 0.5;

export type FaultCounts = Record<CountedKind, number>;

export const noFaults = (): FaultCounts =>
  Object.fromEntries(COUNTED_KINDS.map((kind) => [kind, 0])) as FaultCounts;

/**
 * The faults of one run. A seed turns some kinds off altogether and draws a rate for each other one: with everything
 * at once at full rate, nothing would ever get far enough for the rarer faults to meet.
 */
export class Faults implements MemoryFaults {
  private readonly rates = new Map<FaultKind, number>();
  private readonly scripted = new Map<FaultKind, number>();
  private healed = false;

  constructor(
    readonly scenario: ScenarioName,
    private readonly chance: SeededChance,
    readonly counts: FaultCounts,
  ) {
    const share = scenario === 'everything' ? KINDS_AT_A_TIME : 1;
    for (const kind of SCENARIOS[scenario]) {
      if (chance.happens(share)) this.rates.set(kind, chance.random() * HIGHEST_RATE[kind]);
    }
    const certain = CERTAIN[scenario];
    if (certain !== undefined) this.next(certain);
  }

  /** From now on nothing goes wrong any more. */
  heal(): void {
    this.healed = true;
  }

  get isHealed(): boolean {
    return this.healed;
  }

  /** The next calls of this kind go wrong, whatever the rates say. */
  next(kind: FaultKind, times = 1): void {
    this.scripted.set(kind, times);
  }

  happens(kind: FaultKind): boolean {
    const left = this.scripted.get(kind) ?? 0;
    if (left > 0) {
      this.scripted.set(kind, left - 1);
      this.counts[kind] += 1;
      return true;
    }
    if (this.healed || !this.chance.happens(this.rates.get(kind) ?? 0)) return false;
    this.counts[kind] += 1;
    return true;
  }

  /** Of something that happens by the minute. */
  perMinute(kind: FaultKind): number {
    return this.healed ? 0 : (this.rates.get(kind) ?? 0);
  }

  count(kind: CountedKind): void {
    this.counts[kind] += 1;
  }

  firstOf<Kind extends FaultKind>(kinds: readonly Kind[]): Kind | undefined {
    return kinds.find((kind) => this.happens(kind));
  }

  append(): AppendFault | undefined {
    if (this.happens('append_lost')) return 'lost';
    if (this.happens('append_reply_lost')) return 'reply_lost';
    return this.happens('append_late') ? 'late' : undefined;
  }

  read(): 'failed' | undefined {
    return this.happens('read_failed') ? 'failed' : undefined;
  }

  deliver(): DeliveryFault | undefined {
    if (this.happens('subscription_dropped')) return 'dropped';
    return this.happens('delivery_delayed') ? 'delayed' : undefined;
  }

  acknowledge(): 'lost' | undefined {
    return this.happens('acknowledgement_lost') ? 'lost' : undefined;
  }
}
