import type { AuthorizeRequest, RefundOutcome, RefundRequest } from '@tender/domain';
import { refundReferenceOf } from '@tender/domain';
import * as fc from 'fast-check';
import type { ContractWorld, GatewayContract, PspUnderTest } from './psp-under-test';
import { chargeOf, heard, isStuck, says } from './psp-under-test';

const SENDS_AT_MOST = 3;

/** A charge whose money was taken. */
export interface Taken extends AuthorizeRequest {
  readonly pspReference: string;
}

/** Charges, and asks for refunds of them. */
export function refunder(world: ContractWorld): {
  readonly taken: (changes?: Partial<AuthorizeRequest>) => Promise<Taken>;
  readonly refundOf: (charge: Taken, changes?: Partial<RefundRequest>) => RefundRequest;
} {
  let refunds = 0;
  return {
    taken: async (changes = {}) => {
      const charge = world.request(changes);
      const outcome = await heard(() => world.psp().gateway.authorize(charge));
      if (outcome.kind !== 'approved') throw new Error(`not charged: ${says(outcome)}`);
      return { ...charge, pspReference: outcome.pspReference };
    },
    refundOf: (charge, changes = {}) => {
      refunds += 1;
      const { requestVersion, attemptId, paymentId, pspReference, amountMinor, currency } = charge;
      const refundId = `0a1b2c3d-4e5f-5060-8a90-${refunds.toString(16).padStart(12, '0')}`;
      return {
        requestVersion,
        operationId: refundReferenceOf(refundId, 1),
        refundId,
        attemptId,
        paymentId,
        pspReference,
        captureReference: null,
        amountMinor,
        currency,
        reason: null,
        ...changes,
      };
    },
  };
}

/** What the PSP has told of a try of a refund, oldest first. */
export async function toldOfRefund(
  psp: PspUnderTest,
  asked: RefundRequest,
): Promise<readonly { readonly outcome: RefundOutcome; readonly rank: number }[]> {
  return (await psp.notices()).flatMap((fields) => {
    const subject = psp.translator.subjectOf(fields);
    if (subject?.kind !== 'refund' || subject.operationId !== asked.operationId) return [];
    expect(subject.refundId).toBe(asked.refundId);
    const news = psp.translator.translateRefund(fields, asked);
    return news.kind === 'refund' ? [news] : [];
  });
}

/** Of a charge that was refunded by nobody but this request: how often exactly this was given back. */
async function timesIn(psp: PspUnderTest, { attemptId, amountMinor }: RefundRequest): Promise<number> {
  const { refunds = [] } = (await chargeOf(psp, attemptId)) ?? {};
  expect(refunds.every((amount) => amount === amountMinor)).toBe(true);
  return refunds.length;
}

/** After the PSP has settled: nothing that was said of a refund, by whomever, is untrue. */
async function expectTrue(
  psp: PspUnderTest,
  asked: RefundRequest,
  outcomes: readonly RefundOutcome[],
): Promise<void> {
  const done = await timesIn(psp, asked);
  expect(done).toBeLessThanOrEqual(1);
  const told = (await toldOfRefund(psp, asked)).map(({ outcome }) => outcome);
  for (const outcome of [...outcomes, ...told]) {
    if (outcome.kind === 'succeeded') expect([done, outcome.amountMinor]).toEqual([1, asked.amountMinor]);
    if (outcome.kind === 'failed') expect(done).toBe(0);
  }
  expect(told.some(({ kind }) => kind === 'succeeded')).toBe(done === 1);
  const answer = await psp.gateway.lookupRefund({ ...asked, refundReference: null });
  if (!psp.gateway.canLookUp) {
    expect(answer.kind).toBe('unavailable');
    return;
  }
  expect(answer.kind).not.toBe('unavailable');
  expect(answer.kind === 'found' && answer.outcome.kind === 'succeeded').toBe(done === 1);
}

export function describeRefunds(contract: GatewayContract, world: ContractWorld): void {
  const { taken, refundOf } = refunder(world);
  const perform = (asked: RefundRequest): Promise<RefundOutcome> => world.psp().gateway.refund(asked);

  async function expectDone(asked: RefundRequest): Promise<void> {
    const outcome = await heard(() => perform(asked));
    await world.psp().settle();
    expect(outcome.kind).toMatch(/succeeded|pending/);
    await expectTrue(world.psp(), asked, [outcome]);
    expect(await timesIn(world.psp(), asked)).toBe(1);
  }

  /** Whatever went before, asking again ends it: done once, unless the PSP has kept an error under the key. */
  async function expectEnded(asked: RefundRequest): Promise<void> {
    const before = await timesIn(world.psp(), asked);
    const outcome = await heard(() => perform(asked));
    await world.psp().settle();
    await expectTrue(world.psp(), asked, [outcome]);
    const stuck = isStuck(outcome);
    expect(await timesIn(world.psp(), asked)).toBe(stuck ? before : 1);
    if (!stuck) expect(outcome.kind).toMatch(/succeeded|pending/);
  }

  /** For what cannot be: never a success, by nobody, and nothing is given back for it. */
  async function expectRefused(asked: RefundRequest): Promise<void> {
    const psp = world.psp();
    const outcome = await heard(() => perform(asked));
    await psp.settle();
    const told = (await toldOfRefund(psp, asked)).map((news) => news.outcome);
    const answer = await psp.gateway.lookupRefund({ ...asked, refundReference: null });
    const said = [outcome, ...told].map(({ kind }) => kind);
    expect(said).not.toContain('succeeded');
    expect(said.includes('failed') || answer.kind === 'not_found').toBe(true);
    for (const one of told) expect(one).toMatchObject({ kind: 'failed', debited: false });
  }

  describe('a refund', () => {
    it.each(contract.money)('gives %s %d back exactly', async (currency, amountMinor) => {
      await expectDone(refundOf(await taken({ currency, amountMinor })));
    });

    it('of a part leaves the rest, which may be given back, too, with a reason', async () => {
      const charge = await taken();
      const part = refundOf(charge, { amountMinor: 99n, reason: 'requested_by_customer' });
      await expectDone(part);
      const rest = refundOf(charge, { amountMinor: charge.amountMinor - 99n, reason: 'duplicate' });
      expect((await heard(() => perform(rest))).kind).toMatch(/succeeded|pending/);
      await world.psp().settle();
      expect(await chargeOf(world.psp(), charge.attemptId)).toMatchObject({
        refunds: [99n, charge.amountMinor - 99n],
      });
    });

    it('is made once, however often it is asked for', async () => {
      const asked = refundOf(await taken());
      await expectDone(asked);
      const again = await Promise.all(Array.from({ length: 4 }, () => heard(() => perform(asked))));
      for (const { kind } of again) expect(kind).toMatch(/succeeded|pending/);
      await expectTrue(world.psp(), asked, again);
    });

    it('of many at once gives no more back than was taken, and each says truly whether it did', async () => {
      const charge = await taken();
      const asked = Array.from({ length: 6 }, () => refundOf(charge, { amountMinor: 300n }));
      await Promise.all(asked.map((one) => heard(() => perform(one))));
      await world.psp().settle();
      expect(await chargeOf(world.psp(), charge.attemptId)).toMatchObject({ refunds: [300n, 300n, 300n] });
      const succeeded = await Promise.all(
        asked.map(async (one) => {
          const told = (await toldOfRefund(world.psp(), one)).map(({ outcome }) => outcome.kind);
          return told.includes('succeeded');
        }),
      );
      expect(succeeded.filter(Boolean)).toHaveLength(3);
    });

    it('of more than was taken, or of what is only held, is refused before any money moves', async () => {
      const charge = await taken();
      await expectRefused(refundOf(charge, { amountMinor: charge.amountMinor + 1n }));
      await expectRefused(refundOf(await taken({ captureMethod: 'manual' })));
      expect(await chargeOf(world.psp(), charge.attemptId)).toMatchObject({ refunds: [] });
    });

    it.each(contract.faults)(
      'fault %s: a first send is %s, and the truth comes to light',
      async (fault, expected) => {
        const psp = world.psp();
        const asked = refundOf(await taken());
        await psp.breakNext('refund', [fault]);
        const first = await perform(asked);
        await psp.settle();
        expect(says(first)).toBe(expected);
        if (first.kind === 'not_sent') expect(await timesIn(psp, asked)).toBe(0);
        await expectTrue(psp, asked, [first]);
        await psp.breakNext('refund', []);
        await expectEnded(asked);
      },
    );

    it('says nothing untrue under any script of faults', async () => {
      const psp = world.psp();
      const fault = fc.constantFrom(...contract.faults.map(([text]) => text), 'none', 'none');
      const script = fc.array(fault, { minLength: 2, maxLength: SENDS_AT_MOST });
      await fc.assert(
        fc.asyncProperty(script, async (faults) => {
          const asked = refundOf(await taken());
          const outcomes: RefundOutcome[] = [];
          for (const text of faults) {
            await psp.breakNext('refund', text === 'none' ? [] : [text]);
            outcomes.push(await perform(asked));
          }
          await psp.breakNext('refund', []);
          await psp.settle();
          await expectTrue(psp, asked, outcomes);
          await expectEnded(asked);
        }),
        { numRuns: 5 },
      );
    });
  });
}
