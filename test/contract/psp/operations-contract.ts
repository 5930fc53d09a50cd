import type {
  AuthorizeRequest,
  OperationKind,
  OperationOutcome,
  OperationRequest,
  PspNews,
} from '@tender/domain';
import * as fc from 'fast-check';
import type { ContractWorld, GatewayContract, HeldCharge, PspUnderTest } from './psp-under-test';
import { chargeOf, heard, isStuck, newsOf, says } from './psp-under-test';

/** An operation of each kind of request that a gateway may have to send. */
interface Work {
  readonly name: string;
  readonly kind: OperationKind;
  /** How the charge was authorised that it is done to. */
  readonly captureMethod: 'automatic' | 'manual';
  /** What is asked for, of the amount that is authorised. */
  amountOf(authorizedMinor: bigint): bigint;
  /** How often it has been done to the charge, exactly as asked. */
  timesIn(charge: HeldCharge, amountMinor: bigint): number;
}

const times = (amounts: readonly bigint[], amountMinor: bigint): number =>
  amounts.filter((amount) => amount === amountMinor).length;
const whole = (authorizedMinor: bigint): bigint => authorizedMinor;

const CAPTURE_OF_A_PART: Work = {
  name: 'a capture of a part',
  kind: 'capture',
  captureMethod: 'manual',
  amountOf: (authorizedMinor) => authorizedMinor - 99n,
  timesIn: ({ captures }, amountMinor) => times(captures, amountMinor),
};
const CAPTURE: Work = { ...CAPTURE_OF_A_PART, name: 'a capture', amountOf: whole };
const CANCEL: Work = {
  name: 'a cancel',
  kind: 'cancel',
  captureMethod: 'manual',
  amountOf: whole,
  timesIn: ({ voids }) => voids.length,
};
const REVERSAL_OF_A_HOLD: Work = { ...CANCEL, name: 'a reversal of what is held', kind: 'reversal' };
const REVERSAL: Work = {
  name: 'a reversal of what was captured',
  kind: 'reversal',
  captureMethod: 'automatic',
  amountOf: whole,
  timesIn: ({ refunds }, amountMinor) => times(refunds, amountMinor),
};
const WORKS: readonly Work[] = [CAPTURE_OF_A_PART, CANCEL, REVERSAL_OF_A_HOLD, REVERSAL];

const SENDS_AT_MOST = 3;

/** An authorisation that was approved. */
interface Authorized extends AuthorizeRequest {
  readonly pspReference: string;
}

/** A charge that exists at the PSP, and one thing that is asked of it. */
interface Ordered {
  readonly work: Work;
  readonly charge: Authorized;
  readonly request: OperationRequest;
}

export function describeOperations(contract: GatewayContract, world: ContractWorld): void {
  let operations = 0;

  async function authorized(changes: Partial<AuthorizeRequest>): Promise<Authorized> {
    const charge = world.request(changes);
    const outcome = await heard(() => world.psp().gateway.authorize(charge));
    if (outcome.kind !== 'approved') throw new Error(`not authorised: ${says(outcome)}`);
    return { ...charge, pspReference: outcome.pspReference };
  }

  function order(work: Work, charge: Authorized, changes: Partial<OperationRequest> = {}): Ordered {
    operations += 1;
    const { requestVersion, attemptId, paymentId, pspReference, currency } = charge;
    const request: OperationRequest = {
      kind: work.kind,
      requestVersion,
      operationId: `${attemptId}-${work.kind}-${operations}`,
      attemptId,
      paymentId,
      pspReference,
      amountMinor: work.amountOf(charge.amountMinor),
      currency,
      captured: work.captureMethod === 'automatic',
      ...changes,
    };
    return { work, charge, request };
  }

  const ordered = async (work: Work): Promise<Ordered> =>
    order(work, await authorized({ captureMethod: work.captureMethod }));

  it.each(contract.money)('captures %s %d and gives it back exactly', async (currency, amountMinor) => {
    const charge = await authorized({ currency, amountMinor, captureMethod: 'manual' });
    const capture = order(CAPTURE, charge);
    await expectDone(world.psp(), capture);
    const reversal = order(REVERSAL, charge, { captured: true });
    await expectDone(world.psp(), reversal);
    expect(await chargeOf(world.psp(), charge.attemptId)).toMatchObject({
      captures: [amountMinor],
      refunds: [amountMinor],
      voids: [],
    });
  });

  describe.each(WORKS.map((work): [string, Work] => [work.name, work]))('%s', (_name, work) => {
    it('is done once, however often it is asked for', async () => {
      const one = await ordered(work);
      await expectDone(world.psp(), one);
      const again = await Promise.all(
        Array.from({ length: 4 }, () => heard(() => perform(world.psp(), one))),
      );
      for (const { kind } of again) expect(kind).toMatch(/succeeded|pending/);
      await expectTrue(world.psp(), one, again);
    });

    it.each(contract.faults)(
      'fault %s: a first send is %s, and the truth comes to light',
      async (fault, expected) => {
        const psp = world.psp();
        const one = await ordered(work);
        await psp.breakNext(work.kind, [fault]);
        const first = await perform(psp, one);
        await psp.settle();
        expect(says(first)).toBe(expected);
        if (first.kind === 'not_sent') expect(await timesDone(psp, one)).toBe(0);
        await expectTrue(psp, one, [first]);
        await psp.breakNext(work.kind, []);
        await expectEnded(psp, one);
      },
    );

    it('says nothing untrue under any script of faults', async () => {
      const psp = world.psp();
      const fault = fc.constantFrom(...contract.faults.map(([text]) => text), 'none', 'none');
      const script = fc.array(fault, { minLength: 2, maxLength: SENDS_AT_MOST });
      await fc.assert(
        fc.asyncProperty(script, async (faults) => {
          const one = await ordered(work);
          const outcomes: OperationOutcome[] = [];
          for (const text of faults) {
            await psp.breakNext(work.kind, text === 'none' ? [] : [text]);
            outcomes.push(await perform(psp, one));
          }
          await psp.breakNext(work.kind, []);
          await psp.settle();
          await expectTrue(psp, one, outcomes);
          await expectEnded(psp, one);
        }),
        { numRuns: 5 },
      );
    });
  });

  it('what is captured is not canceled, and what is canceled is not captured', async () => {
    for (const [first, second] of [
      [CAPTURE, CANCEL],
      [CANCEL, CAPTURE],
      [REVERSAL_OF_A_HOLD, CAPTURE],
    ] as const) {
      const done = await ordered(first);
      await expectDone(world.psp(), done);
      const late = order(second, done.charge);
      await expectRefused(world.psp(), late);
      expect(await timesDone(world.psp(), late)).toBe(0);
      expect(await timesDone(world.psp(), done)).toBe(1);
    }
  });

  it('a reversal of a hold that was captured meanwhile is refused, or gives all of it back', async () => {
    const psp = world.psp();
    const capture = await ordered(CAPTURE);
    await expectDone(psp, capture);
    const late = order(REVERSAL_OF_A_HOLD, capture.charge);
    const outcome = await heard(() => perform(psp, late));
    await psp.settle();
    const ends = [outcome, ...(await toldOf(psp, late))].filter(({ kind }) => kind !== 'pending');
    const { amountMinor } = capture.request;
    const refunds = ends.some(({ kind }) => kind === 'succeeded') ? [amountMinor] : [];
    expect(await chargeOf(psp, capture.charge.attemptId)).toMatchObject({
      captures: [amountMinor],
      voids: [],
      refunds,
    });
    expect(ends).not.toEqual([]);
    // what has no amount would pass for a void
    for (const end of ends)
      expect(end).toMatchObject(refunds.length > 0 ? { amountMinor } : { kind: 'failed' });
  });

  it('no more is captured than is held', async () => {
    const charge = await authorized({ captureMethod: 'manual' });
    await expectRefused(world.psp(), order(CAPTURE, charge, { amountMinor: charge.amountMinor + 1n }));
    expect(await chargeOf(world.psp(), charge.attemptId)).toMatchObject({ captures: [], voids: [] });
  });

  it('what a capture leaves over is not held any more', async () => {
    const part = await ordered(CAPTURE_OF_A_PART);
    await expectDone(world.psp(), part);
    const rest = { amountMinor: part.charge.amountMinor - part.request.amountMinor };
    await expectRefused(world.psp(), order(CAPTURE, part.charge, rest));
    expect(await chargeOf(world.psp(), part.charge.attemptId)).toMatchObject({
      captures: [part.request.amountMinor],
    });
  });

  it('a second reversal gives nothing back', async () => {
    const first = await ordered(REVERSAL);
    await expectDone(world.psp(), first);
    const second = order(REVERSAL, first.charge);
    const outcome = await heard(() => perform(world.psp(), second));
    await world.psp().settle();
    expect(outcome.kind).not.toBe('succeeded');
    expect(await timesDone(world.psp(), first)).toBe(1);
  });
}

function perform({ gateway }: PspUnderTest, { request }: Ordered): Promise<OperationOutcome> {
  switch (request.kind) {
    case 'capture':
      return gateway.capture(request);
    case 'cancel':
      return gateway.cancel(request);
    case 'reversal':
      return gateway.reverse(request);
  }
}

async function timesDone(psp: PspUnderTest, { work, request }: Ordered): Promise<number> {
  const charge = await chargeOf(psp, request.attemptId);
  return charge === undefined ? 0 : work.timesIn(charge, request.amountMinor);
}

/** What the PSP has told of the operation; whether a hold was canceled or reversed need not be in its notice. */
async function toldOf(
  psp: PspUnderTest,
  { work, charge, request }: Ordered,
): Promise<readonly OperationOutcome[]> {
  const kinds: readonly OperationKind[] =
    work.kind !== 'capture' && !request.captured ? ['cancel', 'reversal'] : [work.kind];
  const about = (news: PspNews): readonly OperationOutcome[] =>
    news.kind === 'operation' && kinds.includes(news.operation) ? [news.outcome] : [];
  return (await newsOf(psp, charge)).flatMap(about);
}

/** Asks once, without a fault: done, and told. */
async function expectDone(psp: PspUnderTest, one: Ordered): Promise<void> {
  const outcome = await heard(() => perform(psp, one));
  await psp.settle();
  expect(outcome.kind).toMatch(/succeeded|pending/);
  await expectTrue(psp, one, [outcome]);
  expect(await timesDone(psp, one)).toBe(1);
}

/** Asks once, without a fault, for what cannot be: refused at once, or told later. */
async function expectRefused(psp: PspUnderTest, one: Ordered): Promise<void> {
  const before = (await toldOf(psp, one)).length;
  const outcome = await heard(() => perform(psp, one));
  await psp.settle();
  if (outcome.kind === 'pending') {
    const told = (await toldOf(psp, one)).slice(before);
    expect(told.map(({ kind }) => kind)).toContain('failed');
  } else {
    expect(outcome.kind).toBe('failed');
  }
}

/** After the PSP has settled: nothing that was said of an operation, by whomever, is untrue. */
async function expectTrue(
  psp: PspUnderTest,
  one: Ordered,
  outcomes: readonly OperationOutcome[],
): Promise<void> {
  const done = await timesDone(psp, one);
  expect(done).toBeLessThanOrEqual(1);
  const told = await toldOf(psp, one);
  for (const outcome of [...outcomes, ...told]) {
    if (outcome.kind === 'succeeded') expect(done).toBe(1);
    if (outcome.kind === 'failed') expect(done).toBe(0);
    if (outcome.kind === 'succeeded' && outcome.amountMinor !== null) {
      expect(outcome.amountMinor).toBe(one.request.amountMinor);
    }
  }
  expect(told.some(({ kind }) => kind === 'succeeded')).toBe(done === 1);
  const answer = await psp.gateway.lookupOperation({ ...one.request, startedAt: new Date().toISOString() });
  if (!psp.gateway.canLookUp) {
    expect(answer.kind).toBe('unavailable');
    return;
  }
  expect(answer.kind).not.toBe('unavailable');
  expect(answer.kind === 'found' && answer.outcome.kind === 'succeeded').toBe(done === 1);
}

/** Whatever went before, asking again ends it: done once, unless the PSP has kept an error under the key. */
async function expectEnded(psp: PspUnderTest, one: Ordered): Promise<void> {
  const before = await timesDone(psp, one);
  const outcome = await heard(() => perform(psp, one));
  await psp.settle();
  await expectTrue(psp, one, [outcome]);
  const stuck = isStuck(outcome);
  expect(await timesDone(psp, one)).toBe(stuck ? before : 1);
  if (!stuck) expect(outcome.kind).toMatch(/succeeded|pending/);
}
