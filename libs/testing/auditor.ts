import { isDeepStrictEqual } from 'node:util';
import type { Capture, Payment, PaymentEvent, PaymentState } from '@tender/domain';
import { evolvePayment, isCanceling, isOpen, isOpenOperation, overdrawnMinor } from '@tender/domain';
import { type Answer, AnswerAuditor } from './answer-auditor';
import type { PspTruth } from './books-auditor';
import { ChargeAuditor } from './charge-auditor';
import { RefundAuditor } from './refund-auditor';
import type { AuditedEvent, Invariant, Violation } from './invariants';
import { OperationAuditor } from './operation-auditor';
import { WordAuditor, type Violated } from './word-auditor';

/** A line of one payment's history, for people. */
export interface Note {
  readonly atMs: number;
  readonly what: string;
  readonly detail: unknown;
}

export interface AuditorOptions {
  readonly report: (violation: Violation) => void;
  readonly nowMs: () => number;
  /**
   * Whether the PSPs show every charge within their settling time. Then a charge for a failed payment is a fault of
   * ours at once; otherwise it may stand once it is recorded as a late success.
   */
  readonly honestPsps: boolean;
  /** Whether so much time passes before the end that every buyer who was asked to act has come back or is given up. */
  readonly outlastsBuyers: boolean;
}

interface Audited {
  state: PaymentState;
  revision: bigint;
  /** When the end of the payment was last requested. */
  unwantedSinceMs: number;
  documentRevision: bigint;
  document: Payment | null;
  readonly notes: Note[];
}

/** What may take money or hold it. */
const CHARGES = / (authorize|complete action|capture)$/;
/** A call that was decided before the wish was known may wait for its permit and its connection for so long, and leaves. */
const LEAVES_WITHIN_MS = 25_000;

/** A payment may rest with its merchant, and with nobody else. */
const WAITING: ReadonlySet<string> = new Set(['processing', 'outcome_unknown', 'requires_action']);

const ENDED: ReadonlySet<string> = new Set(['succeeded', 'failed', 'canceled']);

/** Whatever opens, decides or ends an attempt has no place behind the end of its payment. */
const NEVER_AFTER_THE_END: ReadonlySet<string> = new Set([
  'PaymentInitiated',
  'AttemptStarted',
  'AttemptActionRequired',
  'AttemptAuthorized',
  'AttemptDeclined',
  'AttemptNotSent',
  'AttemptOutcomeUnknown',
  'PaymentCaptured',
  'PaymentFailed',
  'PaymentCanceled',
  'CaptureStarted',
  'CancelRequested',
]);

/** Follows every payment beside the system and compares. Safety is checked with each call, the rest by `finish`. */
export class Auditor {
  private readonly payments = new Map<string, Audited>();

  readonly charges: ChargeAuditor;
  readonly refunds: RefundAuditor;
  readonly words: WordAuditor;
  private readonly operations: OperationAuditor;
  private readonly answers: AnswerAuditor;

  constructor(private readonly options: AuditorOptions) {
    const violated: Violated = (rule, paymentId, detail) => {
      this.violated(rule, paymentId, detail);
    };
    const note = (paymentId: string, what: string, detail: unknown): void => {
      this.note(paymentId, what, detail);
    };
    const stateOf = (paymentId: string): PaymentState => this.stateOf(paymentId);
    this.words = new WordAuditor(violated);
    this.operations = new OperationAuditor(violated);
    this.answers = new AnswerAuditor(violated);
    this.charges = new ChargeAuditor({
      ...{ violated, note, stateOf, honestPsps: options.honestPsps },
      lostMinorOf: (pspReference) => this.refunds.lostMinorOf(pspReference),
    });
    this.refunds = new RefundAuditor({
      ...{ words: this.words, violated, note, stateOf },
      isDiminished: (paymentId) =>
        this.charges.hasFallenBack(paymentId) || this.refunds.isDisputed(paymentId),
    });
  }

  get size(): number {
    return this.payments.size;
  }

  /** An event became durable. Every event of every stream must come here, in order. */
  recorded(paymentId: string, event: AuditedEvent): void {
    const audited = this.of(paymentId);
    this.note(paymentId, event.type, event.data);
    if (event.revision !== audited.revision + 1n) {
      this.violated('contiguous', paymentId, `revision ${event.revision} follows ${audited.revision}`);
    }
    const before = audited.state;
    if (before !== null && ENDED.has(before.status)) this.checkAfterEnd(before, event);
    audited.state = evolvePayment(before, event as PaymentEvent & AuditedEvent, event.metadata.recordedAt);
    audited.revision = event.revision;
    this.words.recorded(paymentId, event);
    if (event.type === 'CancelRequested') audited.unwantedSinceMs = this.options.nowMs();
    if (audited.state === null) return;
    this.checkState(audited.state);
    this.charges.changed(paymentId, audited.state);
    this.refunds.changed(before, audited.state, event.type);
  }

  /** A request leaves for a PSP. */
  called(paymentId: string, attemptId: string, what: string, detail: unknown): void {
    this.note(paymentId, what, detail);
    const { state, unwantedSinceMs } = this.of(paymentId);
    const unwanted = state !== null && isCanceling(state);
    if (unwanted && CHARGES.test(what) && this.options.nowMs() - unwantedSinceMs > LEAVES_WITHIN_MS) {
      this.violated('unwanted_not_charged', paymentId, `${what} after CancelRequested`);
    }
    const attempts = state?.attempts ?? [];
    if (!attempts.some(({ id }) => id === attemptId)) {
      this.violated('durable_before_call', paymentId, `${what} for ${attemptId}, which nobody has recorded`);
    }
    if (state !== null) this.operations.called(state, what, detail);
  }

  /** A caller got an answer that speaks of a payment. */
  answered(answer: Answer): void {
    const { paymentId, told } = answer;
    this.note(paymentId, 'answered', told);
    const { state, revision } = this.of(paymentId);
    this.answers.answered(answer, state, revision);
  }

  /** The read model holds this now. */
  documented(paymentId: string, payment: Payment | null, revision: bigint): void {
    const audited = this.of(paymentId);
    if (revision < audited.documentRevision || revision > audited.revision) {
      const detail = `${revision} after ${audited.documentRevision}, the stream is at ${audited.revision}`;
      this.violated('read_model_follows', paymentId, detail);
    }
    audited.documentRevision = revision;
    audited.document = payment;
    if (revision === audited.revision) this.checkDocument(paymentId, audited);
  }

  /** Whether the read model has caught up with every payment. */
  isFollowed(): boolean {
    for (const { revision, documentRevision } of this.payments.values()) {
      if (documentRevision !== revision) return false;
    }
    return true;
  }

  /** Faults have ended, and time enough has passed for every schedule. */
  finish(waiting: Readonly<Record<string, number>>): void {
    for (const [paymentId, audited] of this.payments) this.checkEnd(paymentId, audited);
    this.refunds.finish(this.states());
    for (const [queue, size] of Object.entries(waiting)) {
      if (size > 0) this.violated('queues_drain', queue, `${size} left`);
    }
  }

  note(paymentId: string, what: string, detail: unknown): void {
    this.of(paymentId).notes.push({ atMs: this.options.nowMs(), what, detail });
  }

  historyOf(paymentId: string): readonly Note[] {
    return this.payments.get(paymentId)?.notes ?? [];
  }

  stateOf(paymentId: string): PaymentState {
    return this.payments.get(paymentId)?.state ?? null;
  }

  /** What the PSPs say of their charges, refunds and disputes in one currency, as the books key it. */
  truth(currency: string): PspTruth {
    const held = new Set<string>();
    const isOther = (paymentId: string): boolean =>
      (this.stateOf(paymentId)?.currency ?? currency) !== currency;
    for (const { id, status, attempts } of this.states()) {
      if (status !== 'requires_capture' || isOther(id)) continue;
      for (const attempt of attempts) if (attempt.status === 'authorized') held.add(attempt.id);
    }
    return { currency, held, ...this.charges.truth(isOther), ...this.refunds.truth(isOther) };
  }

  /** More given back, promised or taken than is captured: each needs a person. */
  *overdrawn(): Iterable<{ readonly id: string; readonly overdrawn: bigint }> {
    for (const payment of this.states()) {
      const overdrawn = overdrawnMinor(payment);
      if (overdrawn > 0n) yield { id: payment.id, overdrawn };
    }
  }

  /** How many payments and refunds ended in which state. */
  endings(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    const count = (what: string): void => {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    };
    for (const { status } of this.states()) count(`payment ${status}`);
    for (const { status } of this.refunds.states()) count(`refund ${status}`);
    return counts;
  }

  *states(): Iterable<Payment> {
    for (const { state } of this.payments.values()) if (state !== null) yield state;
  }

  private checkAfterEnd(ended: Payment, { type, data }: AuditedEvent): void {
    if (!NEVER_AFTER_THE_END.has(type)) return;
    // what the scheme took back may be taken again
    if (type === 'PaymentCaptured' && ended.captures.some((one) => one.reversed && isOf(one, data))) return;
    this.violated('terminal_stays', ended.id, `${type} after ${ended.status}`);
  }

  private checkState({ amountMinor, authorizedMinor, capturedMinor, attempts, id }: Payment): void {
    if (capturedMinor > authorizedMinor || authorizedMinor > amountMinor) {
      const detail = `asked ${amountMinor}, authorised ${authorizedMinor}, captured ${capturedMinor}`;
      this.violated('captured_within_authorised', id, detail);
    }
    if (attempts.length > 1 && attempts.filter(isOpen).length > 1) {
      this.violated('one_open_attempt', id, attempts.map(({ status }) => status).join(', '));
    }
  }

  private checkEnd(paymentId: string, audited: Audited): void {
    const { state } = audited;
    this.charges.finish(paymentId);
    if (state === null) return;
    this.operations.finish(state);
    const underWay = state.operations.find(isOpenOperation);
    if (underWay !== undefined)
      this.violated('nothing_left_open', paymentId, `${underWay.kind} ${underWay.status}`);
    const open = state.attempts.find(({ status }) => status === 'started' || status === 'outcome_unknown');
    const awaited = state.status === 'requires_action' && !this.options.outlastsBuyers;
    if (open !== undefined || (WAITING.has(state.status) && !awaited)) {
      this.violated('nothing_left_open', paymentId, `${state.status}, attempt ${open?.status ?? 'ended'}`);
    }
    if (audited.documentRevision !== audited.revision) {
      const detail = `document at ${audited.documentRevision}, stream at ${audited.revision}`;
      this.violated('read_model_follows', paymentId, detail);
    }
  }

  private checkDocument(paymentId: string, { state, document }: Audited): void {
    if (!isDeepStrictEqual(state, document)) {
      this.violated('read_model_follows', paymentId, 'another payment than the fold of its stream');
    }
  }

  violated(rule: Invariant, paymentId: string, detail: string): void {
    this.note(paymentId, `VIOLATION ${rule}`, detail);
    this.options.report({ rule, paymentId, detail });
  }

  private of(paymentId: string): Audited {
    const present = this.payments.get(paymentId);
    if (present !== undefined) return present;
    const created: Audited = {
      state: null,
      revision: -1n,
      unwantedSinceMs: 0,
      documentRevision: -1n,
      document: null,
      notes: [],
    };
    this.payments.set(paymentId, created);
    return created;
  }
}

const isOf = ({ attemptId, operationId }: Capture, data: object): boolean =>
  'attemptId' in data &&
  data.attemptId === attemptId &&
  'operationId' in data &&
  data.operationId === operationId;
