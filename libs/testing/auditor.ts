import { isDeepStrictEqual } from 'node:util';
import type { Capture, Payment, PaymentEvent, PaymentState, PspName } from '@tender/domain';
import { evolvePayment, isCanceling, isOpen, isOpenOperation, overdrawnMinor } from '@tender/domain';
import type { PspTruth } from './books-auditor';
import { RefundAuditor } from './refund-auditor';
import type { AuditedEvent, Invariant, Violation } from './invariants';
import { OperationAuditor } from './operation-auditor';
import { WordAuditor, type Violated } from './word-auditor';

/** The PSP's own truth about money that it holds or took for us. */
export interface Charge {
  readonly psp: PspName;
  readonly paymentId: string;
  readonly attemptId: string;
  readonly pspReference: string;
  readonly amountMinor: bigint;
  readonly captured: boolean;
}

/** What a caller was told under a key. */
export interface Answer {
  readonly keyName: string;
  readonly paymentId: string;
  /** Of the body that this caller sent. */
  readonly fingerprint: string;
  /** What the key names within the payment; null: the payment itself. */
  readonly requestId: string | null;
  readonly told:
    | {
        readonly kind: 'payment';
        /** For the history: as an object of ours, or as it came over the wire. */
        readonly payment: object;
        readonly revision: bigint;
        /** The bytes of a final answer; undefined while the caller was told to ask again. */
        readonly settled: string | undefined;
      }
    | { readonly kind: 'key_reused' };
}

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
  readonly charges: Charge[];
  /** What was captured later than authorised, by the PSP's reference. */
  readonly taken: Map<string, bigint>;
  /** What the scheme has taken back, by the PSP's reference. */
  readonly fallen: Map<string, bigint>;
  readonly givenBack: Set<string>;
  /** Attempts for which a PSP has charged again under a key that it had promised to keep. */
  readonly chargedTwice: Set<string>;
  /** Charges that a PSP has told us of, whatever became of that. */
  readonly told: Set<string>;
  /** Attempts that a held-up request has come for. */
  readonly heldUp: Set<string>;
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
  private readonly keys = new Map<string, { paymentId: string; settled: string | undefined }>();

  readonly refunds: RefundAuditor;
  readonly words: WordAuditor;
  private readonly operations: OperationAuditor;

  constructor(private readonly options: AuditorOptions) {
    const violated: Violated = (rule, paymentId, detail) => {
      this.violated(rule, paymentId, detail);
    };
    this.words = new WordAuditor(violated);
    this.operations = new OperationAuditor(violated);
    this.refunds = new RefundAuditor({
      words: this.words,
      violated: (rule, paymentId, detail) => {
        this.violated(rule, paymentId, detail);
      },
      note: (paymentId, what, detail) => {
        this.note(paymentId, what, detail);
      },
      stateOf: (paymentId) => this.stateOf(paymentId),
      isDiminished: (paymentId) => this.of(paymentId).fallen.size > 0 || this.refunds.isDisputed(paymentId),
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
    this.checkState(audited, audited.state);
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

  /**
   * A request of this attempt came to its PSP later than others had to wait for it, held up behind the last check of whoever
   * sent it: its charge may come after the end, or beside another one, and is told and given back until everything has ended.
   */
  heldUp(paymentId: string, attemptId: string): void {
    this.note(paymentId, 'a request that was held up arrives', attemptId);
    this.of(paymentId).heldUp.add(attemptId);
  }

  /**
   * A PSP has forgotten the key of this attempt's charge before its time, and charges again: what it tells us of has to be
   * given back until everything has ended. What it never tells of, only its settlement report will.
   */
  chargedTwice(paymentId: string, attemptId: string): void {
    this.note(paymentId, 'the key is forgotten', attemptId);
    this.of(paymentId).chargedTwice.add(attemptId);
  }

  /** A PSP's word that it holds this charge has come and is durable. */
  told(paymentId: string, pspReference: string): void {
    this.of(paymentId).told.add(pspReference);
  }

  /** A PSP took or holds money. */
  charged(charge: Charge): void {
    const { paymentId, pspReference } = charge;
    const audited = this.of(paymentId);
    this.note(paymentId, 'charged at the PSP', charge);
    audited.charges.push(charge);
    const mayCharge = mayChargeBeside(audited);
    if (!mayCharge) this.checkOneCharge(paymentId, audited);
    if (this.options.honestPsps && isRefused(audited.state) && !mayCharge) {
      this.violated('failed_is_uncharged', paymentId, `${pspReference} came after the end`);
    }
  }

  private checkOneCharge(paymentId: string, audited: Audited): void {
    const held = knowablyHeldBy(audited);
    if (held.length <= 1) return;
    const charges = held.map((each) => `${each.psp} ${each.pspReference}`);
    this.violated('one_charge', paymentId, charges.join(', '));
  }

  /** A PSP took what it had held. */
  captured(paymentId: string, pspReference: string, amountMinor: bigint): void {
    this.note(paymentId, 'captured at the PSP', { pspReference, amountMinor });
    const { charges, taken } = this.of(paymentId);
    const charge = charges.find((one) => one.pspReference === pspReference);
    if (taken.has(pspReference) || charge?.captured === true) {
      this.violated('captured_once', paymentId, `${pspReference} was captured before`);
    }
    if (charge === undefined || amountMinor > charge.amountMinor) {
      const detail = `${amountMinor} captured of ${charge?.amountMinor ?? 'nothing'}`;
      this.violated('captured_within_authorised', paymentId, detail);
    }
    taken.set(pspReference, amountMinor);
  }

  /** The scheme took back what a PSP had taken; below zero: the PSP has it again. */
  fellBack(paymentId: string, pspReference: string, amountMinor: bigint): void {
    this.note(paymentId, 'taken back by the scheme', { pspReference, amountMinor });
    const { fallen } = this.of(paymentId);
    fallen.set(pspReference, (fallen.get(pspReference) ?? 0n) + amountMinor);
  }

  /** A PSP voided or refunded a charge in full. */
  givenBack(paymentId: string, pspReference: string): void {
    this.note(paymentId, 'given back by the PSP', pspReference);
    this.of(paymentId).givenBack.add(pspReference);
  }

  /** A caller got an answer that speaks of a payment. */
  answered({ keyName, paymentId, fingerprint, requestId, told }: Answer): void {
    this.note(paymentId, 'answered', told);
    const { state, revision } = this.of(paymentId);
    const known = this.keys.get(keyName) ?? { paymentId, settled: undefined };
    this.keys.set(keyName, known);
    if (known.paymentId !== paymentId) {
      this.violated('same_key_same_payment', paymentId, `${keyName} named ${known.paymentId} before`);
    }
    const recorded = recordedFingerprint(state, requestId);
    const sameBody = recorded === undefined || recorded === fingerprint;
    if (sameBody === (told.kind === 'key_reused')) {
      this.violated(
        'key_of_another_body',
        paymentId,
        sameBody ? 'refused its own body' : 'took another body',
      );
    }
    if (told.kind === 'key_reused') return;
    if (told.revision > revision || state === null) {
      const detail = `told of revision ${told.revision}, recorded is ${revision}`;
      this.violated('acknowledged_survives', paymentId, detail);
    }
    if (told.settled === undefined) return;
    if (known.settled !== undefined && known.settled !== told.settled) {
      this.violated('same_key_same_outcome', paymentId, `${known.settled} became ${told.settled}`);
    }
    known.settled = told.settled;
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

  chargesOf(paymentId: string): readonly Charge[] {
    const audited = this.payments.get(paymentId);
    return audited === undefined ? [] : heldBy(audited);
  }

  /** What the PSPs say of their charges, refunds and disputes in one currency, as the books key it. */
  truth(currency: string): PspTruth {
    const taken = new Map<string, bigint>();
    const unreturned = new Map<string, bigint>();
    const held = new Set<string>();
    const isOther = (paymentId: string): boolean =>
      (this.stateOf(paymentId)?.currency ?? currency) !== currency;
    for (const [paymentId, audited] of this.payments) {
      if (isOther(paymentId)) continue;
      for (const charge of audited.charges) {
        if (isUnknowable(audited, charge)) continue;
        const beforeMinor = taken.get(charge.attemptId) ?? 0n;
        const takenMinor = takenOf(audited, charge);
        taken.set(charge.attemptId, beforeMinor + takenMinor);
        const { attemptId, pspReference } = charge;
        if (isLate(audited, pspReference) && !audited.givenBack.has(pspReference)) {
          unreturned.set(attemptId, (unreturned.get(attemptId) ?? 0n) + takenMinor);
        }
      }
      if (audited.state?.status === 'requires_capture') {
        for (const { id, status } of audited.state.attempts) if (status === 'authorized') held.add(id);
      }
    }
    return { currency, taken, unreturned, held, ...this.refunds.truth(isOther) };
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

  private checkState(audited: Audited, payment: Payment): void {
    const { amountMinor, authorizedMinor, capturedMinor, attempts, id } = payment;
    if (capturedMinor > authorizedMinor || authorizedMinor > amountMinor) {
      const detail = `asked ${amountMinor}, authorised ${authorizedMinor}, captured ${capturedMinor}`;
      this.violated('captured_within_authorised', id, detail);
    }
    if (attempts.length > 1 && attempts.filter(isOpen).length > 1) {
      this.violated('one_open_attempt', id, attempts.map(({ status }) => status).join(', '));
    }
    if (this.options.honestPsps && isRefused(payment) && !mayChargeBeside(audited))
      this.checkUncharged(id, audited);
  }

  private checkUncharged(paymentId: string, audited: Audited): void {
    const held = knowablyHeldBy(audited).filter(({ pspReference }) => !isLate(audited, pspReference));
    if (held.length === 0) return;
    this.violated('failed_is_uncharged', paymentId, held.map((each) => each.pspReference).join(', '));
  }

  private checkEnd(paymentId: string, audited: Audited): void {
    const { state, charges } = audited;
    const told = new Set(state?.attempts.map(({ pspReference }) => pspReference));
    for (const charge of charges) {
      const { pspReference } = charge;
      const isTold = told.has(pspReference) || isLate(audited, pspReference);
      if (isTold || isVoidedUnseen(audited, charge) || isUnknowable(audited, charge)) continue;
      this.violated('charge_explained', paymentId, `no event tells of ${pspReference}`);
    }
    this.checkOneCharge(paymentId, audited);
    if (state === null) return;
    if (isRefused(state)) this.checkUncharged(paymentId, audited);
    for (const charge of heldBy(audited)) {
      const { pspReference } = charge;
      // what the scheme took back its buyer has
      const isOwed = !audited.fallen.has(pspReference) || takenOf(audited, charge) > 0n;
      if (isOwed && isLate(audited, pspReference)) {
        this.violated('late_success_reversed', paymentId, pspReference);
      }
    }
    const takenMinor = knowablyHeldBy(audited).reduce((sum, charge) => sum + takenOf(audited, charge), 0n);
    if (takenMinor !== state.capturedMinor) {
      const detail = `${takenMinor} taken, ${state.capturedMinor} recorded, ${state.status}`;
      this.violated('captures_agree', paymentId, detail);
    }
    if (state.status === 'succeeded' && takenMinor === 0n && audited.fallen.size === 0) {
      this.violated('success_is_real', paymentId, 'the PSPs have taken nothing');
    }
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
      charges: [],
      taken: new Map(),
      fallen: new Map(),
      givenBack: new Set(),
      chargedTwice: new Set(),
      told: new Set(),
      heldUp: new Set(),
      notes: [],
    };
    this.payments.set(paymentId, created);
    return created;
  }
}

const heldBy = ({ charges, givenBack }: Audited): readonly Charge[] =>
  givenBack.size === 0 ? charges : charges.filter(({ pspReference }) => !givenBack.has(pspReference));

/** Whether a charge may come beside another one, or after the end: then it counts once everything has ended. */
const mayChargeBeside = ({ heldUp, chargedTwice }: Audited): boolean =>
  heldUp.size > 0 || chargedTwice.size > 0;

/**
 * One of two charges under a forgotten key of which the PSP has never told us a word that is durable, in a notice or through
 * an event of the payment: nobody can give back what nobody can know of. Nor can anybody where one of them was ended by our
 * own reference, and no word has come of which.
 */
const isUnknowable = (audited: Audited, { attemptId, pspReference }: Charge): boolean => {
  if (!audited.chargedTwice.has(attemptId) || isLate(audited, pspReference)) return false;
  const attempts = audited.state?.attempts ?? [];
  if (attempts.some((attempt) => attempt.pspReference === pspReference)) return false;
  const isEndedUnnamed = attempts.some(
    ({ id, status, pspReference: name }) => id === attemptId && status === 'voided' && name === null,
  );
  return isEndedUnnamed || !audited.told.has(pspReference);
};

const knowablyHeldBy = (audited: Audited): readonly Charge[] =>
  heldBy(audited).filter((charge) => !isUnknowable(audited, charge));

/** Of the body that was recorded under a key, if any was. */
function recordedFingerprint(state: PaymentState, requestId: string | null): string | null | undefined {
  if (state === null || requestId === null) return state?.fingerprint;
  const requests = [...state.operations, ...state.cancelRequests];
  const word = state.operations.find(({ resolution }) => resolution?.requestId === requestId)?.resolution;
  const request = word ?? requests.find((one) => one.requestId === requestId);
  return (request ?? state.refunds.find(({ id }) => id === requestId))?.fingerprint;
}

/** What a PSP has really taken of a charge. */
const takenOf = ({ taken, fallen }: Audited, { captured, amountMinor, pspReference }: Charge): bigint => {
  const minor = captured ? amountMinor : (taken.get(pspReference) ?? 0n);
  return fallen.size === 0 ? minor : minor - (fallen.get(pspReference) ?? 0n);
};

const isOf = ({ attemptId, operationId }: Capture, data: object): boolean =>
  'attemptId' in data &&
  data.attemptId === attemptId &&
  'operationId' in data &&
  data.operationId === operationId;

/** Ended by our own reference before the PSP's was known: that nothing is held any more is told, the name is not. */
const isVoidedUnseen = (audited: Audited, charge: Charge): boolean =>
  audited.givenBack.has(charge.pspReference) &&
  takenOf(audited, charge) === 0n &&
  audited.state?.attempts.find(({ id }) => id === charge.attemptId)?.status === 'voided';

const isRefused = (state: PaymentState): boolean =>
  state?.status === 'failed' || state?.status === 'canceled';

const isLate = ({ state }: Audited, pspReference: string): boolean =>
  state?.lateSuccesses.some((late) => late.pspReference === pspReference) ?? false;
