import type {
  ActionResultEntry,
  AuthorizeOutcome,
  AuthorizeRequest,
  DisputeStage,
  NewsAsked,
  NoticeFields,
  NoticeTranslator,
  OperationKind,
  OperationOutcome,
  PspGateway,
  PspNews,
  RefundFailure,
  RefundOutcome,
} from '@tender/domain';

/** What the PSP really did, from the simulator; amounts in ISO 4217 minor units. */
export interface HeldCharge {
  readonly attemptId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** Whether the PSP holds or took money. */
  readonly holdsMoney: boolean;
  /** What was done to it; a charge that is captured in the same step has one capture, too. */
  readonly captures: readonly bigint[];
  readonly voids: readonly bigint[];
  readonly refunds: readonly bigint[];
}

/** A call of the gateway that faults can be planned for. */
export type FaultyCall = 'authorize' | 'completeAction' | 'refund' | OperationKind;

export interface PspUnderTest {
  readonly gateway: PspGateway;
  readonly translator: NoticeTranslator;
  /** All that the PSP has told so far, oldest first: verified, and as it is stored. */
  notices(): Promise<readonly NoticeFields[]>;
  /** The next requests of such a call meet these faults, in this order; no other request meets any. */
  breakNext(call: FaultyCall, faults: readonly string[]): Promise<void>;
  /** Waits until the PSP has finished what it had begun, and has told what it tells later. */
  settle(): Promise<void>;
  /** Moves the PSP's clock. */
  advance(ms: number): Promise<void>;
  charges(): Promise<readonly HeldCharge[]>;
  /** The buyer passes or fails on the page that an action leads to; what the browser brings back. */
  challenge(url: string, passes: boolean): Promise<readonly ActionResultEntry[]>;
  stop(): Promise<void>;
}

export interface GatewayContract {
  start(): Promise<PspUnderTest>;
  readonly tokens: { readonly approved: string; readonly refused: string; readonly challenged: string };
  /** What the PSP takes back later, by the token that a charge is made with. */
  readonly later: {
    readonly refunds: readonly (readonly [what: string, token: string, why: RefundFailure])[];
    readonly captures: readonly (readonly [what: string, end: 'succeeded' | 'failed', token: string])[];
    readonly disputes: readonly (readonly [
      token: string,
      end: DisputeStage,
      money: DisputeStage | 'untouched',
    ])[];
  };
  /** What is heard of a key that was used for another authorisation. */
  readonly reusedKeySays: string;
  /** Every fault that the simulator knows for a request that does something, with what must be said to a first send. */
  readonly faults: readonly (readonly [fault: string, says: string])[];
  /** Amounts in ISO 4217 minor units that the PSP takes, one of each kind of counting. */
  readonly money: readonly (readonly [currency: string, amountMinor: bigint])[];
}

/** What the parts of the suite share. */
export interface ContractWorld {
  psp(): PspUnderTest;
  /** An authorisation of an attempt that nobody has asked for yet. */
  request(changes?: Partial<AuthorizeRequest>): AuthorizeRequest;
}

type AnyOutcome = AuthorizeOutcome | OperationOutcome | RefundOutcome;

export const says = (outcome: AnyOutcome): string =>
  outcome.kind === 'unknown' || outcome.kind === 'not_sent' ? `${outcome.kind} ${outcome.why}` : outcome.kind;

const ASKED_AT_MOST = 5;

/** Where no fault is planned: a machine under load may miss a deadline, and then it is asked again, as the engine does. */
export async function heard<Outcome extends AnyOutcome>(ask: () => Promise<Outcome>): Promise<Outcome> {
  for (let asked = 1; ; asked += 1) {
    const outcome = await ask();
    if (says(outcome) !== 'unknown timeout' || asked === ASKED_AT_MOST) return outcome;
  }
}

/** A server error that may be kept under the key: asking again is of no use, a look-up, a notice or a cancel is. */
export const isStuck = (outcome: AnyOutcome): boolean =>
  outcome.kind === 'unknown' && (outcome.keyBurnt || outcome.why === 'server_error');

/** What the PSP has told of an attempt, in the words of replies, oldest first. */
export async function newsOf(psp: PspUnderTest, asked: NewsAsked): Promise<readonly PspNews[]> {
  const ours = (await psp.notices()).filter((fields) => {
    const subject = psp.translator.subjectOf(fields);
    return subject?.kind === 'attempt' && subject.attemptId === asked.attemptId;
  });
  return ours.map((fields) => psp.translator.translate(fields, asked));
}

export async function chargeOf(psp: PspUnderTest, attemptId: string): Promise<HeldCharge | undefined> {
  const [charge, ...more] = (await psp.charges()).filter((one) => one.attemptId === attemptId);
  expect(more).toEqual([]);
  return charge;
}

/** Whatever was said before: the look-up or the notices tell what the PSP holds. */
export async function expectTold(
  psp: PspUnderTest,
  asked: AuthorizeRequest,
  held: readonly HeldCharge[],
): Promise<void> {
  const startedAt = new Date().toISOString();
  const answer = await psp.gateway.lookup({ ...asked, pspReference: null, startedAt });
  const told = (await newsOf(psp, asked)).flatMap((news) =>
    news.kind === 'authorization' ? [news.outcome] : [],
  );
  expect(told.some(({ kind }) => kind === 'approved')).toBe(held.length === 1);
  if (held.length > 0) expect(told.map(({ kind }) => kind)).not.toContain('declined');
  if (!psp.gateway.canLookUp) {
    expect(answer.kind).toBe('unavailable');
    return;
  }
  expect(answer.kind).not.toBe('unavailable');
  expect(answer.kind === 'found' && answer.outcome.kind === 'approved').toBe(held.length === 1);
  if (held.length === 0 && answer.kind === 'found') expect(answer.outcome.kind).toBe('declined');
}
