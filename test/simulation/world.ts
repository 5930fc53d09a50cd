import { createHash } from 'node:crypto';
import type { BookableEvent, PspName } from '@tender/domain';
import { book, EVENT_CATALOG } from '@tender/domain';
import { PAYMENT_PREFIX, REFUND_PREFIX, WEBHOOK_PREFIX } from '@tender/engine';
import { createCodec, MemoryStore, type Codec, type Position, type RecordedEvent } from '@tender/eventstore';
import { Auditor, BooksAuditor, type Note, type Violation } from '@tender/testing';
import { Faults, noFaults, type FaultCounts, type ScenarioName } from './faults';
import type { Patches } from './patches';
import { chargeToldIn, PostOffice } from './post-office';
import type { OurRequest } from './psp-wire';
import { ReadTarget } from './read-target';
import { Scheduler } from './scheduler';
import { SeededChance } from './seeded-chance';
import { SimLeases } from './sim-leases';
import type { DeathWish, Halting } from './sim-process';
import { SimulatedPsp } from './simulated-psp';
import { CONNECTION_LOST_AFTER_MS, standstillMs } from './standstill';

const WEEK_LONG_MS = 5 * 24 * 3_600_000;

export interface WorldOptions {
  readonly seed: number;
  readonly scenario: ScenarioName;
  readonly patches?: Patches;
  readonly counts?: FaultCounts;
  readonly deathWish?: DeathWish;
  readonly halting?: Halting;
  /** Whether a lease says who projects; else every worker does. */
  readonly leased?: boolean;
}

/** Everything that outlives a process: the store, the read store, the PSPs, time, and who watches them. */
export class World {
  readonly chance: SeededChance;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly patches: Patches;
  readonly store = new MemoryStore();
  readonly codec = decodingOnce(createCodec(EVENT_CATALOG));
  readonly saved = new Map<string, Position>();
  readonly auditor: Auditor;
  readonly books: BooksAuditor;
  readonly readTarget: ReadTarget;
  readonly psps: Readonly<Record<PspName, SimulatedPsp>>;
  readonly postOffice: PostOffice;
  readonly violations: Violation[] = [];
  readonly problems = new Map<string, number>();
  readonly deathWish: DeathWish;
  readonly halting: Halting | undefined;
  readonly leases: SimLeases | undefined;
  /** Until when something is known to happen by itself, ms since the epoch. */
  eventfulUntilMs = 0;
  /** Until when a process stands still, ms since the epoch. */
  stoppedUntilMs = 0;
  /** Whether a worker may stand still for longer than any PSP keeps a key, while another one works. */
  mayMissKeys = false;
  /** Who wants to know when a refund has failed whose money is owed still. */
  readonly onRefundFailed = new Map<string, () => void>();
  /** Who looks at a PSP's own pages at a bad moment. */
  onEndAtPsp: (request: OurRequest) => void = () => undefined;
  /** … and speaks of this one when the next one has begun. */
  onNextTry: (request: OurRequest) => void = () => undefined;
  private audited = 0;

  constructor({ seed, scenario, patches, counts, deathWish, halting, leased }: WorldOptions) {
    this.chance = new SeededChance(seed);
    this.scheduler = new Scheduler(this.chance.fork().random);
    this.faults = new Faults(scenario, this.chance.fork(), counts ?? noFaults());
    this.patches = patches ?? {};
    this.deathWish = deathWish ?? (() => false);
    this.halting = halting;
    this.leases = leased === true ? new SimLeases() : undefined;
    this.auditor = new Auditor({
      report: (violation) => this.violations.push(violation),
      nowMs: () => this.scheduler.now(),
      honestPsps: true,
      outlastsBuyers: true,
    });
    this.books = new BooksAuditor({
      book: this.patches.book ?? book,
      violated: (rule, paymentId, detail) => {
        this.auditor.violated(rule, paymentId, detail);
      },
    });
    this.readTarget = new ReadTarget(this.faults, this.auditor);
    const { scheduler } = this;
    this.postOffice = new PostOffice({ scheduler, faults: this.faults, chance: this.chance.fork() });
    const deps = {
      scheduler,
      faults: this.faults,
      auditor: this.auditor,
      send: this.postOffice.send.bind(this.postOffice),
      onEnd: (request: OurRequest) => {
        this.onEndAtPsp(request);
      },
      soon: (afterMs: number, run: () => void) => {
        this.eventfulUntilMs = Math.max(this.eventfulUntilMs, scheduler.now() + afterMs);
        scheduler.after(afterMs, run);
      },
    };
    this.psps = {
      stripe: new SimulatedPsp('stripe', { ...deps, chance: this.chance.fork() }),
      adyen: new SimulatedPsp('adyen', { ...deps, chance: this.chance.fork() }),
    };
    this.store.onAppended(() => {
      this.audit();
    });
  }

  /** How long a worker stands still now, ms. One at most does so for a week: what nobody sends for so long stays in doubt. */
  standstillMs(chance: SeededChance): number {
    const ms = standstillMs(chance);
    if (ms <= WEEK_LONG_MS) return ms;
    if (!this.mayMissKeys) return ms / 10;
    this.mayMissKeys = false;
    return ms;
  }

  /** A process stands still from now on: what is held on its connection goes to others after a while. */
  standsStill(forMs: number, log: { dropSubscriptions(reason: string): void }): void {
    this.stoppedUntilMs = Math.max(this.stoppedUntilMs, this.scheduler.now() + forMs);
    if (forMs < CONNECTION_LOST_AFTER_MS) return;
    this.scheduler.after(CONNECTION_LOST_AFTER_MS, () => {
      log.dropSubscriptions('nobody answers');
    });
  }

  problem(what: string, error: unknown): void {
    this.problems.set(what, (this.problems.get(what) ?? 0) + 1);
    if (what === 'reader_stopped') {
      this.violations.push({ rule: 'queues_drain', paymentId: 'reader', detail: String(error) });
    }
  }

  get events(): number {
    return this.store.size;
  }

  /** Names everything that happened and when: the same for the same seed. */
  historyHash(): string {
    const hash = createHash('sha256');
    for (let index = 0; index < this.store.size; index += 1) {
      const { id, stream, type, metadata } = this.store.at(index);
      hash.update(JSON.stringify([id, stream, type, metadata]));
    }
    hash.update(JSON.stringify([this.scheduler.steps, this.scheduler.now(), this.faults.counts]));
    return hash.digest('hex');
  }

  historyOf(paymentId: string): readonly string[] {
    return this.auditor.historyOf(paymentId).map(lineOf);
  }

  private tellOfNext(event: RecordedEvent): void {
    const before = requestBefore(event);
    if (before === undefined) return;
    const { correlationId: paymentId } = event.metadata;
    const { attemptId } = event.data as { readonly attemptId: string };
    const psp = this.auditor.stateOf(paymentId)?.attempts.find(({ id }) => id === attemptId)?.psp;
    if (psp !== undefined) this.onNextTry({ ...before, psp, paymentId });
  }

  private audit(): void {
    while (this.audited < this.store.size) {
      const event = this.codec.decode(this.store.at(this.audited));
      this.audited += 1;
      const { stream } = event;
      if (stream.startsWith(PAYMENT_PREFIX)) {
        this.auditor.recorded(stream.slice(PAYMENT_PREFIX.length), event);
        this.books.recorded(bookableOf(event));
        this.tellOfNext(event);
      } else if (stream.startsWith(REFUND_PREFIX)) {
        const refundId = stream.slice(REFUND_PREFIX.length);
        this.auditor.refunds.recorded(refundId, event);
        this.books.recorded(bookableOf(event));
        this.tellOfNext(event);
        if (event.type === 'RefundFailed' && event.data.reservation === 'kept') {
          this.onRefundFailed.get(refundId)?.();
        }
      } else if (stream.startsWith(WEBHOOK_PREFIX)) {
        const told = chargeToldIn(event);
        if (told !== undefined) this.auditor.charges.told(told.paymentId, told.pspReference);
      }
    }
  }
}

/** The request before the one that begins with this event. */
function requestBefore({ type, data }: RecordedEvent): Pick<OurRequest, 'kind' | 'operationId'> | undefined {
  if (type !== 'RefundAttemptStarted' && type !== 'ReversalStarted') return undefined;
  const { operationId } = data as { readonly operationId: string };
  const at = operationId.lastIndexOf('-') + 1;
  const number = Number(operationId.slice(at));
  const before = `${operationId.slice(0, at)}${number - 1}`;
  return number === 1
    ? undefined
    : { kind: type === 'ReversalStarted' ? 'operation' : 'refund', operationId: before };
}

/** Half a dozen readers see every event; nobody may change one, so they can share it. */
function decodingOnce(codec: Codec): Codec {
  const decoded = new Map<string, RecordedEvent>();
  return {
    encode: (event) => codec.encode(event),
    decode(stored) {
      const known = decoded.get(stored.id);
      if (known !== undefined) return known;
      const event = codec.decode(stored);
      decoded.set(stored.id, event);
      return event;
    },
  };
}

const bookableOf = ({ id, type, data, stream, revision, metadata }: RecordedEvent): BookableEvent => ({
  id,
  type,
  data,
  stream,
  revision,
  recordedAt: metadata.recordedAt,
});

const lineOf = ({ atMs, what, detail }: Note): string =>
  `${new Date(atMs).toISOString()}  ${what}  ${textOf(detail)}`;

const MAX_DETAIL_CHARACTERS = 240;

function textOf(detail: unknown): string {
  const text = JSON.stringify(detail, (_, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  return text.length > MAX_DETAIL_CHARACTERS ? `${text.slice(0, MAX_DETAIL_CHARACTERS)}…` : text;
}
