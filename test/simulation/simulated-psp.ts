import type {
  AuthorizeOutcome,
  CompleteActionRequest,
  IdentifyOutcome,
  LookupOutcome,
  LookupRequest,
  NoticeSubject,
  OperationLookupOutcome,
  OperationLookupRequest,
  OperationOutcome,
  OperationRequest,
  PspName,
  PspNews,
  RefundLookupOutcome,
  RefundNews,
  RefundOutcome,
  RefundRequest,
} from '@tender/domain';
import type { SendWindow, SendWindows, WindowedGateway } from '@tender/psp/resilience';
import { FACT_RANK, partsOfRefundReference } from '@tender/domain';
import { CardSchemes } from './card-schemes';
import { CustomerArea } from './customer-area';
import type { Intent } from './psp-books';
import { PspBooks } from './psp-books';
import { PspRefunds } from './psp-refunds';
import type { KeyPromises, SimulatedPspDeps } from './psp-wire';
import { PspWire, SETTLES_AFTER_MS } from './psp-wire';

const HOUR_MS = 3_600_000;

const UNAVAILABLE = { kind: 'unavailable', detail: 'HTTP 503' } as const;

const ofAttempt = ({ attemptId }: { readonly attemptId: string }): NoticeSubject => ({
  kind: 'attempt',
  attemptId,
});

interface DoneOperation {
  readonly request: OperationRequest;
  readonly outcome: OperationOutcome;
  /** What it was done to, if there was anything. */
  readonly intent: Intent | undefined;
}

/** What a PSP promises. */
interface Character extends KeyPromises {
  readonly canLookUp: boolean;
  readonly cancelsByOwnReference: boolean;
  /** Captures, cancels and reversals are only taken note of; how they end is told by a notice. */
  readonly answersLater: boolean;
}

/**
 * Stripe docs, "Idempotent requests": keys for 24 h at least, with errors. Adyen docs, "API idempotency": for 7 days,
 * and what failed for the moment may be sent again.
 */
const CHARACTERS: Readonly<Record<PspName, Character>> = {
  stripe: {
    canLookUp: true,
    keysKeptMs: 24 * HOUR_MS,
    storesErrors: true,
    cancelsByOwnReference: false,
    answersLater: false,
  },
  adyen: {
    canLookUp: false,
    keysKeptMs: 7 * 24 * HOUR_MS,
    storesErrors: false,
    cancelsByOwnReference: true,
    answersLater: true,
  },
};

/** From then on the PSP takes the same request for a new one, ms. */
export const keysKeptMs = (psp: PspName): number => CHARACTERS[psp].keysKeptMs;

/**
 * A PSP that keeps its documented promises (a key is executed once while it is kept; a list shows everything after a
 * while; every end is told by a notice), but for a key that it forgets, and is otherwise as unreliable as the run says.
 */
export class SimulatedPsp {
  readonly books: PspBooks;
  readonly schemes: CardSchemes;
  /** What its merchant's people see. */
  readonly area: CustomerArea;
  private readonly refunds: PspRefunds;
  private readonly wire: PspWire;
  private readonly character: Character;

  constructor(
    readonly psp: PspName,
    private readonly deps: SimulatedPspDeps,
  ) {
    this.character = CHARACTERS[psp];
    this.wire = new PspWire(psp, this.character, deps);
    this.schemes = new CardSchemes(psp, {
      ...deps,
      nextReference: () => this.books.nextReference(),
      tell: (subject, news) => {
        this.tell(subject, news);
      },
    });
    this.books = new PspBooks(psp, {
      ...deps,
      tell: (intent, news) => {
        this.tell(ofAttempt(intent.request), news);
      },
      onTaken: (intent) => {
        this.schemes.taken(intent);
      },
      onNotGivenBack: (intent) => {
        this.schemes.notGivenBack(intent);
      },
    });
    this.refunds = new PspRefunds(psp, {
      ...deps,
      books: this.books,
      answersLater: this.character.answersLater,
      tell: ({ operationId }, news) => {
        const refundId = partsOfRefundReference(operationId)?.refundId ?? '';
        this.tell({ kind: 'refund', refundId, operationId }, news);
      },
    });
    this.area = new CustomerArea(this.books, this.refunds);
  }

  blackOut(ms: number, arrives?: number): void {
    this.wire.blackOut(ms, arrives);
  }

  /** The first request of this kind comes after so long, and for the most part of that no other one does. */
  holdUp(what: string, ms: number): void {
    this.wire.holdUp(what, ms);
  }

  /** As a process has it that looks at these windows before it writes. */
  gateway(sendWindows: SendWindows): WindowedGateway {
    const { canLookUp, keysKeptMs, cancelsByOwnReference } = this.character;
    const windowOf = (key: string) => sendWindows.of(key);
    const operate = (request: OperationRequest): Promise<OperationOutcome> =>
      this.operate(request, windowOf(request.operationId));
    return {
      psp: this.psp,
      requestVersion: 1,
      canLookUp,
      keySafeForMs: keysKeptMs - HOUR_MS,
      lookupSettlesAfterMs: SETTLES_AFTER_MS,
      cancelsByOwnReference,
      sendWindows,
      authorize: (request) =>
        this.wire.call<AuthorizeOutcome>({
          ...request,
          what: 'authorize',
          key: request.idempotencyKey,
          window: windowOf(request.idempotencyKey),
          execute: () => this.books.authorizationOf(this.books.execute(request)),
        }),
      lookup: (request) => this.lookup(request),
      completeAction: (request) => this.completeAction(request, windowOf(request.idempotencyKey)),
      capture: operate,
      cancel: operate,
      reverse: operate,
      lookupOperation: (request) => this.lookupOperation(request),
      refund: (request) => this.refund(request, windowOf(request.operationId)),
      lookupRefund: (request) =>
        this.asked<RefundLookupOutcome>(UNAVAILABLE, () => this.refunds.lookup(request)),
      identify: ({ pspReference }) => this.identify(pspReference),
    };
  }

  private refund(request: RefundRequest, window: SendWindow): Promise<RefundOutcome> {
    this.deps.auditor.refunds.called({ ...request, psp: this.psp });
    return this.wire.call<RefundOutcome>({
      ...request,
      what: 'refund',
      key: request.operationId,
      window,
      execute: () => this.refunds.execute(request),
    });
  }

  private identify(pspReference: string): Promise<IdentifyOutcome> {
    return this.asked<IdentifyOutcome>(UNAVAILABLE, () => {
      const intent = this.books.named(pspReference);
      return intent === undefined
        ? { kind: 'foreign' }
        : { kind: 'ours', attemptId: intent.request.attemptId };
    });
  }

  private operate(request: OperationRequest, window: SendWindow): Promise<OperationOutcome> {
    return this.wire.call<OperationOutcome>({
      ...request,
      what: request.kind,
      key: request.operationId,
      window,
      execute: () => {
        const intent = this.books.find(request.attemptId, request.pspReference);
        const outcome = this.done(request, intent);
        const done = { request, outcome, intent };
        if (!this.character.answersLater) {
          // what was done is an event of the payment, and has no name of its own
          if (outcome.kind === 'succeeded') this.tellOfOperation(outcome.pspReference, done);
          this.ended(request, outcome);
          return outcome;
        }
        const pspReference = this.books.nextReference();
        this.remember(request, pspReference);
        const told = { ...outcome, pspReference };
        this.tellOfOperation(pspReference, { ...done, outcome: told });
        this.ended(request, told);
        return { kind: 'pending', pspReference };
      },
    });
  }

  private ended(request: OperationRequest, outcome: OperationOutcome): void {
    this.area.shows(request, outcome);
    const { paymentId, operationId } = request;
    this.deps.onEnd({ kind: 'operation', psp: this.psp, paymentId, operationId });
  }

  private remember({ kind, attemptId, pspReference }: OperationRequest, reference: string): void {
    const intent = kind === 'capture' ? this.books.find(attemptId, pspReference) : undefined;
    if (intent?.status === 'captured') intent.captureReference ??= reference;
  }

  private tellOfOperation(pspReference: string, { request, outcome, intent }: DoneOperation): void {
    this.tell(ofAttempt(request), {
      kind: 'operation',
      operation: this.isVoid(request, outcome) ? 'cancel' : request.kind,
      pspReference,
      paymentReference: intent?.reference ?? null,
      outcome,
      rank: FACT_RANK.done,
    });
  }

  /** Where an operation is an event of the payment, what gave back money that was only held is its cancel. */
  private isVoid({ kind }: OperationRequest, outcome: OperationOutcome): boolean {
    const gaveNothing = outcome.kind === 'succeeded' && outcome.amountMinor === null;
    return kind === 'reversal' && gaveNothing && !this.character.answersLater;
  }

  /** Who does not answer does not send anything either. */
  private tell(subject: NoticeSubject, news: PspNews | RefundNews): void {
    const { darkForMs } = this.wire;
    if (darkForMs === 0) this.deps.send(this.psp, subject, news);
    else
      this.deps.scheduler.after(darkForMs, () => {
        this.tell(subject, news);
      });
  }

  private done({ kind, amountMinor }: OperationRequest, intent: Intent | undefined): OperationOutcome {
    if (intent === undefined) return this.notFound();
    switch (kind) {
      case 'capture':
        return this.books.capture(intent, amountMinor);
      case 'cancel':
        return this.books.cancel(intent);
      case 'reversal':
        return this.books.reverse(intent);
    }
  }

  private notFound(): OperationOutcome {
    this.deps.faults.count('cancel_not_found');
    const occurredAt = new Date(this.deps.scheduler.now()).toISOString();
    return { kind: 'failed', why: 'not_found', detail: '', pspReference: null, occurredAt };
  }

  /** What the buyer did is known to the PSP; the request only asks for it. */
  private completeAction(request: CompleteActionRequest, window: SendWindow): Promise<AuthorizeOutcome> {
    const { attemptId, pspReference, result } = request;
    return this.wire.call<AuthorizeOutcome>({
      ...request,
      what: 'complete action',
      key: request.idempotencyKey,
      window,
      execute: () => {
        const intent = this.books.find(attemptId, pspReference);
        if (intent === undefined) throw new Error(`${attemptId} has an action and no intent`);
        this.books.authenticated(intent, result[0]?.value === 'passed');
        return this.books.authorizationOf(intent);
      },
    });
  }

  private lookup({ attemptId, pspReference }: LookupRequest): Promise<LookupOutcome> {
    return this.asked<LookupOutcome>(UNAVAILABLE, () => {
      const intent = this.visible(attemptId, pspReference);
      return intent === undefined
        ? { kind: 'not_found' }
        : { kind: 'found', outcome: this.books.authorizationOf(intent) };
    });
  }

  /** An object that is asked for by its id shows what was done to it at once. */
  private lookupOperation(request: OperationLookupRequest): Promise<OperationLookupOutcome> {
    const { kind, attemptId, pspReference, amountMinor } = request;
    return this.asked<OperationLookupOutcome>(UNAVAILABLE, () => {
      const intent = this.books.find(attemptId, pspReference);
      if (intent === undefined) return { kind: 'not_found' };
      const { status, refunded, reference, occurredAt } = intent;
      const ended = status === 'voided' || status === 'expired';
      const succeeded = (amount: bigint | null): OperationLookupOutcome => ({
        kind: 'found',
        outcome: { kind: 'succeeded', pspReference: reference, amountMinor: amount, occurredAt },
      });
      const failed = (why: 'already_captured' | 'expired'): OperationLookupOutcome => ({
        kind: 'found',
        outcome: { kind: 'failed', why, detail: '', pspReference: reference, occurredAt },
      });
      switch (kind) {
        case 'capture':
          if (status === 'captured') return succeeded(intent.takenMinor);
          return ended ? failed('expired') : { kind: 'not_found' };
        case 'cancel':
          if (ended) return succeeded(null);
          return status === 'captured' ? failed('already_captured') : { kind: 'not_found' };
        case 'reversal':
          if (refunded) return succeeded(amountMinor);
          return ended ? succeeded(null) : { kind: 'not_found' };
      }
    });
  }

  private asked<Answer>(unavailable: Answer, answer: () => Answer): Promise<Answer> {
    const { faults, scheduler } = this.deps;
    return new Promise((resolve) => {
      scheduler.deliver(() => {
        const silent =
          !this.character.canLookUp || !this.wire.isHeard() || faults.happens('lookup_unavailable');
        const said = silent ? unavailable : answer();
        scheduler.deliver(() => {
          resolve(said);
        });
      });
    });
  }

  private visible(attemptId: string, pspReference: string | null): Intent | undefined {
    const { faults, scheduler } = this.deps;
    this.wire.searchedFor(attemptId);
    const all = this.books.ofAttempt(attemptId);
    // the list lags; an object that is asked for by its id is there at once
    const visible = all.filter(
      ({ reference, visibleAtMs }) => reference === pspReference || visibleAtMs <= scheduler.now(),
    );
    if (visible.length < all.length) faults.count('lookup_early');
    return visible.find(({ status }) => status === 'authorized' || status === 'captured') ?? visible[0];
  }
}
